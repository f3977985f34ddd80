import type { CancelTimer, Clock } from './clock.ts';
import type { StopListening } from './listeners.ts';
import { WONDER_MS } from './watch-connecting.ts';
import type { WorldSession } from './world-session.ts';

/** What somebody waits for, once it takes longer than two seconds. */
export type Wait =
  /** This machine's own host starts. */
  | 'host'
  /** A server has not answered a request. */
  | 'server'
  /** There is no connection to the world's server. */
  | 'connection'
  /** The server is there and loads the world. */
  | 'loading'
  /** The world has not answered for ten seconds. */
  | 'answer';

/** Tells what a session waits for, each time that it takes long, until the returned function is called. */
export function tellWaits(session: WorldSession, tell: (wait: Wait) => void): StopListening {
  let cancel: CancelTimer | undefined;
  const enough = (): void => {
    cancel?.();
    cancel = undefined;
  };
  const look = (): void => {
    const { state } = session;
    if (state.tag === 'connecting' || state.tag === 'offline') {
      cancel ??= session.clock.after(WONDER_MS, () => tell('connection'));
      if (state.tag === 'connecting' && state.isLoading) tell('loading');
    } else enough();
  };
  const stops = [session.onState(look), session.onSlow((isSlow) => isSlow && tell('answer'))];
  look();
  return () => {
    enough();
    for (const stop of stops) stop();
  };
}

/** Tells if a server's answer to a request takes long. */
export function awaitServer<Result>(
  { clock, onWait }: { readonly clock: Clock; readonly onWait?: (wait: Wait) => void },
  answer: Promise<Result>,
): Promise<Result> {
  return onWait === undefined ? answer : tellIfLong(clock, answer, () => onWait('server'));
}

/** Tells if a promise takes long. */
export async function tellIfLong<Result>(
  clock: Clock,
  awaited: Promise<Result>,
  tell: () => void,
): Promise<Result> {
  const cancel = clock.after(WONDER_MS, tell);
  try {
    return await awaited;
  } finally {
    cancel();
  }
}
