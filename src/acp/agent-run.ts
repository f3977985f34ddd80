/**
 * What whoever shows an agent at work needs of it: one client that speaks the Agent Client Protocol in its own
 * folder, from its start to its end. Types only, so that it is loaded with nothing.
 */
import type { AddedAgent } from '../agents/clients/added-agents.ts';
import type { RunClient } from './run-clients.ts';

export type RunState =
  /** The world, the process, the handshake, the session. */
  | 'starting'
  /** It takes a prompt. */
  | 'ready'
  /** A prompt is under way: a turn is open. */
  | 'working'
  /** The same, and a permission is asked for that nobody has answered. */
  | 'asking'
  /** `cancel` was called, and the client has not ended its prompt yet. */
  | 'cancelling'
  /** `stop` was called, or something failed; a process may be left. */
  | 'ending'
  /** By `stop`, and no process is left. */
  | 'ended'
  /** `error` says why, and no process is left. */
  | 'failed';

export type RunErrorCode =
  /** The program is not on the path. */
  | 'client_missing'
  /** It ended by itself. */
  | 'client_died'
  /** No answer in time while it started. */
  | 'client_silent'
  /** What it says is not the protocol. */
  | 'client_garbled'
  /** One message is above the limit. */
  | 'client_too_long'
  /** It answered by an error while it started; the message has its words, cut. */
  | 'client_refused'
  | 'protocol_version'
  /** The person has to sign in, in a terminal. */
  | 'sign_in'
  | 'world_unreachable'
  | 'removed'
  | 'folder_gone'
  /** A window runs a client in that folder, in a panel or a terminal. */
  | 'folder_busy'
  /** Nobody keeps the folder in step with the world, and it could not be begun. */
  | 'folder_not_kept';

export interface RunError {
  readonly code: RunErrorCode;
  /** One sentence. */
  readonly message: string;
  /** What the person can do now; empty where nothing is. */
  readonly next: string;
}

export type ToolKind =
  | 'read'
  | 'edit'
  | 'delete'
  | 'move'
  | 'search'
  | 'execute'
  | 'think'
  | 'fetch'
  | 'switch_mode'
  | 'other';

export interface ToolLocation {
  /** In the world; empty for what is outside of the agent's folder. */
  readonly path: string;
  /** On this disk, as the client names it. */
  readonly file: string;
  /** From 1. */
  readonly line: number | undefined;
}

export interface ToolDiff {
  readonly path: string;
  readonly file: string;
  /** Undefined for a new file. */
  readonly oldText: string | undefined;
  readonly newText: string;
  /** Either text was too long to be kept. */
  readonly isCut: boolean;
}

export interface ToolCall {
  /** As the client calls it. */
  readonly toolCallId: string;
  readonly title: string;
  readonly kind: ToolKind;
  readonly status: 'pending' | 'in_progress' | 'completed' | 'failed';
  readonly locations: readonly ToolLocation[];
  readonly diffs: readonly ToolDiff[];
  /** Its other output. */
  readonly text: string;
}

export interface PermissionOption {
  readonly optionId: string;
  readonly name: string;
  readonly kind: 'allow_once' | 'allow_always' | 'reject_once' | 'reject_always';
}

export interface PlanStep {
  readonly text: string;
  readonly priority: 'high' | 'medium' | 'low';
  readonly status: 'pending' | 'in_progress' | 'completed';
}

export type PermissionOutcome =
  | { readonly tag: 'open' }
  | { readonly tag: 'selected'; readonly optionId: string }
  | { readonly tag: 'cancelled' };

export type TurnEnd =
  'end_turn' | 'max_tokens' | 'max_turn_requests' | 'refusal' | 'cancelled' | 'error';

/** A file of the world that is put along with a prompt. */
export interface PromptFile {
  readonly path: string;
  /** Lines of it from 1, as the person sees them; all of it where nothing is said. */
  readonly part?: { readonly first: number; readonly last: number; readonly text: string };
}

