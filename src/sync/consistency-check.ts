/**
 * Owns: the question whether editor, shadow and world have the same text when nothing is under way
 * (S9), and when to ask it. Does not know: what is done about an answer.
 */
import { sameBytes } from '../core/hash.ts';
import type { ContentHasher } from '../core/content-hash.ts';
import { type DocumentState, isSettled } from './document-state.ts';
import type { Clock, FileHeadState } from './ports.ts';

/** What a check found. */
export type Finding =
  /** Not a moment to compare. */
  | 'busy'
  | 'consistent'
  /** The world has versions that were not delivered. */
  | 'behind'
  /** The confirmed text is not what the world has at that version. */
  | 'confirmed_differs'
  /** The shadow is not the confirmed text although nothing lies between them. */
  | 'shadow_differs'
  /** The editor's text is not the shadow: a change that no event told. */
  | 'editor_differs';

/** Compares all that should be equal when idle. Costs the length of the file once per call. */
export function checkConsistency(
  state: DocumentState,
  editorText: string,
  head: FileHeadState,
  hasher: ContentHasher,
): Finding {
  if (!isSettled(state)) return 'busy';
  const { version, text } = state.confirmed;
  if (head.version > version) return 'behind';
  const confirmedHash = hasher.text(text);
  if (head.version === version && !sameBytes(confirmedHash, head.contentHash)) {
    return 'confirmed_differs';
  }
  if (!sameBytes(hasher.text(state.shadow), confirmedHash)) return 'shadow_differs';
  return state.shadow.toString() === editorText ? 'consistent' : 'editor_differs';
}

/** Calls once when there has been no activity for a while; activity costs a number, not a timer. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #onIdle: () => void;
  #lastActivityMs = 0;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(clock: Clock, idleMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
  }

  noteActivity(): void {
    this.#lastActivityMs = this.#clock.nowMs();
    if (!this.#cancel && !this.#isStopped) this.#wait(this.#idleMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(delayMs: number): void {
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = undefined;
      const leftMs = this.#lastActivityMs + this.#idleMs - this.#clock.nowMs();
      if (leftMs > 0) this.#wait(leftMs);
      else this.#onIdle();
    });
  }
}
