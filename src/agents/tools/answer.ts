/**
 * Owns: the form of every answer that an agent gets, for MCP, command line, hooks and editor. All of it
 * is plain JSON: lines count from 1, times are milliseconds since 1970, sizes are bytes of UTF-8.
 * `renderAnswer` says the same as one English text.
 */

/** Stable: what an agent, or a program, may branch on. A world adds the codes of docs/refusals.md. */
export type ToolCode =
  | 'ok'
  /** The world keeps the edit for a decision: it is in a ticket, and not in the text. */
  | 'ticket'
  /** The agent was not given the text that it edits. */
  | 'unread'
  /** It was given some lines of it, and wants to replace all. */
  | 'partly_read'
  /** It edited the file since it was given its text, and so did others: it has no version in mind. */
  | 'stale_copy'
  /** Which text the call is made on has to be named: several conversations of the client may be asking. */
  | 'base_needed'
  /** The named version or content hash is none of the file. */
  | 'unknown_base'
  | 'no_such_file'
  /** The file is not a text. */
  | 'not_text'
  | 'bad_path'
  | 'path_taken'
  | 'not_found'
  | 'ambiguous'
  /** Two parts of one call change the same text. */
  | 'overlapping'
  /** Lines are to be replaced, and nothing shows that the agent knows what stands there. */
  | 'hash_needed'
  /** Lines are others than the hash says. */
  | 'range_changed'
  | 'bad_range'
  | 'bad_patch'
  | 'patch_misfit'
  /** The result would be the text as it is. */
  | 'no_change'
  | 'bad_request'
  | 'bad_pattern'
  | 'upgrade_needed'
  | 'no_such_ticket'
  /** This machine knows no world of that name, or its server has it no more. */
  | 'no_such_world'
  /** The agent was removed from the world. */
  | 'removed'
  /** The agent's role or rights do not cover it. */
  | 'forbidden'
  /** Something has to be settled before an export. */
  | 'blocked'
  /** Only a person may do that. */
  | 'needs_person'
  | 'too_large'
  /** The world cannot be reached now: nothing was done. */
  | 'offline'
  /** It was asked, and did not answer in time: whether it was done is not known. */
  | 'unanswered'
  | 'cancelled'
  /** A file of the folder that is not shown unless it is asked for by name and with `secrets`. */
  | 'secret';

/** Which world it is about, and how far its history was when the answer was made. */
export interface WorldPoint {
  readonly name: string;
  /** The number of the world's newest op that this answer takes into account. */
  readonly headSeq: number;
}

/** A run of lines as the file has it now. */
export interface Excerpt {
  readonly path: string;
  readonly version: number;
  readonly firstLine: number;
  readonly lastLine: number;
  /** Numbered, a line a row: `12→text`. */
  readonly text: string;
}

/** What became of one file in a call. */
export interface ChangedFile {
  readonly path: string;
  /** Where the file was before, if it moved. */
  readonly from?: string;
  readonly what: 'edited' | 'created' | 'renamed' | 'deleted' | 'mode' | 'unchanged';
  readonly version: number;
  /** Others had changed the file meanwhile, elsewhere: the edit was moved along. */
  readonly rebased: boolean;
  /** What the tool had to assume, each a sentence. */
  readonly notes: readonly string[];
  /** The text around the edit as it is now, where it was moved along. */
  readonly around: readonly Excerpt[];
}

/** Where the world keeps an edit that it did not let in. */
export interface TicketView {
  readonly ticket: number;
  readonly path: string;
  readonly kind: string;
  /** Why, as docs/refusals.md names it: `overlap`, `range_changed`, `deleted`, … */
  readonly reason: string;
  /** Whose proposal it is. */
  readonly author: string;
  /** Whose text it meets. */
  readonly others: readonly string[];
  readonly parts: readonly TicketPlace[];
}

export interface TicketPlace {
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly baseText: string;
  readonly proposedText: string;
  readonly textNow: string;
}

export interface ListedFileView {
  readonly path: string;
  readonly kind: 'text' | 'binary';
  readonly version: number;
  readonly lines: number;
  readonly bytes: number;
}

export interface MatchView {
  readonly line: number;
  /** Numbered, with context: `12→text` is a match, `11 text` beside it is not. */
  readonly text: string;
}

export interface MatchedFile {
  readonly path: string;
  readonly version: number;
  readonly matches: readonly MatchView[];
}

export interface ClaimView {
  readonly claim: number;
  readonly path: string;
  /** 0 for a whole file or a folder. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly holder: string;
  readonly isOwn: boolean;
  readonly reason: string;
  readonly endsAtMs: number;
}

export interface MessageView {
  readonly message: number;
  readonly from: string;
  /** Empty for all. */
  readonly to: string;
  readonly text: string;
  readonly atMs: number;
}

