import type { RowChange } from '../world/live-rows.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import { Quiet } from './quiet.ts';

export interface QuietWork {
  readonly session: WorldSession;
  readonly signal: AbortSignal;
  /** How long nothing may have happened at a file. */
  readonly quietMs: number;
  /** Files to look at once in any case. */
  readonly atStart?: () => readonly number[];
  /** The file that is to be looked at after this change, if any. */
  readonly subjectOf: (change: RowChange<FileHead>) => number | undefined;
  /** Does the work. `later`: others are in the way; their next movement gives another chance. */
  readonly act: (fileId: number) => Promise<'done' | 'later'>;
}

/**
 * Lets an agent work on files when those who change them have paused. Everything is driven by what
 * others do; one file is worked on at a time. Resolves when the signal aborts; rejects when the work
 * fails or the world is refused or closed.
 */
export async function workWhenQuiet(work: QuietWork): Promise<void> {
  const { session, signal, quietMs, atStart, subjectOf, act } = work;
  await session.whenOnline(signal);
  const { view, identity } = session;
  const postponed = new Set<number>();
  let running = Promise.resolve();
  let end: (error?: unknown) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const perform = async (fileId: number): Promise<void> => {
    postponed.delete(fileId);
    if (signal.aborted || !session.link) return;
    if ((await act(fileId)) === 'later') postponed.add(fileId);
  };
  const quiet = new Quiet<number>(session.clock, quietMs, (fileId) => {
    // A connection that ended says so by the session's state, and the change comes again after it.
    running = running
      .then(() => perform(fileId))
      .catch((error: unknown) => {
        if (session.link || session.state.tag === 'refused') end(error);
      });
  });
  const onAbort = (): void => end();
  signal.addEventListener('abort', onAbort);
  const stops = [
    view.files.onChange((change) => {
      const fileId = subjectOf(change);
      if (fileId !== undefined) quiet.stir(fileId);
    }),
    view.onMovement((event) => {
      if (event.identity === identity) return;
      for (const fileId of postponed) quiet.stir(fileId);
      if (quiet.isWaiting(event.fileId)) quiet.stir(event.fileId);
    }),
    view.presence.onChange(() => {
      for (const fileId of postponed) quiet.stir(fileId);
    }),
  ];
  try {
    if (signal.aborted) return;
    for (const fileId of atStart?.() ?? []) quiet.stir(fileId);
    await ended;
    await running;
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const stop of stops) stop();
    quiet.close();
  }
}
