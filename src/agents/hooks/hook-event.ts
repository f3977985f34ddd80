/** What a client's hook tells and is told, whatever the client. */

/** What a tool of a client is about to write, as far as it can be known beforehand. */
export type NativeWrite =
  | { readonly kind: 'quotes'; readonly quotes: readonly string[] }
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

interface InSession {
  /** As the client names its session. */
  readonly session: string;
}

export type HookEvent = InSession &
  (
    | { readonly kind: 'session-began' }
    | { readonly kind: 'prompted' }
    | { readonly kind: 'writing'; readonly file: string; readonly write: NativeWrite }
    | { readonly kind: 'wrote'; readonly file: string; readonly written?: WrittenText }
    | { readonly kind: 'read'; readonly file: string; readonly shown?: ShownText }
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
