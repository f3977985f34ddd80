import { FileAuthorship } from '../core/authorship-fold.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { UNATTRIBUTED } from '../core/unattributed.ts';
import type { ChangedFile } from './changed-file.ts';
import type { ExportFold } from './export-fold.ts';
import type { PlanSource } from './plan-export.ts';

/**
 * Says whose lines are that came back from before the range: of those nothing but the history from its
 * start tells, so it is read once more, for their files only. Mostly there are none.
 */
export async function nameReturned(
  source: PlanSource,
  fold: ExportFold,
  signal: AbortSignal | undefined,
): Promise<void> {
  const files = new Map(
    fold.changed
      .filter(({ unknown }) => unknown.size > 0)
      .map((file) => [file.fileId, new FileHistory(file, fold)]),
  );
  const upTo = fold.head.opSeq;
  if (files.size === 0) return;
  for await (const ops of source.ops(signal)) {
    for (const op of ops) {
      if (op.opSeq > upTo) return;
      files.get(op.fileId)?.take(op);
    }
  }
}

class FileHistory {
  readonly #file: ChangedFile;
  readonly #fold: ExportFold;
  readonly #authorship: FileAuthorship;
  /** Whose folder unattributed work came from, by the op. */
  readonly #answering = new Map<number, IdentityHex>();

  constructor(file: ChangedFile, fold: ExportFold) {
    this.#file = file;
    this.#fold = fold;
    this.#authorship = new FileAuthorship(file.fileId);
  }

  take(op: OpRecord): void {
    this.#authorship.add(op);
    if (op.author === UNATTRIBUTED.identity) this.#answering.set(op.opSeq, op.actor);
    for (const unknown of this.#file.unknown.get(op.opSeq) ?? []) {
      const { line, text } = unknown;
      const [most] = this.#authorship.current?.sharesOf(line, text.length) ?? [];
      // Who brought a folder in need not have written it.
      if (!most || most.isImported || most.newest.opSeq === op.opSeq) continue;
      const nobodys = most.author === UNATTRIBUTED.identity;
      const author = nobodys ? this.#answering.get(most.newest.opSeq)! : most.author;
      unknown.belongTo(author, nobodys);
      this.#fold.credit(author, op);
    }
    this.#file.unknown.delete(op.opSeq);
  }
}
