/**
 * Owns: reading contents of many files of a world, by what the newest part of its history says of them where
 * that will do: then most of them cost no question. Does not know: who wants them, what is kept of the history.
 */
import type { Changes } from '../core/change.ts';
import { sameBytes } from '../core/hash.ts';
import { LineBuffer } from '../core/line-buffer.ts';
import type { Text } from '../core/text.ts';
import { BatchedReads } from '../world/batched-reads.ts';
import type { FileAt } from '../world/file-reader.ts';
import type { Link } from '../world/link.ts';
import type { WorldSession } from '../world/world-session.ts';
import { textHashOf } from './file-bytes.ts';
import type { RecentOps } from './recent-ops.ts';
import type { RecentOp } from './written-versions.ts';

/** A text that a file's wanted version may have been made from. */
export interface NearText {
  readonly text: Text;
  /** The version that it is; left out where nobody knows. */
  readonly version?: number;
  /** True for the text of the wanted version, where it can be told sooner than by its content hash. */
  readonly isWanted?: (text: string) => boolean;
}

export class RecentReads {
  readonly #session: WorldSession;
  readonly #recent: RecentOps;
  readonly #together: BatchedReads;

  constructor(session: WorldSession, recent: RecentOps) {
    this.#session = session;
    this.#recent = recent;
    this.#together = new BatchedReads(session.view);
  }

  /** As `readFile`. What is told of the history is checked against its hashes, whatever it was made from. */
  async read(link: Link, fileId: number, atVersion?: number, near?: NearText): Promise<FileAt> {
    const head = this.#session.view.files.get(fileId);
    const version = Math.min(head?.version ?? 0, atVersion ?? Number.MAX_SAFE_INTEGER);
    if (head?.kind !== 'text' || version <= head.snapshotVersion) {
      return this.#together.read(link, fileId, atVersion, near?.isWanted);
    }
    const known =
      (near && (await this.#madeFrom(near, fileId, version))) ??
      (await this.#madeFromSnapshot(link, fileId, head.snapshotVersion, version));
    return known ?? this.#together.read(link, fileId, atVersion);
  }

  async #madeFrom(
    { text, version: from }: NearText,
    fileId: number,
    version: number,
  ): Promise<FileAt | undefined> {
    const edits =
      from === undefined
        ? (await this.#recent.since(fileId, textHashOf(text), version))?.edits
        : await this.#recent.editsOf(fileId, from, version);
    return edits && edited(text, edits, version);
  }

  async #madeFromSnapshot(
    link: Link,
    fileId: number,
    snapshotVersion: number,
    version: number,
  ): Promise<FileAt | undefined> {
    const edits = await this.#recent.editsOf(fileId, snapshotVersion, version);
    if (!edits) return undefined;
    const snapshot = await this.#together.read(link, fileId, snapshotVersion);
    return snapshot.kind === 'text' ? edited(snapshot.text, edits, version) : undefined;
  }
}

/** A text with edits; undefined where that is not what the history says. */
function edited(base: Text, edits: readonly RecentOp[], version: number): FileAt | undefined {
  const contentHash = edits.at(-1)?.hash;
  if (!contentHash) return undefined;
  try {
    const text = afterAll(
      base,
      edits.map(({ changes }) => changes),
    );
    if (!sameBytes(textHashOf(text), contentHash)) return undefined;
    return { kind: 'text', version, contentHash, text };
  } catch (error) {
    // Changes of another text may lie outside of this one.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function afterAll(base: Text, edits: readonly Changes[]): Text {
  if (edits.length <= FEW_EDITS) return edits.reduce((text, changes) => text.apply(changes), base);
  const buffer = LineBuffer.of(base.toString());
  for (const changes of edits) buffer.apply(changes);
  return buffer.toText();
}

/** For so few it costs less to change the text as it is. */
const FEW_EDITS = 8;