/** What an entry tells. An entry that changes is replaced under its id. */
export type RunContent =
  | {
      readonly kind: 'prompt';
      readonly text: string;
      /** Of what was put along. */
      readonly locations: readonly ToolLocation[];
    }
  /** Markdown. `isOpen`: more of it may come. `isCut`: its end was left out. */
  | {
      readonly kind: 'answer' | 'thought';
      readonly text: string;
      readonly isOpen: boolean;
      readonly isCut: boolean;
    }
  /** One a turn. */
  | { readonly kind: 'plan'; readonly steps: readonly PlanStep[] }
  | { readonly kind: 'tool'; readonly tool: ToolCall }
  | {
      readonly kind: 'permission';
      readonly tool: ToolCall;
      readonly options: readonly PermissionOption[];
      readonly outcome: PermissionOutcome;
    }
  /** A file request of the client that was refused, and why. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly wanted: 'read' | 'write';
      readonly message: string;
    }
  | { readonly kind: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  /** A prompt is over. */
  | { readonly kind: 'end'; readonly reason: TurnEnd };

export type RunEntry = RunContent & {
  readonly id: string;
  /** Since 1970. */
  readonly atMs: number;
};

/** What the client tells of itself. */
export interface RunAbout {
  /** Of the session; empty for none. */
  readonly title: string;
  /** Of the client, with its name. */
  readonly version: string;
  readonly modes: readonly { readonly id: string; readonly name: string }[];
  /** The id of one of them; empty for none. */
  readonly mode: string;
  /** What a prompt can begin with, behind a slash. */
  readonly commands: readonly {
    readonly name: string;
    readonly description: string;
    readonly hint: string;
  }[];
  /** In tokens. */
  readonly usage: { readonly used: number; readonly size: number } | undefined;
}

/** `load`: with all that was said. `resume`: it goes on, and says nothing again. */
export type ResumeWay = 'load' | 'resume' | 'no';

export interface RunChange {
  /** Ids of those that are new, other or gone. */
  readonly entries: ReadonlySet<string>;
  /** Whether the state, or what the client tells of itself, is another. */
  readonly isState: boolean;
}

export interface AgentRun {
  readonly id: string;
  readonly agent: AddedAgent;
  readonly client: RunClient;
  readonly state: RunState;
  readonly error: RunError | undefined;
  /** The oldest first. */
  readonly entries: readonly RunEntry[];
  /** How many older ones are gone. */
  readonly leftOut: number;
  readonly about: RunAbout;
  /** Under what the client knows its session, and how that goes on later; undefined before `ready`. */
  readonly session: { readonly name: string; readonly resume: ResumeWay } | undefined;
  /** What became of a session that was to be resumed; undefined where none was. */
  readonly resumed: 'replayed' | 'continued' | 'anew' | undefined;
  /** Resolves when the run is `ended` or `failed`. */
  readonly over: Promise<void>;
  /** At most every 50 ms, and at once for states and permissions. Returns how to stop listening. */
  onChange(listener: (change: RunChange) => void): () => void;
  /** False, and nothing is done, where it is not `ready`. Of the files at most 20 are put along. */
  prompt(text: string, files?: readonly PromptFile[]): boolean;
  /** Paths of living files of the world that fit what somebody types; the best first, at most so many. */
  findFiles(query: string, most: number): readonly string[];
  /** Ends the prompt; permissions that are asked for become cancelled. */
  cancel(): void;
  /** False where it is answered already, or there is none of that id. */
  answerPermission(entryId: string, optionId: string): boolean;
  setMode(modeId: string): void;
  /**
   * Ends session and process. Resolves when no process is left, also of a client that hangs. `closing`: its window
   * closes, so that what it is at is cut off and may go on later.
   */
  stop(why?: 'asked' | 'closing'): Promise<void>;
}
