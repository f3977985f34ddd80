import type { t as typeBuilders, table as makeTable } from 'spacetimedb';

/**
 * The building kit of `spacetimedb/server` in the module, of `spacetimedb` in clients. The two are
 * bundled apart and do not know each other's objects, so each side hands in its own.
 */
export interface SchemaKit {
  readonly t: typeof typeBuilders;
  readonly table: typeof makeTable;
}

/** Composite types of the world. Positions count from zero, characters in UTF-16 code units. */
export function worldTypes({ t }: Pick<SchemaKit, 't'>) {
  const change = t.object('Change', {
    startLine: t.u32(),
    startCharacter: t.u32(),
    endLine: t.u32(),
    endCharacter: t.u32(),
    text: t.string(),
  });
  const rangeHash = t.object('RangeHash', {
    startLine: t.u32(),
    startCharacter: t.u32(),
    endLine: t.u32(),
    endCharacter: t.u32(),
    hash: t.byteArray(),
  });
  /** One edit as its author's side sends it; `author` is 64 hex digits, or empty for the sender. */
  const submittedOp = t.object('SubmittedOp', {
    opId: t.string(),
    fileId: t.u32(),
    expectedBaseVersion: t.u32(),
    intent: t.string(),
    author: t.string(),
    carriedFrom: t.u32(),
    overlaps: t.array(t.u32()),
    rangeHashes: t.array(rangeHash),
    changes: t.array(change),
  });
  const batch = t.object('Batch', {
    batchId: t.string(),
    /** Ticket that these edits join; 0 for none. */
    extends: t.u32(),
    ops: t.array(submittedOp),
  });
  /** A piece of the text that a batch puts in, as `core/returned-text.ts` has it. */
  const returnedText = t.object('ReturnedText', {
    /** Which of the batch's ops. */
    op: t.u32(),
    change: t.u32(),
    at: t.u32(),
    length: t.u32(),
    version: t.u32(),
    fromLine: t.u32(),
    fromCharacter: t.u32(),
  });
  /** One of the files that move together; `fromPath` is the path that the author saw. */
  const movedFile = t.object('MovedFile', {
    opId: t.string(),
    fileId: t.u32(),
    expectedBaseVersion: t.u32(),
    fromPath: t.string(),
    path: t.string(),
  });
  /** Whole content: `text` for kind text (LF line ends, no byte order mark), else `bytes`. */
  const content = t.object('FileContent', {
    kind: t.string(),
    eol: t.string(),
    bom: t.bool(),
    text: t.string(),
    bytes: t.byteArray(),
  });
  const newFile = t.object('NewFile', {
    opId: t.string(),
    path: t.string(),
    mode: t.string(),
    content,
  });
  /** One thing of several that a call does; `kind` says which of the other columns count. */
  const fileStep = t.object('FileStep', {
    opId: t.string(),
    /** edit, create, rename, delete, restore, mode or content. */
    kind: t.string(),
    /** 0 for create. */
    fileId: t.u32(),
    /** The version that the author saw; 0 for an edit of a file that an earlier step edits. */
    expectedBaseVersion: t.u32(),
    /** Of an edit, which counts as a patch. */
    changes: t.array(change),
    rangeHashes: t.array(rangeHash),
    /** Of rename: the path that the author saw, or that an earlier step gave it. */
    fromPath: t.string(),
    /** Of create, rename and restore; empty to bring a file back where it was. */
    path: t.string(),
    /** Of create and mode. */
    mode: t.string(),
    /** Of mode. */
    eol: t.string(),
    bom: t.bool(),
    /** Of create and content. */
    content: t.option(content),
  });
  /** The first and the last of some lines. */
  const lineRange = t.object('LineRange', { firstLine: t.u32(), lastLine: t.u32() });
  /** What somebody decides of what agents did to a file, as `core/review.ts` has it. */
  const fileReview = t.object('FileReview', {
    opId: t.string(),
    /** keep or take. */
    does: t.string(),
    fileId: t.u32(),
    /** The newest op of the file that was looked at. */
    seenSeq: t.u32(),
    /** Of the version after that op, in order. */
    lines: t.array(lineRange),
    /** created, deleted, renamed, mode or content. */
    whole: t.array(t.string()),
    /** 64 hex digits; empty for all agents. */
    agent: t.string(),
    /** The number of the op that began the turn; 0 for all. */
    turn: t.u32(),
    /** With it nothing up to this op of the file is left to look at; 0 where something is. */
    upTo: t.u32(),
    /** What the agents are told; may be empty. */
    words: t.string(),
  });
  /** What a member is told of decisions, with the call that makes them. */
  const told = t.object('Told', { opId: t.string(), to: t.string(), text: t.string() });
  /** What a ticket proposes for one file. */
  const ticketPart = t.object('TicketPart', {
    fileId: t.u32(),
    /** The version `proposed` is relative to. */
    baseVersion: t.u32(),
    /** The version from which on `changes` and the range hold: they are moved as ops land. */
    headVersion: t.u32(),
    /** As the author meant it, relative to the base. */
    proposed: t.array(change),
    /** What resolving by `rebase` would apply now; empty when the base is too far behind. */
    changes: t.array(change),
    /** The disputed range in the head. */
    startLine: t.u32(),
    startCharacter: t.u32(),
    endLine: t.u32(),
    endCharacter: t.u32(),
    baseText: t.string(),
    proposedText: t.string(),
    headText: t.string(),
  });
  const resolutionPart = t.object('ResolutionPart', {
    fileId: t.u32(),
    expectedHeadVersion: t.u32(),
    /** For resolution `patch`, relative to the expected head version. */
    changes: t.array(change),
  });
  /** An op as the chain is made over it, with its place there. */
  const loggedOp = t.object('LoggedOp', { bytes: t.byteArray(), chainHash: t.byteArray() });
  /** A part of content under its key, 64 hex digits: a text, or bytes. */
  const contentPart = t.object('ContentPart', {
    hash: t.string(),
    text: t.option(t.string()),
    bytes: t.option(t.byteArray()),
  });
  /** A table's row type takes its name: `LogHead` is that of the table `log_head`. */
  const logHead = t.object('ExpectedHead', { opSeq: t.u32(), chainHash: t.byteArray() });
  /** `anchor` is where a selection began, `active` where the cursor is. */
  const selection = t.object('Selection', {
    anchorLine: t.u32(),
    anchorCharacter: t.u32(),
    activeLine: t.u32(),
    activeCharacter: t.u32(),
  });
  /** A file that a folder asks about; the world knows its path. */
  const restorationFile = t.object('RestorationFile', { fileId: t.u32(), what: t.string() });
  /** The same with the path that the file had then; `what` is changed or deleted. */
  const restorationItem = t.object('RestorationItem', {
    fileId: t.u32(),
    path: t.string(),
    what: t.string(),
  });
  return {
    change,
    rangeHash,
    submittedOp,
    batch,
    returnedText,
    movedFile,
    content,
    newFile,
    fileStep,
    fileReview,
    told,
    ticketPart,
    resolutionPart,
    loggedOp,
    contentPart,
    logHead,
    selection,
    restorationFile,
    restorationItem,
  };
}

export type WorldTypes = ReturnType<typeof worldTypes>;
