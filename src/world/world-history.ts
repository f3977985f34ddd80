import { ByteReader } from '../core/byte-reader.ts';
import { ArchiveReader } from '../core/log-archive.ts';
import { OpDecoder } from '../core/op-codec.ts';
import type { OpRecord } from '../core/op.ts';
import type { EncodedOp, LogPart } from '../core/verify-log.ts';
import { readPieces, reading } from './archive-file.ts';
import { addParts, type StoredPart } from './download-log.ts';
import { readHead, readHeadSeq } from './read-head.ts';
import { opsBetween, readOps } from './read-ops.ts';
import type { WorldSession } from './world-session.ts';

/** A world's history from its first op, wherever it is kept. Nothing of it is verified here. */
export interface WorldHistory {
  /** Ops in order, some at a time; the parts of content that they name are there by then. */
  ops(signal?: AbortSignal): AsyncIterable<readonly OpRecord[]>;
  readonly partOf: (key: string) => LogPart | undefined;
  /** The newest op's number, and all ops of the kind `note` up to it, in order. */
  notes(): Promise<WorldNotes>;
}

export interface WorldNotes {
  readonly headSeq: number;
  readonly notes: readonly OpRecord[];
}

/** The history of a world that one is connected to, as it is when it is read. */
export function historyOfSession(session: WorldSession): WorldHistory {
  const parts = new Map<string, StoredPart>();
  return {
    async *ops(signal) {
      const link = await session.whenOnline(signal);
      for await (const ops of opsBetween(session, 0, await readHeadSeq(link))) {
        await addParts(link, parts, ops);
        yield ops;
      }
    },
    partOf: (key) => parts.get(key),
    async notes() {
      const link = await session.whenOnline();
      const { headSeq, known } = await readHead(link, ({ opSeq }) => {
        return { headSeq: opSeq, known: [...session.view.notes.keys()] };
      });
      return { headSeq, notes: await readOps(link, known) };
    },
  };
}

/** The history in an archive. Reading throws `WorldError` `bad_archive`. */
export function historyOfArchive(file: string): WorldHistory {
  const parts = new Map<string, LogPart>();
  const decoder = new OpDecoder();
  async function* entries(signal?: AbortSignal): AsyncGenerator<readonly EncodedOp[]> {
    const reader = new ArchiveReader();
    for await (const piece of readPieces(file, signal)) {
      const found: EncodedOp[] = [];
      for (const entry of reader.push(piece)) {
        if (entry.tag === 'part') parts.set(entry.key, entry.part);
        if (entry.tag === 'op') found.push(entry.op);
      }
      yield found;
    }
    reader.finish();
  }
  const decoded = ({ chainHash, bytes }: EncodedOp): OpRecord => {
    return { ...decoder.read(new ByteReader(bytes)), chainHash };
  };
  const isNote = ({ bytes }: EncodedOp): boolean =>
    decoder.readKind(new ByteReader(bytes)) === 'note';
  return {
    async *ops(signal) {
      for await (const some of entries(signal)) yield some.map(decoded);
    },
    partOf: (key) => parts.get(key),
    notes: () =>
      reading(file, async () => {
        const notes: OpRecord[] = [];
        let headSeq = 0;
        for await (const some of entries()) {
          headSeq += some.length;
          notes.push(...some.filter(isNote).map(decoded));
        }
        return { headSeq, notes };
      }),
  };
}