export interface OpView {
  readonly opSeq: number;
  readonly kind: string;
  readonly path: string;
  readonly version: number;
  readonly author: string;
  readonly atMs: number;
  /** 0 where the op touches no lines. */
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface BlameView {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly author: string;
  readonly kind: 'human' | 'agent' | 'unknown';
  readonly isImported: boolean;
  readonly opSeq: number;
  readonly atMs: number;
}

export interface CheckpointView {
  readonly opSeq: number;
  readonly name: string;
  readonly author: string;
  readonly atMs: number;
}

export interface MemberView {
  readonly name: string;
  readonly kind: 'human' | 'agent';
  readonly role: string;
  readonly isSelf: boolean;
  /** Where each of their connections is. */
  readonly at: readonly {
    readonly path: string;
    readonly line: number;
    readonly activity: string;
  }[];
}

/** What an answer holds beside its message, told apart by `kind`. */
export type Body =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'files';
      readonly files: readonly ListedFileView[];
      /** How many fit the question in all. */
      readonly total: number;
      /** Ask again with `after` to go on; empty when all are shown. */
      readonly after: string;
    }
  | {
      readonly kind: 'text';
      readonly path: string;
      readonly version: number;
      /** Of the whole file. */
      readonly contentHash: string;
      readonly firstLine: number;
      readonly lastLine: number;
      readonly totalLines: number;
      /** Of the lines shown: an edit of just these lines names it. */
      readonly rangeHash: string;
      /** `12→text`; a last line of the file without a line end is told by `endsWithNewline`. */
      readonly text: string;
      readonly lineEnds: 'lf' | 'crlf';
      readonly endsWithNewline: boolean;
      /** The line to go on from; 0 when the file's last line is shown. */
      readonly nextLine: number;
    }
  | {
      /** A file of the folder that is not in the world: to look at only. */
      readonly kind: 'outside';
      readonly path: string;
      readonly firstLine: number;
      readonly lastLine: number;
      readonly totalLines: number;
      readonly text: string;
      readonly nextLine: number;
    }
  | {
      readonly kind: 'binary';
      readonly path: string;
      readonly version: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'matches';
      readonly files: readonly MatchedFile[];
      readonly total: number;
      readonly filesSearched: number;
      /** Ask again with `after` to go on; empty when all was searched. */
      readonly after: string;
    }
  | { readonly kind: 'changed'; readonly files: readonly ChangedFile[] }
  | { readonly kind: 'ticket'; readonly ticket: TicketView }
  | { readonly kind: 'tickets'; readonly tickets: readonly TicketView[] }
  /** Places that a call could have meant, or that it comes nearest to. */
  | { readonly kind: 'places'; readonly places: readonly Excerpt[]; readonly difference: string }
  | { readonly kind: 'claims'; readonly claims: readonly ClaimView[] }
  | { readonly kind: 'messages'; readonly messages: readonly MessageView[]; readonly after: number }
  | { readonly kind: 'history'; readonly ops: readonly OpView[]; readonly before: number }
  | {
      readonly kind: 'blame';
      readonly path: string;
      readonly version: number;
      readonly runs: readonly BlameView[];
    }
  | { readonly kind: 'checkpoints'; readonly checkpoints: readonly CheckpointView[] }
  | { readonly kind: 'members'; readonly members: readonly MemberView[] }
  | {
      readonly kind: 'snapshot';
      readonly folder: string;
      readonly opSeq: number;
      readonly files: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'export';
      readonly branch: string;
      readonly commit: string;
      readonly commits: number;
      readonly files: number;
    }
  /** What a wait ended with. */
  | { readonly kind: 'waited'; readonly happened: readonly string[]; readonly isOver: boolean };

export type BodyOf<Kind extends Body['kind']> = Extract<Body, { readonly kind: Kind }>;

/** Text of others in a file that the agent has read. */
export interface FileNews {
  readonly path: string;
  /** Where it was when the agent read it, if it moved. */
  readonly from?: string;
  readonly what: 'changed' | 'renamed' | 'deleted' | 'restored' | 'created';
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly authors: readonly string[];
  /** Lines taken out begin with `-`, lines put in with `+`, places with `@@ line N`. */
  readonly diff: string;
  /** The diff is not whole: the file has to be read. */
  readonly isCut: boolean;
}

/** What happened since this agent was last told, as far as it fits. */
export interface News {
  readonly changes: readonly FileNews[];
  readonly messages: readonly MessageView[];
  /** Claims of others in files that the agent has read. */
  readonly claims: readonly ClaimView[];
  /** Its own tickets that were opened or closed; each a sentence. */
  readonly tickets: readonly string[];
  /** What its own folders ask and who may answer; each a sentence. */
  readonly restorations: readonly string[];
  /**
   * How its own folder stands, where something is amiss; that it is paused, or may go on; whom it is about to meet.
   * Each a sentence.
   */
  readonly folder: readonly string[];
  /** How many more things wait to be told: ask for `news`. */
  readonly more: number;
}

export interface Answer {
  readonly outcome: 'done' | 'ticket' | 'refused';
  /** `ok`, `ticket`, another `ToolCode`, or a code of the world. */
  readonly code: string;
  /** What happened, in one or two sentences. */
  readonly message: string;
  /** What can be done next, each a sentence; empty when there is nothing to do. */
  readonly next: readonly string[];
  readonly body: Body;
  /** Undefined when the world was never reached. */
  readonly world: WorldPoint | undefined;
  readonly news: News;
}

/** An answer before the world's point and the news are added. */
export type Reply = Pick<Answer, 'outcome' | 'code' | 'message' | 'next' | 'body'>;

export const NO_NEWS: News = {
  changes: [],
  messages: [],
  claims: [],
  tickets: [],
  restorations: [],
  folder: [],
  more: 0,
};

export const NO_BODY: Body = { kind: 'none' };

export function done(message: string, body: Body = NO_BODY, next: readonly string[] = []): Reply {
  return { outcome: 'done', code: 'ok', message, next, body };
}

export function refused(
  code: ToolCode,
  message: string,
  next: readonly string[] = [],
  body: Body = NO_BODY,
): Reply {
  return { outcome: 'refused', code, message, next, body };
}
