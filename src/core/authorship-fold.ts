import { Authorship } from './authorship.ts';
import type { OpRecord } from './op.ts';
import { contentOf } from './op-payload.ts';
import { Originator } from './origin.ts';

/** What authorship needs of an op. */
export type AuthoredOp = Pick<
  OpRecord,
  | 'opSeq'
  | 'opId'
  | 'batchId'
  | 'kind'
  | 'fileId'
  | 'author'
  | 'madeAtMicros'
  | 'payload'
  | 'changes'
>;

/** Who wrote one file, op by op in order from the one that created it. Other files' ops pass by. */
export class FileAuthorship {
  readonly fileId: number;
  readonly #originator = new Originator();
  #authorship: Authorship | undefined;

  constructor(fileId: number) {
    this.fileId = fileId;
  }

  /** Undefined before the file was made, and while it is binary. */
  get current(): Authorship | undefined {
    return this.#authorship;
  }

  /** Takes the next op. Throws RangeError for changes that leave the text: an op before was missing. */
  add(op: AuthoredOp): void {
    if (op.fileId !== this.fileId) return;
    const origin = this.#originator.originOf(op);
    const content = contentOf(op);
    if (content) {
      this.#authorship =
        content.kind === 'text' ? Authorship.of(content.lineCount, origin) : undefined;
    } else if (op.changes.length > 0 && op.kind !== 'conflict') {
      this.#authorship?.apply(op.changes, origin);
    }
  }
}

/** Who wrote the files of a world, from its whole log in order. */
export class WorldAuthorship {
  readonly #files = new Map<number, FileAuthorship>();

  add(op: AuthoredOp): void {
    if (op.fileId === 0) return;
    let file = this.#files.get(op.fileId);
    if (!file) this.#files.set(op.fileId, (file = new FileAuthorship(op.fileId)));
    file.add(op);
  }

  /** Undefined for a file that was never made, or is binary. */
  ofFile(fileId: number): Authorship | undefined {
    return this.#files.get(fileId)?.current;
  }
}

/**
 * Who wrote a file as it was after op `upToSeq`, from its ops in order, the first one included (of
 * other files there may be some between). No snapshot is needed: the text itself plays no part.
 */
export function authorshipOfFile(
  ops: Iterable<AuthoredOp>,
  fileId: number,
  upToSeq = Number.MAX_SAFE_INTEGER,
): Authorship | undefined {
  const file = new FileAuthorship(fileId);
  for (const op of ops) {
    if (op.opSeq > upToSeq) break;
    file.add(op);
  }
  return file.current;
}
