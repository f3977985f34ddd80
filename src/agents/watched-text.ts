import type { Changes } from '../core/change.ts';
import type { LineRange } from '../core/map-position.ts';
import type { Text } from '../core/text.ts';
import { FileFeed } from '../world/file-feed.ts';
import { readFile } from '../world/file-reader.ts';
import { LinkFailure } from '../world/link-failure.ts';
import { Listeners, type StopListening } from '../world/listeners.ts';
import { WorldError } from '../world/world-error.ts';
import type { PresenceEvent } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import { CursorMap, REMEMBERED_OPS } from './cursor-map.ts';

/** A text file that an agent keeps an eye on: its newest text, and where others are in it. */
export class WatchedText {
  readonly fileId: number;
  readonly #feed: FileFeed;
  readonly #cursors: CursorMap;
  readonly #stops: StopListening[];
  readonly #changes: Listeners<Changes>;
  #version: number;
  #text: Text;

  private constructor(session: WorldSession, fileId: number, version: number, text: Text) {
    this.fileId = fileId;
    this.#version = version;
    this.#text = text;
    this.#feed = new FileFeed(session, fileId, version);
    this.#cursors = new CursorMap(version);
    this.#changes = new Listeners((error) =>
      session.log.error('agent.listener_failed', { fileId, error: String(error) }),
    );
    const { view } = session;
    for (const event of cursorsIn(session, fileId)) this.#cursors.move(event);
    this.#stops = [
      this.#feed.onEvent((event) => {
        if (event.tag !== 'committed') return;
        this.#version = event.op.version;
        this.#text = this.#text.apply(event.op.changes);
        this.#cursors.apply(event.op.changes);
        this.#changes.emit(event.op.changes);
      }),
      view.onMovement((event) => {
        if (event.identity === session.identity) return;
        if (event.fileId === fileId) this.#cursors.move(event);
        else this.#cursors.remove(event.connectionId);
      }),
      view.presence.onChange(({ before, after }) => {
        if (before && after?.fileId !== fileId) this.#cursors.remove(before.connectionId);
      }),
    ];
  }

  /** Rejects with `WorldError`, or `LinkFailure` when there is no connection. */
  static async open(session: WorldSession, fileId: number): Promise<WatchedText> {
    const { link, view } = session;
    const head = view.files.get(fileId);
    if (!link) throw new LinkFailure('not connected to the world');
    if (!head) throw new WorldError('no_such_file', `The world has no file ${fileId}`);
    // From where the others' cursors were told, so that they can be moved along up to the head.
    const versions = cursorsIn(session, fileId).map((event) => event.version);
    const recent = versions.filter((version) => version > head.version - REMEMBERED_OPS);
    const from = Math.max(1, Math.min(head.version, ...recent));
    const file = await readFile(link, view, fileId, from);
    if (file.kind !== 'text') throw new WorldError('not_text', `${head.path} is not a text`);
    const watched = new WatchedText(session, fileId, file.version, file.text);
    await watched.#caughtUp();
    return watched;
  }

  get version(): number {
    return this.#version;
  }

  get text(): Text {
    return this.#text;
  }

  /** Lines where others' cursors are. */
  get occupied(): readonly LineRange[] {
    return this.#cursors.occupied;
  }

  /** Every change of the text, the agent's own included, after it happened. */
  onChange(listener: (changes: Changes) => void): StopListening {
    return this.#changes.add(listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#feed.close();
  }

  /** Resolves when everything up to now was delivered; rejects when the connection ends before. */
  #caughtUp(): Promise<void> {
    return this.#feed.whenConnected().catch((error: unknown) => {
      this.close();
      throw error;
    });
  }
}

/** The last movement of every other connection that is in the file. */
function cursorsIn(session: WorldSession, fileId: number): readonly PresenceEvent[] {
  return [...session.view.movements.values()].filter(
    (event) => event.fileId === fileId && event.identity !== session.identity,
  );
}
