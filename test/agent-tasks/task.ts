/**
 * Owns: the form of a task for an agent that edits files while others do. It names no tool of anybody:
 * the same tasks are given to the tools of a world and to a plain folder.
 */

/** What an agent calls, as far as all clients have it. */
export type TaskCall =
  | {
      readonly tool: 'replace';
      readonly path: string;
      readonly old: string;
      readonly new: string;
    }
  /** Lines by their numbers, from 1, both included. */
  | {
      readonly tool: 'lines';
      readonly path: string;
      readonly from: number;
      readonly to: number;
      readonly text: string;
    }
  | { readonly tool: 'write'; readonly path: string; readonly text: string }
  | { readonly tool: 'patch'; readonly text: string };

/** What somebody else does after the agent has read. */
export type OtherAct =
  | {
      readonly does: 'replace';
      readonly path: string;
      readonly old: string;
      readonly new: string;
    }
  | { readonly does: 'rename'; readonly path: string; readonly to: string }
  | { readonly does: 'delete'; readonly path: string }
  | { readonly does: 'create'; readonly path: string; readonly text: string };

export interface AgentTask {
  readonly name: string;
  /** As they are on disk, by path: the agent reads all of them, or `reads`. */
  readonly files: Readonly<Record<string, string>>;
  readonly reads?: readonly string[];
  /** What the agent itself did well before others came. */
  readonly earlier?: readonly TaskCall[];
  readonly others: readonly OtherAct[];
  /** With the mistake that models make. */
  readonly first: TaskCall;
  /** The same call reaches the tools twice. */
  readonly again?: boolean;
  /** The line that the agent means, in the text that it read. */
  readonly place?: { readonly line: number };
  /** Every file as it must be in the end that is not as others left it; null: gone. */
  readonly meant?: Readonly<Record<string, string | null>>;
  /** What is meant where nothing may be done: it has to wait for a decision, or that or a refusal. */
  readonly outcome?: 'ticket' | 'nothing';
  /** Text that must be there in the end, by path. */
  readonly keeps?: Readonly<Record<string, readonly string[]>>;
  readonly gone?: readonly string[];
}
