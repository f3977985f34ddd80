/** Facts that go with a log line. Never document text, secrets or tokens. */
export type LogDetails = Readonly<Record<string, string | number | boolean | null>>;

/** Where a session writes what it does. */
export interface WorldLog {
  debug(message: string, details?: LogDetails): void;
  info(message: string, details?: LogDetails): void;
  warn(message: string, details?: LogDetails): void;
  error(message: string, details?: LogDetails): void;
}

/** A log that keeps nothing. */
export const silentLog: WorldLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
