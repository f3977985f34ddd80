/** What a client's hook tells and is told, whatever the client. */

export interface QuoteEdit {
  readonly quote: string;
  readonly replacement: string;
  readonly isEvery: boolean;
}

/** What a tool of a client is about to write, as far as it can be known beforehand. */
export type NativeWrite =
  | {
      readonly kind: 'quotes';
      readonly quotes: readonly string[];
      /** The same with what takes their place, one after the other, where that is known. */
      readonly edits?: readonly QuoteEdit[];
    }
  | { readonly kind: 'whole'; readonly text: string }
  /** Where in the file is not known. */
  | { readonly kind: 'somewhere' };

/** What a tool of a client showed its model of a file. */
export interface ShownText {
  readonly text: string;
  /** From 1. */
  readonly firstLine: number;
  readonly isWhole: boolean;
}

/** What a tool of a client made of a file. */
export interface WrittenText {
  readonly text: string;
  /** What it changed a part of; undefined where the agent wrote all of it. */
  readonly before?: string;
}

/** One file that a tool is about to write; its path is absolute where the client says its folder. */
export interface FileToWrite {
  readonly file: string;
  readonly write: NativeWrite;
}

/** One file that a tool has written. */
export interface WrittenFile {
  readonly file: string;
  /** Undefined where that is not known. */
  readonly written?: WrittenText | undefined;
}

interface InSession {
  /** As the client names its session. */
  readonly session: string;
}

export type HookEvent = InSession &
  (
    | { readonly kind: 'session-began' }
    | { readonly kind: 'session-ended' }
    /** `prompt`: what it is asked for; `turn`: as the client calls the turn, where it has a name for it. */
    | { readonly kind: 'prompted'; readonly prompt: string; readonly turn?: string | undefined }
    | { readonly kind: 'writing'; readonly files: readonly FileToWrite[] }
    | { readonly kind: 'wrote'; readonly files: readonly WrittenFile[] }
    /** A tool is about to read; told by clients that do not tell what it shows, or need the file still from then on. */
    | { readonly kind: 'reading'; readonly file: string }
    | { readonly kind: 'read'; readonly file: string; readonly shown?: ShownText | undefined }
    /** `isAgain`: the agent goes on only because a hook asked it to. */
    | { readonly kind: 'stopping'; readonly isAgain: boolean }
  );

export type HookAnswer =
  | { readonly kind: 'nothing' }
  /** The agent is told, and goes on. */
  | { readonly kind: 'told'; readonly text: string }
  /** The write does not happen. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** The agent does not end yet. */
  | { readonly kind: 'goes-on'; readonly reason: string };

export const NOTHING: HookAnswer = { kind: 'nothing' };

/** The form in which one client tells its hooks of events and is answered. */
export interface HookForm {
  /** As turns name the client. */
  readonly client: string;
  /** Whether it tells what its tools read: else nobody knows what an agent has not read. */
  readonly tellsReads: boolean;
  /**
   * True for one that refuses to write over a file that changed since it was read: then the file is kept still from
   * the reading to the write, for as long as a write is waited for.
   */
  readonly needsStill?: boolean;
  /**
   * Undefined for an event that says nothing to us, and for what is no event. `name`: as the command line of the
   * hook names the event; empty where the client says it itself.
   */
  readonly eventOf: (input: unknown, name: string) => HookEvent | undefined;
  /** What the hook prints; undefined for nothing. */
  readonly output: (input: unknown, answer: HookAnswer) => unknown;
}
