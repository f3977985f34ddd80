/** Facts that go with a log line. Never document text, row contents, keys or tokens. */
export type LogDetails = Readonly<Record<string, string | number | boolean | null>>;

/** Where the host writes what it does. */
export interface HostLog {
  debug(message: string, details?: LogDetails): void;
  info(message: string, details?: LogDetails): void;
  warn(message: string, details?: LogDetails): void;
  error(message: string, details?: LogDetails): void;
}

/** A log that keeps nothing. */
export const silentLog: HostLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
