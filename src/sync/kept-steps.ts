/**
 * Owns: the steps of documents that were closed, for when they are opened again. Does not know:
 * documents, files, or what happened to them meanwhile.
 */
import type { Text } from '../core/text.ts';
import { minimalChanges } from './minimal-changes.ts';
import { recordOthers, type UndoStack } from './undo-stack.ts';

/** About so many bytes are kept, the texts that the steps were made on included. */
const MAX_KEPT = 64 * 1024 * 1024;

interface Kept {
  readonly stack: UndoStack;
  readonly text: Text;
  readonly size: number;
}

export class KeptSteps {
  /** By file, those closed last at the end. */
  readonly #kept = new Map<number, Kept>();
  readonly #seen = new Set<number>();
  #size = 0;

  /** A document was closed with this text. */
  keep(fileId: number, stack: UndoStack, text: Text): void {
    this.#drop(fileId);
    this.#seen.add(fileId);
    const size = (stack.done?.size ?? 0) + (stack.undone?.size ?? 0) + 2 * text.length;
    if (!stack.done && !stack.undone) return;
    this.#kept.set(fileId, { stack, text, size });
    this.#size += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= MAX_KEPT) return;
      this.#drop(oldest);
    }
  }

  /** Those of a file, as they were when it was closed. */
  of(fileId: number): UndoStack | undefined {
    return this.#kept.get(fileId)?.stack;
  }

  /** True for files that were open before: the editor may remember what was done to them, too. */
  wasOpen(fileId: number): boolean {
    return this.#seen.has(fileId);
  }

  /** The steps of a file that is opened again with `text`: what is new in it others did. */
  take(fileId: number, text: Text): UndoStack | undefined {
    const kept = this.#kept.get(fileId);
    if (!kept) return undefined;
    this.#drop(fileId);
    const changes = minimalChanges(kept.text, text.toString());
    return recordOthers(kept.stack, changes, () => kept.text);
  }

  #drop(fileId: number): void {
    this.#size -= this.#kept.get(fileId)?.size ?? 0;
    this.#kept.delete(fileId);
  }
}
