/**
 * Owns: the way of a position between the world's text at some version and the text in the editor.
 * Does not know: whose positions they are.
 */
import type { Changes } from '../core/change.ts';
import { invert } from '../core/invert.ts';
import { type Bias, type LineRange, mapLineRange, mapPosition } from '../core/map-position.ts';
import type { Position } from '../core/position.ts';
import { type DocumentState, remoteChanges, unconfirmedChanges } from '../sync/document-state.ts';
import type { FileFeed } from '../world/file-feed.ts';

const KEPT_OPS = 256;

/** The last ops of a file, for positions that were told at an older version. */
export class RecentOps {
  readonly #ops: { readonly version: number; readonly changes: Changes }[] = [];

  constructor(feed: FileFeed) {
    feed.onEvent((event) => {
      if (event.tag !== 'committed') return;
      this.#ops.push(event.op);
      if (this.#ops.length > KEPT_OPS) this.#ops.shift();
    });
  }

  /** The changes of the known ops from one version to another, in order. */
  between(version: number, lastVersion: number): readonly Changes[] {
    return this.#ops
      .filter((op) => op.version > version && op.version <= lastVersion)
      .map(({ changes }) => changes);
  }
}

/** Maps positions for one moment of a document. */
export class DocumentPositions {
  readonly #state: DocumentState;
  readonly #recent: RecentOps;

  constructor(state: DocumentState, recent: RecentOps) {
    this.#state = state;
    this.#recent = recent;
  }

  /** The version that positions told to others are relative to. */
  get version(): number {
    return this.#state.confirmed.version;
  }

  /** True while text of the world is on its way into the editor; that it is there is told as a change. */
  get awaitsText(): boolean {
    return remoteChanges(this.#state.remote).length > 0;
  }

  /** Where a position of the editor's text is in the confirmed version, without what is not sent. */
  toWorld(position: Position): Position {
    const { remote, confirmed } = this.#state;
    const own = unconfirmedChanges(this.#state);
    const withRemote = mapPosition(position, remoteChanges(remote), 'before');
    return own.length === 0
      ? withRemote
      : mapPosition(withRemote, invert(own, confirmed.text), 'before');
  }

  /** Where whole lines of the editor's text are in the confirmed version, without what is not sent. */
  linesToWorld(lines: LineRange): LineRange {
    const { remote, confirmed } = this.#state;
    const own = unconfirmedChanges(this.#state);
    const withRemote = mapLineRange(lines, remoteChanges(remote));
    return own.length === 0 ? withRemote : mapLineRange(withRemote, invert(own, confirmed.text));
  }

  /** Where a position of the world's text at a version is in the editor's. */
  toEditor(position: Position, version: number): Position {
    const { remote, shadow, confirmed } = this.#state;
    let moved = position;
    for (const changes of this.#recent.between(version, confirmed.version)) {
      moved = mapPosition(moved, changes, 'after');
    }
    moved = mapPosition(moved, unconfirmedChanges(this.#state), OWN_TEXT);
    const coming = remoteChanges(remote);
    return coming.length === 0 ? moved : mapPosition(moved, invert(coming, shadow), 'before');
  }

  /** Where whole lines of the world's text at a version are in the editor's. */
  linesToEditor(lines: LineRange, version: number): LineRange {
    const { remote, shadow, confirmed } = this.#state;
    let moved = lines;
    for (const changes of this.#recent.between(version, confirmed.version)) {
      moved = mapLineRange(moved, changes);
    }
    moved = mapLineRange(moved, unconfirmedChanges(this.#state));
    const coming = remoteChanges(remote);
    return coming.length === 0 ? moved : mapLineRange(moved, invert(coming, shadow));
  }
}

/** What the user types where somebody's cursor stands does not push it along. */
const OWN_TEXT: Bias = 'before';
