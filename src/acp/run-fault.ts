import type { RunError, RunErrorCode } from './agent-run.ts';

/** Why a run cannot begin, or go on. */
export class RunFault extends Error {
  readonly code: RunErrorCode;
  readonly next: string;

  constructor(code: RunErrorCode, message: string, next = '') {
    super(message);
    this.name = 'RunFault';
    this.code = code;
    this.next = next;
  }

  get told(): RunError {
    const { code, message, next } = this;
    return { code, message, next };
  }
}

/** What failed on the way into the world; errors of a window's own parts are told by their codes. */
export function faultOf(error: unknown): RunFault {
  if (error instanceof RunFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'removed' || code === 'not_a_member') {
    return new RunFault('removed', `The agent is no member of this world any more: ${message}`);
  }
  const next = 'Look whether the world can be reached, and try again.';
  return new RunFault('world_unreachable', `The world cannot be entered: ${message}`, next);
}
