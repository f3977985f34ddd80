import { closeSync, fstatSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import type { HostLog, LogDetails } from './log.ts';

/** A log in a file that never grows past `maxBytes`, with `keptFiles` older ones beside it. */
export interface FileLog extends HostLog {
  /** From now on, `secret` is written as `<redacted>` wherever it appears. */
  redact(secret: string): void;
  close(): void;
}

export interface FileLogOptions {
  readonly file: string;
  readonly maxBytes?: number;
  readonly keptFiles?: number;
  readonly now?: () => Date;
}

/** Opens the log for appending. Lines are written at once, so that a crash loses none. */
export function openFileLog(options: FileLogOptions): FileLog {
  const { file, maxBytes = 1 << 20, keptFiles = 3, now = () => new Date() } = options;
  const secrets = new Set<string>();
  let descriptor = openForAppending(file);
  let bytes = fstatSync(descriptor).size;

  const write = (level: string, message: string, details?: LogDetails): void => {
    let line = `${now().toISOString()} ${level} [host] ${oneLine(message)}${formatDetails(details)}\n`;
    for (const secret of secrets) line = line.replaceAll(secret, '<redacted>');
    if (bytes > 0 && bytes + line.length > maxBytes) {
      closeSync(descriptor);
      rotateFiles(file, keptFiles);
      descriptor = openForAppending(file);
      bytes = 0;
    }
    bytes += writeSync(descriptor, line);
  };

  return {
    debug() {}, // what only a developer of the host wants is not worth a user's disk
    info: (message, details) => write('info', message, details),
    warn: (message, details) => write('warn', message, details),
    error: (message, details) => write('error', message, details),
    redact: (secret) => void secrets.add(secret),
    close: () => closeSync(descriptor),
  };
}

/** Opens the file that takes a child's raw output, starting a new one past `maxBytes`. */
export function openOutputFile(file: string, maxBytes: number, keptFiles: number): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) rotateFiles(file, keptFiles);
  return openForAppending(file);
}

function openForAppending(file: string): number {
  return openSync(file, 'a', 0o600);
}

/** `host.log` becomes `host.1.log`, `host.1.log` becomes `host.2.log`; the oldest goes. */
function rotateFiles(file: string, keptFiles: number): void {
  rmSync(numbered(file, keptFiles), { force: true });
  for (let age = keptFiles - 1; age >= 0; age -= 1) {
    const older = age === 0 ? file : numbered(file, age);
    if (statSync(older, { throwIfNoEntry: false }) !== undefined) {
      renameSync(older, numbered(file, age + 1));
    }
  }
}

function numbered(file: string, age: number): string {
  return file.replace(/\.log$/, `.${age}.log`);
}

function formatDetails(details: LogDetails | undefined): string {
  if (details === undefined) return '';
  return Object.entries(details)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`)
    .join('');
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
