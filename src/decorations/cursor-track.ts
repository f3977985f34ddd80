import type { Changes } from '../core/change.ts';
import { type Bias, mapPosition } from '../core/map-position.ts';
import { comparePositions, type Position } from '../core/position.ts';

/** A selection; `active` is where the cursor stands. */
export interface TrackedSelection {
  readonly anchor: Position;
  readonly active: Position;
}

/** Where one other participant is in one document. */
export interface TrackedCursor {
  readonly connectionId: string;
  readonly selections: readonly TrackedSelection[];
}

/** The cursors of others in one document, moved along with its text between their own reports. */
export class CursorTrack {
  readonly #cursors = new Map<string, TrackedCursor>();

  get isEmpty(): boolean {
    return this.#cursors.size === 0;
  }

  cursors(): Iterable<TrackedCursor> {
    return this.#cursors.values();
  }

  /** True when the participant is where they were: told again, not moved. */
  has({ connectionId, selections }: TrackedCursor): boolean {
    const known = this.#cursors.get(connectionId)?.selections;
    return (
      known?.length === selections.length &&
      selections.every(({ anchor, active }, index) => {
        const before = known[index]!;
        return (
          comparePositions(anchor, before.anchor) === 0 &&
          comparePositions(active, before.active) === 0
        );
      })
    );
  }

  /** Replaces what is known of one participant; no selections means they left. */
  put(cursor: TrackedCursor): void {
    if (cursor.selections.length === 0) this.#cursors.delete(cursor.connectionId);
    else this.#cursors.set(cursor.connectionId, cursor);
  }

  /** Says whether there was one. */
  remove(connectionId: string): boolean {
    return this.#cursors.delete(connectionId);
  }

  /**
   * Moves all cursors over a change of the document. Text that arrives at a cursor pushes it along
   * (`after`), text that the user types there does not (`before`).
   */
  move(changes: Changes, bias: Bias): void {
    for (const [connectionId, cursor] of this.#cursors) {
      this.#cursors.set(connectionId, {
        connectionId,
        selections: cursor.selections.map((selection) => moveSelection(selection, changes, bias)),
      });
    }
  }
}

function moveSelection(
  { anchor, active }: TrackedSelection,
  changes: Changes,
  bias: Bias,
): TrackedSelection {
  const moved = mapPosition(active, changes, bias);
  if (comparePositions(anchor, active) === 0) return { anchor: moved, active: moved };
  return { anchor: mapPosition(anchor, changes, bias), active: moved };
}
