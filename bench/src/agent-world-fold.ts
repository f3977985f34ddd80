import { BinaryReader, BinaryWriter, Identity, ProductType, Timestamp } from 'spacetimedb';
import { CHAIN_START, ChainHasher } from '../../src/core/chain.ts';
import { type Changes, replace } from '../../src/core/change.ts';
import { compose } from '../../src/core/compose.ts';
import { ContentHasher } from '../../src/core/content-hash.ts';
import { toHex } from '../../src/core/hash.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import { LineBuffer } from '../../src/core/line-buffer.ts';
import { ArchiveVerifier, ArchiveWriter } from '../../src/core/log-archive.ts';
import { writePayload } from '../../src/core/op-payload.ts';
import type { OpKind, SubmittedOp } from '../../src/core/op.ts';
import { Text } from '../../src/core/text.ts';
import { type LogFault, LogVerifier } from '../../src/core/verify-log.ts';
import type { Row } from '../../src/world/bindings.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { opRecordOf } from '../../src/world/world-rows.ts';
import type { SequentialTrace } from '../../test/harness/trace-file.ts';
import { opRowType } from './op-row-bytes.ts';
import type { PrepareFold } from './subject.ts';
import { TraceText } from './trace-text.ts';

/**
 * The verified fold: the chain at every op, the content hash at snapshots and at the end. From an
 * archive, as backups are.
 */
export const prepareAgentWorldFold: PrepareFold = (trace) => {
  const pieces = archiveOf(new LogOfTrace(trace));
  return Promise.resolve(() => {
    const verifier = new ArchiveVerifier(nativeHash);
    for (const piece of pieces) fitOrThrow(verifier.push(piece));
    fitOrThrow(verifier.finish());
    return textAtTheEnd(verifier.log);
  });
};

/** The same from the rows of a world, as the client library reads them. */
export const prepareAgentWorldRowFold: PrepareFold = (trace) => {
  const log = new LogOfTrace(trace);
  const writer = new BinaryWriter(1 << 20);
  for (const row of log.rows) writeRow(writer, row);
  const bytes = writer.getBuffer();
  const { parts } = log;
  return Promise.resolve(() => {
    const verifier = new LogVerifier(nativeHash, (key) => ({ text: parts.get(key) }));
    const reader = new BinaryReader(bytes);
    while (reader.remaining > 0) {
      fitOrThrow(verifier.add(opRecordOf(readRow(reader) as Row<'file_op'>)));
    }
    fitOrThrow(verifier.finish());
    return textAtTheEnd(verifier);
  });
};

/** In pieces of the size in which files are read. */
function archiveOf({ rows, parts }: LogOfTrace): Uint8Array[] {
  const writer = new ArchiveWriter();
  const frames = [writer.start()];
  for (const [key, text] of parts) frames.push(writer.part(key, { text }));
  for (const row of rows) frames.push(writer.op(opRecordOf(row)));
  frames.push(writer.end());
  const whole = Buffer.concat(frames);
  const count = Math.ceil(whole.length / pieceBytes);
  return Array.from({ length: count }, (_, index) =>
    whole.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
}

function fitOrThrow(fault: LogFault | undefined): void {
  if (fault) throw new Error(`op ${fault.opSeq} does not fit: ${fault.kind}`);
}

function textAtTheEnd(verifier: LogVerifier): string {
  const [file] = verifier.files();
  if (!(file?.content instanceof LineBuffer)) throw new Error('there is no text');
  return file.content.toString();
}

const pieceBytes = 64 * 1024;
const readRow = ProductType.makeDeserializer(opRowType);
const writeRow = ProductType.makeSerializer(opRowType);
const author = new Identity('c2'.repeat(32));

/** Writes the rows and parts of content that a world has after one person typed a trace. */
class LogOfTrace {
  /** Texts of stored parts by their keys. */
  readonly parts = new Map<string, string>();
  readonly rows: Row<'file_op'>[] = [];
  private readonly chain = new ChainHasher(nativeHash);
  private readonly hasher = new ContentHasher(nativeHash);
  private text: Text;
  private hash: Uint8Array;
  private chainHash: Uint8Array = CHAIN_START;
  private opSeq = 0;
  private version = 1;

  constructor({ startContent, transactions }: SequentialTrace) {
    this.text = Text.of(startContent);
    this.hash = this.hasher.text(this.text);
    this.create(startContent);
    const traced = new TraceText(startContent);
    for (const { patches } of transactions) {
      let changes: Changes = [];
      for (const { position, deletedCount, inserted } of patches) {
        const { start, end } = traced.replace(position, deletedCount, inserted);
        changes = compose(changes, [replace(start, end, inserted)]);
      }
      this.edit(changes);
      if (this.version % DEFAULT_LIMITS.versionsPerSnapshot === 0) this.checkpoint();
    }
  }

  private create(content: string): void {
    const shape = { kind: 'text', eol: 'lf', bom: false } as const;
    const byteLength = Buffer.byteLength(content);
    const { lineCount } = this.text;
    const payload = { ...shape, byteLength, lineCount, parts: this.storeParts() };
    this.append('create', {
      payload: writePayload('create', { path: 'trace.txt', mode: 'regular', content: payload }),
    });
  }

  private edit(changes: Changes): void {
    const beforeHash = this.hash;
    this.text = this.text.apply(changes);
    this.hash = this.hasher.text(this.text);
    this.version += 1;
    this.append('edit', { changes, beforeHash });
  }

  private checkpoint(): void {
    const payload = writePayload('checkpoint', { kind: 'text', parts: this.storeParts() });
    this.append('checkpoint', { payload });
  }

  private storeParts(): string[] {
    return this.text.groups.map((group) => {
      const key = toHex(this.hasher.group(group));
      this.parts.set(key, group.chunks.map(({ content }) => content).join('\n'));
      return key;
    });
  }

  private append(
    kind: OpKind,
    {
      changes = [],
      payload = '',
      beforeHash = this.hash,
    }: { changes?: Changes; payload?: string; beforeHash?: Uint8Array },
  ): void {
    this.opSeq += 1;
    const expectedBaseVersion = this.version - 1;
    const op: SubmittedOp = {
      opId: newUuid(Date.now(), systemRandomBytes),
      fileId: 1,
      expectedBaseVersion,
      intent: 'typing',
      author: '',
      carriedFrom: 0,
      overlaps: [],
      rangeHashes: [],
      changes,
    };
    const row: Row<'file_op'> = {
      ...op,
      opSeq: this.opSeq,
      batchId: newUuid(Date.now(), systemRandomBytes),
      version: this.version,
      kind,
      actor: author,
      author,
      madeAt: new Timestamp(BigInt(Date.now()) * 1000n),
      changes: [...changes],
      payload,
      overlaps: [],
      overwrote: [],
      firstLine: changes[0]?.startLine ?? 0,
      lastLine: changes.at(-1)?.endLine ?? 0,
      lineDelta: 0,
      payloadHash: this.chain.payload(op),
      beforeHash,
      afterHash: this.hash,
      chainHash: new Uint8Array(),
    };
    this.chainHash = this.chain.link(this.chainHash, opRecordOf(row));
    this.rows.push({ ...row, chainHash: this.chainHash });
  }
}
