import type { WorldLog } from '../../src/world/log.ts';

/** A log that keeps what would be a bug in any run, for a test to find none at its end. */
export function keptErrors(): { readonly log: WorldLog; kept(): readonly string[] } {
  const kept: string[] = [];
  const log: WorldLog = {
    debug() {},
    info() {},
    warn() {},
    error: (message, details) => void kept.push(`${message} ${JSON.stringify(details ?? {})}`),
  };
  return { log, kept: () => kept };
}
