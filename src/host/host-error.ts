/** Stable codes of what can go wrong around the embedded host's life. */
export type HostErrorCode =
  | 'already_running'
  | 'bad_arguments'
  | 'cancelled'
  | 'home_unsafe'
  | 'home_unusable'
  | 'host_crashed'
  | 'host_unresponsive'
  | 'port_taken'
  | 'runtime_not_found'
  | 'runtime_too_old'
  | 'start_failed'
  | 'start_timeout'
  | 'stop_timeout';

/** An expected failure: `code` is for programs, `message` for the person who reads it. */
export class HostError extends Error {
  readonly code: HostErrorCode;

  constructor(code: HostErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostError';
    this.code = code;
  }
}

/** The system's code of a failed call (`ENOENT`, `EADDRINUSE`, …), if the error carries one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
