import type { SequentialTrace } from '../../test/harness/trace-file.ts';

/**
 * A system under measurement. `startServer` runs in the bench's own process and starts the server in
 * another; `openWriter` runs in a third process, which holds both writers.
 */
export interface Subject {
  startServer(options: ServerOptions): Promise<RunningServer>;
  openWriter(options: WriterOptions): Promise<Writer>;
}

export interface ServerOptions {
  /** Texts with LF line ends, by path, that exist before anybody writes. */
  readonly files: Readonly<Record<string, string>>;
  /** An empty folder on a real disk, removed after the run. */
  readonly dataFolder: string;
  /** Node flags for the server's process, such as `--cpu-prof`. */
  readonly execArgv: readonly string[];
}

export interface RunningServer {
  /** What `openWriter` needs to find the server, and to be let in. */
  readonly connection: string;
  /** The process that stores what is written. */
  readonly processId: number;
  /** Mean size of the stored rows of one-character ops, for a subject that has rows. */
  rowBytesPerKeystroke?(): Promise<number>;
  /** Lets a third member in, who has a file to itself and floods; of our own subject only. */
  flooder?(round: number): Promise<Flooder>;
  close(): Promise<void>;
}

/** Who floods, and where. */
export interface Flooder {
  readonly uri: string;
  readonly database: string;
  readonly token: string;
  readonly fileId: number;
}

export interface WriterOptions {
  readonly connection: string;
  readonly path: string;
  /** Two writers share a file; each types at the end of a line of its own. */
  readonly writerIndex: WriterIndex;
}

export type WriterIndex = 0 | 1;

/** One person's view of the file, with a caret that stays at its place when the other one types. */
export interface Writer {
  text(): string;
  /** Types at the caret; each character is a keystroke and an entry of its own in the history. */
  type(characters: string): void;
  /** Calls back with the number of the other's keystrokes that have just entered this text. */
  onRemote(listener: (keystrokes: number) => void): void;
  /** Resolves when the server has acknowledged all that was typed here. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Encodes a trace's history as the subject stores it, and gives back a function that reads it all
 * from those bytes into a text.
 */
export type PrepareFold = (trace: SequentialTrace) => Promise<() => string | Promise<string>>;

/** Where a child process finds a subject: an ES module and the name of its export. */
export interface SubjectReference {
  readonly module: string;
  readonly exportName: string;
}

/** Thrown by a subject that cannot run yet; the bench shows its peers without it. */
export class NotBuiltError extends Error {
  override readonly name = 'NotBuiltError';
}

/** Where a writer's caret starts: the end of the line a quarter, or three quarters, down the text. */
export function startOffset(text: string, writerIndex: WriterIndex): number {
  const lines = text.split('\n');
  const line = Math.floor((lines.length * (2 * writerIndex + 1)) / 4);
  return lines.slice(0, line + 1).join('\n').length;
}
