/**
 * Owns: what the user types into a document before it is bound, and telling which of that a world
 * has already, because the document was saved and the folder's mirror took it from disk. Does not
 * know: how texts of the world are read.
 */
import type { Changes } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { Text } from '../core/text.ts';
import { minimalChanges, sizeOfChanges } from '../sync/minimal-changes.ts';
import type { DocumentChange, StopListening } from '../sync/ports.ts';
import type { DocumentPort } from './document-port.ts';

/** Comparing texts that are not the same costs a search for differences. */
const MAX_COMPARED = 30;
/** The same of texts that no ops lead on from. */
const MAX_OTHERS_COMPARED = 10;

/** Edits on one of several texts, given by its place in their lists, which follow each other. */
export interface TypedEdits {
  readonly world: number;
  readonly changes: Changes;
  /** The number of the doubt about who made them, where all of them are in doubt. */
  readonly doubt?: number | undefined;
}

export class UnboundEdits {
  readonly #stop: StopListening;
  readonly #port: DocumentPort;
  readonly #isKnown: boolean;
  /** The texts that the document has had since it was seen or loaded, and what led to the next. */
  #texts: Text[];
  #changes: Pick<DocumentChange, 'changes' | 'doubt'>[] = [];
  /** False for a document found dirty, as after a reload of the window, or dirty as soon as it was opened. */
  #isFromDisk: boolean;

  /** `isKnown`: what the document shows is nobody's unsaved text, dirty or not. */
  constructor(port: DocumentPort, isKnown = false) {
    this.#port = port;
    this.#isKnown = isKnown;
    this.#texts = [Text.of(port.text())];
    this.#isFromDisk = isKnown || !port.document.isDirty;
    this.#stop = port.onChange((event) => this.#follow(event));
  }

  /** What a document that was found dirty had then: text that the editor kept through a reload. */
  get restoredText(): Text | undefined {
    return this.#isFromDisk ? undefined : this.#texts[0];
  }

  /** What it was loaded with from disk, before anything was typed; undefined where the editor had text of its own. */
  get loadedText(): Text | undefined {
    return this.#isFromDisk ? this.#texts[0] : undefined;
  }

  /**
   * The editor says that the document is not saved, without having changed it: what it was opened with is text of its
   * own, unless that is known to be nobody's. VS Code opens a file so that was moved with what is typed in it, and
   * tells a moment later that it is dirty.
   */
  becameDirty(): void {
    if (this.#changes.length === 0 && !this.#isKnown) this.#isFromDisk = false;
  }

  /** True when the document may have text of the user's that no disk and no world has. */
  get mayHaveEdits(): boolean {
    return !this.#isFromDisk || this.#changes.length > 0;
  }

  /**
   * Ends collecting: what the user has typed, and on which of `worlds`: texts that the world's file
   * has had, the newest first, at least one. What the world did after that text is still to come, so
   * that the user's edits are judged against it. `others` are older ones, or what it showed of bytes, from which
   * nothing that the world did leads on to those.
   */
  finish(worlds: readonly Text[], others: readonly Text[] = []): TypedEdits {
    this.#stop();
    if (!this.mayHaveEdits) return { world: 0, changes: [] };
    return this.#sinceWorld([...worlds, ...others]) ?? this.#sinceNearest(worlds, others);
  }

  #follow({ cause, changes, doubt }: DocumentChange): void {
    if (cause === 'disk') {
      this.#texts = [Text.of(this.#port.text())];
      this.#changes = [];
      this.#isFromDisk = true;
    } else {
      this.#texts.push(this.#texts.at(-1)!.apply(changes));
      this.#changes.push({ changes, doubt });
    }
  }

  /**
   * The latest text of the document that the world has had too, and what was typed on it. A text that
   * came by typing counts only where the world had it later than the one typed on: who types a file
   * back to what it once was has typed.
   */
  #sinceWorld(worlds: readonly Text[]): TypedEdits | undefined {
    const first = indexOfText(worlds, this.#texts[0]!);
    const later = first === -1 ? worlds : worlds.slice(0, first);
    for (let index = this.#texts.length - 1; index >= 0; index--) {
      const world = index === 0 ? first : indexOfText(later, this.#texts[index]!);
      if (world >= 0) {
        const made = this.#changes.slice(index);
        const changes = made.reduce<Changes>((all, next) => compose(all, next.changes), []);
        return { world, changes, doubt: doubtOf(made) };
      }
    }
    return undefined;
  }

  #sinceNearest(worlds: readonly Text[], others: readonly Text[]): TypedEdits {
    const shown = this.#texts.at(-1)!.toString();
    const compared = [
      ...[...worlds.entries()].slice(0, MAX_COMPARED),
      ...others
        .slice(0, MAX_OTHERS_COMPARED)
        .map((text, at) => [worlds.length + at, text] as const),
    ];
    const found = compared.map(([world, text]) => {
      const changes = minimalChanges(text, shown);
      return { world, changes, size: sizeOfChanges(changes, text) };
    });
    return found.reduce((best, each) => (each.size < best.size ? each : best));
  }
}

/** What is known of the last is known of all: they wait for the same. */
function doubtOf(made: readonly Pick<DocumentChange, 'doubt'>[]): number | undefined {
  return made.every(({ doubt }) => doubt !== undefined) ? made.at(-1)?.doubt : undefined;
}

function indexOfText(texts: readonly Text[], wanted: Text): number {
  return texts.findIndex(
    (each) => each.length === wanted.length && each.toString() === wanted.toString(),
  );
}
