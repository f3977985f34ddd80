/**
 * Tells typing from loading. Owns: the decision what caused each event of one document. Knows nothing
 * of VS Code's objects, of sync, or of time.
 *
 * Measured in VS Code 1.139: an event carries the dirty flag of the moment before it. So the first key
 * on a clean document looks like a reload, until the event without changes that follows at once says
 * "dirty". A reload is followed by nothing, or by an event that says "clean". A revert comes with the
 * flag already clean although the last event said "dirty".
 */

/** What an event of the editor says. */
export interface ObservedEvent {
  readonly isDirty: boolean;
  readonly reason: 'undo' | 'redo' | undefined;
  /** How many changes it has; none when only the dirty flag changed. */
  readonly changeCount: number;
}

export type Cause = 'edit' | 'undo' | 'redo' | 'disk';

/** `undecided`: the next event decides, or `settle` when the editor has nothing more to say. */
export interface Decisions {
  /** The cause of the event that was undecided until now. */
  readonly held: Cause | undefined;
  /** The cause of this event; undefined when it changed no text. */
  readonly own: Cause | 'undecided' | undefined;
}

export class ChangeClassifier {
  #wasDirty: boolean;
  #isHolding = false;

  constructor(isDirty: boolean) {
    this.#wasDirty = isDirty;
  }

  /** True while an event waits for its cause. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  observe(event: ObservedEvent): Decisions {
    const held = this.#decideHeld(event);
    const own = event.changeCount === 0 ? undefined : this.#causeOf(event);
    this.#isHolding = own === 'undecided';
    this.#wasDirty = event.isDirty;
    return { held, own };
  }

  /** Everything that the editor sent before now has been observed: what still waits was a reload. */
  settle(): Cause | undefined {
    if (!this.#isHolding) return undefined;
    this.#isHolding = false;
    return 'disk';
  }

  #decideHeld(event: ObservedEvent): Cause | undefined {
    if (!this.#isHolding) return undefined;
    // Typing would have been followed by "dirty" before any other change could come.
    return event.isDirty ? 'edit' : 'disk';
  }

  #causeOf(event: ObservedEvent): Cause | 'undecided' {
    if (event.reason !== undefined) return event.reason;
    if (event.isDirty) return 'edit';
    return this.#wasDirty ? 'disk' : 'undecided';
  }
}
