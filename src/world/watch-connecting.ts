import type { CancelTimer, Clock } from './clock.ts';
import { askServer, describeServer } from './server-request.ts';
import { WorldError } from './world-error.ts';

export interface WatchConnectingOptions {
  readonly uri: string;
  readonly clock: Clock;
  /** The server answers, but the world does not yet: a server loads one when somebody asks for it. */
  readonly onLoading: () => void;
  /** Nobody answers there: `WorldError` `unreachable`. */
  readonly onUnreachable: (error: WorldError) => void;
}

/** An attempt to connect that takes longer than this is looked into. */
export const WONDER_MS = 2_000;
const PING_TIMEOUT_MS = 10_000;

/** Looks into an attempt to connect that takes long, until the returned function is called. */
export function watchConnecting(options: WatchConnectingOptions): CancelTimer {
  const { uri, clock, onLoading, onUnreachable } = options;
  const ending = new AbortController();
  const wonder = async (): Promise<void> => {
    const isThere = await answers(uri, ending.signal);
    if (ending.signal.aborted) return;
    if (isThere) onLoading();
    else onUnreachable(new WorldError('unreachable', `No answer from ${describeServer(uri)}`));
  };
  const cancelWonder = clock.after(WONDER_MS, () => void wonder());
  return () => {
    cancelWonder();
    ending.abort();
  };
}

async function answers(uri: string, signal: AbortSignal): Promise<boolean> {
  try {
    const request = {
      uri,
      path: 'v1/ping',
      method: 'GET',
      signal,
      timeoutMs: PING_TIMEOUT_MS,
    } as const;
    return (await askServer(request)).status === 200;
  } catch (error) {
    if (error instanceof WorldError) return false;
    throw error;
  }
}
