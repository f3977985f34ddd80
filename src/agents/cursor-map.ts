import type { Changes } from '../core/change.ts';
import { mapPosition, type LineRange } from '../core/map-position.ts';
import type { Position } from '../core/position.ts';
import type { PresenceEvent } from '../world/world-rows.ts';

/** Ops that cursors of older versions are moved over; a cursor older than that is nowhere. */
export const REMEMBERED_OPS = 500;

interface Selected {
  readonly start: Position;
  readonly end: Position;
}

/** Where others' cursors are in one file, moved along as the text changes. */
export class CursorMap {
  #version: number;
  readonly #ops: Changes[] = [];
  readonly #cursors = new Map<string, readonly Selected[]>();
  /** Movements on versions that have not come yet. */
  #early: PresenceEvent[] = [];

  constructor(version: number) {
    this.#version = version;
  }

  /** The lines that anybody's selections touch, in the newest version. */
  get occupied(): readonly LineRange[] {
    return [...this.#cursors.values()].flat().map(({ start, end }) => ({
      firstLine: Math.min(start.line, end.line),
      lastLine: Math.max(start.line, end.line),
    }));
  }

  /** Somebody moved in this file. */
  move(event: PresenceEvent): void {
    if (event.version > this.#version) {
      this.#early.push(event);
      return;
    }
    const missed = this.#version - event.version;
    if (missed > this.#ops.length) return;
    const since = this.#ops.slice(this.#ops.length - missed);
    const selections = event.selections.map((selection) => ({
      start: moveOver({ line: selection.anchorLine, character: selection.anchorCharacter }, since),
      end: moveOver({ line: selection.activeLine, character: selection.activeCharacter }, since),
    }));
    this.#cursors.set(event.connectionId, selections);
  }

  /** A connection ended, or its member went to another file. */
  remove(connectionId: string): void {
    this.#cursors.delete(connectionId);
  }

  /** The text went on by one version. */
  apply(changes: Changes): void {
    this.#version += 1;
    this.#ops.push(changes);
    if (this.#ops.length > REMEMBERED_OPS) this.#ops.shift();
    for (const [connectionId, selections] of this.#cursors) {
      const moved = selections.map(({ start, end }) => ({
        start: mapPosition(start, changes, 'after'),
        end: mapPosition(end, changes, 'after'),
      }));
      this.#cursors.set(connectionId, moved);
    }
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.move(event);
  }
}

function moveOver(position: Position, ops: readonly Changes[]): Position {
  return ops.reduce((moved, changes) => mapPosition(moved, changes, 'after'), position);
}
