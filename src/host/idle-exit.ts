import type { CancelTimer, Clock } from './clock.ts';
import type { Activity } from './server.ts';

export type IdleReason = 'idle' | 'script_gone';

export interface IdleWatchOptions {
  readonly clock: Clock;
  /** How long nobody may be connected, and nothing asked, before the host ends. */
  readonly idleMs: number;
  /** How often to look whether the host's own script is still installed. */
  readonly scriptPollMs: number;
  activity(): Activity;
  /** False once the extension that brought the host was removed. */
  scriptExists(): boolean;
  onIdle(reason: IdleReason): void;
}

/**
 * Calls `onIdle` once: after `idleMs` without connections and requests, or as soon as nobody is
 * connected when the host's script is gone.
 */
export function watchIdle(options: IdleWatchOptions): CancelTimer {
  const { clock } = options;
  let busyUntilMs = nowMs(clock);
  let cancel: CancelTimer = () => {};

  const look = (): void => {
    const { connections, lastActivityMs } = options.activity();
    const now = nowMs(clock);
    busyUntilMs = Math.max(busyUntilMs, connections > 0 ? now : lastActivityMs);
    if (connections === 0 && !options.scriptExists()) return options.onIdle('script_gone');
    const leftMs = busyUntilMs + options.idleMs - now;
    if (connections === 0 && leftMs <= 0) return options.onIdle('idle');
    cancel = clock.after(Math.max(1, Math.min(leftMs, options.scriptPollMs)), look);
  };

  cancel = clock.after(Math.min(options.idleMs, options.scriptPollMs), look);
  return () => cancel();
}

function nowMs(clock: Clock): number {
  return Number(clock.nowMicros() / 1000n);
}
