import { sameBytes, toHex } from '../../src/core/hash.ts';
import {
  canonicalJson,
  type ContentPayload,
  type FileMode,
  writePayload,
} from '../../src/core/op-payload.ts';
import type { Limits } from '../../src/core/limits.ts';
import { WITH_FORMER } from '../../src/core/sizes.ts';
import { withTurn } from '../../src/core/turn.ts';
import type { Text } from '../../src/core/text.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { demandNewCall, rememberSettled, type SettledCall } from './call-memory.ts';
import { authorOf, type Caller, type Who, writerOf } from './caller.ts';
import { demandPathsFree } from './claimed-paths.ts';
import {
  type CheckedContent,
  checkContent,
  contentColumns,
  demandMode,
  storeContent,
} from './file-content.ts';
import { headText, rememberText } from './file-texts.ts';
import { hash, hashText } from './hash.ts';
import { History, NO_HASH, NO_TEXT } from './history.ts';
import { demandOpId } from './ids.ts';
import { otherEndsOf } from './line-ends.ts';
import { answerAgain } from './known-op.ts';
import { countInFolders, demandNoFolderClash, demandPath, fileAt, keyOf } from './paths.ts';
import { byteRate, opRate } from './rates.ts';
import { demand } from './refusal.ts';
import { rulesFor } from './rules.ts';
import { insertSnapshot } from './snapshots.ts';
import { makePart } from './ticket-part.ts';
import { openFileTicket } from './tickets.ts';
import { spend } from './work.ts';
import type { Arguments, Context, Database, Row } from './world.ts';

type NewFile = Arguments<'create_file'>['file'];

/** A new file. The same content at the same path again does nothing; other content is a ticket. */
export function createFile(ctx: Context, args: Arguments<'create_file'>): void {
  importFiles(ctx, { batchId: args.file.opId, author: args.author, files: [args.file] });
}

/** Many new files in one transaction. */
export function importFiles(ctx: Context, args: Arguments<'import_files'>): void {
  for (const { content } of args.files) {
    spend(WORK_UNITS.op + byteUnits(content.text.length + content.bytes.length));
  }
  const fresh = args.files.filter((file) => {
    return !answerAgain(ctx, file.opId, () => createHash(file), sizeOf(file.content));
  });
  if (fresh.length === 0) return;
  const caller = writerOf(ctx, 'edit');
  const history = History.open(ctx, caller);
  demandOpId(args.batchId);
  demand(args.files.length <= history.limits.filesPerImport, 'too_many', 'too many files at once');
  opRate.spend(caller.hex, fresh.length, history.limits.opsPerSecond, history.nowMicros);
  const author = authorOf(ctx, caller, args.author);
  const settled: SettledCall[] = [];
  for (const file of fresh) {
    const nothing = putFile(ctx, caller, history, author, args.batchId, file);
    if (nothing) settled.push(nothing);
  }
  rememberSettled(ctx, caller, settled);
  history.close();
}

function sizeOf({ bytes, text }: NewFile['content']): number {
  return bytes.length + text.length;
}

/** Returns what is to be remembered where the same file is there already. */
function putFile(
  ctx: Context,
  caller: Caller,
  history: History,
  author: Who,
  batchId: string,
  file: NewFile,
): SettledCall | undefined {
  demandNewCall(ctx, caller, file.opId);
  const { path, mode } = file;
  demandPath(caller, path);
  demandMode(mode);
  const amount = sizeOf(file.content);
  byteRate.spend(caller.hex, amount, history.limits.bytesPerSecond, history.nowMicros);
  const content = checkContent(file.content, history.limits);
  const payloadHash = createHash(file);
  const taken = fileAt(ctx.db, path);
  const isThere = taken !== undefined && isSame(ctx.db, taken, { path, mode, content });
  if (!isThere) demandPathsFree(ctx.db, rulesFor(caller, history), [{ ...taken, path }]);
  const common = { opId: file.opId, batchId, author, payloadHash };
  if (!taken) {
    const fileId = makeFile(ctx, history, { ...common, path, mode, content });
    history.tell(file.opId, 'applied', fileId, 1);
  } else if (isThere) {
    const { fileId: opSeq, version } = taken;
    history.tell(file.opId, 'duplicate', opSeq, version);
    return { opId: file.opId, payloadHash, opSeq, version };
  } else {
    openPathTicket(ctx, caller, history, taken, { ...common, path, mode, content });
  }
  return undefined;
}

/** Makes a file at a path that nothing has; returns its id. */
export function makeFile(ctx: Context, history: History, draft: FileDraft): number {
  demandFileRoom(ctx, history);
  demandNoFolderClash(ctx.db, draft.path);
  const kept = storeContent(ctx.db, draft.content);
  return addFile(ctx, history, { ...draft, kept });
}

/** Refuses with `too_many` where there are as many files as may be; of deleted ones some times as many. */
export function demandFileRoom(ctx: Context, history: History): void {
  const { files } = history.limits;
  demand(history.fileCount < files, 'too_many', 'the world has too many files');
  const most = BigInt(files * WITH_FORMER);
  demand(ctx.db.file_head.count() < most, 'too_many', 'the world had too many files');
}

export interface FileDraft {
  readonly opId: string;
  readonly batchId: string;
  readonly author: Who;
  readonly payloadHash: Uint8Array;
  readonly path: string;
  readonly mode: FileMode;
  readonly content: CheckedContent;
  /** The turn that it is part of, by its number. */
  readonly turn?: number | undefined;
}

/** Appends the op of a new file and writes its head; returns its number, which is the file's id. */
function addFile(
  ctx: Context,
  history: History,
  draft: FileDraft & { readonly kept: ContentPayload },
): number {
  const { opId, batchId, author, payloadHash, path, mode, content, kept, turn } = draft;
  const fileId = history.nextSeq;
  const contentHash = content.hash;
  history.append({
    ...NO_TEXT,
    opId,
    batchId,
    fileId,
    version: 1,
    kind: 'create',
    author,
    payload: withTurn(writePayload('create', { path, mode, content: kept }), turn),
    payloadHash,
    beforeHash: NO_HASH,
    afterHash: contentHash,
  });
  const updated = { updatedBy: ctx.sender, updatedAt: ctx.timestamp };
  insertFile(ctx, { fileId, path, mode, contentHash, ...updated }, kept);
  if (content.kind === 'text') rememberText(fileId, 1, contentHash, content.text);
  return fileId;
}

/** Writes the head and the first snapshot of a file that the op with its number creates. */
export function insertFile(
  ctx: Context,
  file: Pick<
    Row<'file_head'>,
    'fileId' | 'path' | 'mode' | 'contentHash' | 'updatedBy' | 'updatedAt'
  >,
  kept: ContentPayload,
): void {
  const head = { ...file, version: 1, ...contentColumns(kept) };
  insertSnapshot(ctx, file.fileId, head, kept.parts);
  countInFolders(ctx.db, file.path, 1);
  ctx.db.file_head.insert({
    ...head,
    pathKey: keyOf(ctx.db, file.path),
    deleted: false,
    snapshotVersion: 1,
  });
}

/** A create on a taken path is a proposal to replace what is there. */
function openPathTicket(
  ctx: Context,
  caller: Caller,
  history: History,
  taken: Row<'file_head'>,
  draft: FileDraft,
): void {
  const { opId, batchId, author, payloadHash, path, mode, content } = draft;
  const kept = storeContent(ctx.db, content);
  const isText = taken.kind === 'text' && content.kind === 'text';
  const parts = isText
    ? [replacingPart(taken, headText(ctx.db, taken), content.sent.text, history.limits)]
    : [];
  const proposal = { path, mode, content: kept };
  openFileTicket(
    ctx,
    caller,
    history,
    {
      batchId,
      opId,
      fileId: taken.fileId,
      kind: 'create',
      author,
      reason: 'path_taken',
      baseVersion: taken.version,
      parts,
      payload: canonicalJson(proposal),
      overlapping: [],
      payloadHash,
      proposal,
    },
    taken,
  );
}

/** What a ticket proposes that would put another text in the place of a whole file's. */
export function replacingPart(
  { fileId, version }: Pick<Row<'file_head'>, 'fileId' | 'version'>,
  text: Text,
  proposedText: string,
  { ticketTextBytes }: Limits,
): TicketPart {
  const { line: endLine, character: endCharacter } = text.end;
  const whole = { startLine: 0, startCharacter: 0, endLine, endCharacter, text: proposedText };
  const proposal = { fileId, baseVersion: version, baseText: text, proposed: [whole] };
  return makePart(proposal, { version, text }, [], ticketTextBytes);
}

/** True for a file that is just what somebody wants to make. */
export function isSame(
  db: Database,
  head: Row<'file_head'>,
  { path, mode, content }: Pick<FileDraft, 'path' | 'mode' | 'content'>,
): boolean {
  return (
    head.path === path &&
    head.kind === content.kind &&
    head.mode === mode &&
    head.eol === content.eol &&
    otherEndsOf(db, head.fileId) === content.otherEnds &&
    head.bom === content.sent.bom &&
    sameBytes(head.contentHash, content.hash)
  );
}

function createHash(file: NewFile): Uint8Array {
  const { path, mode } = file;
  const { kind, eol, bom, text, bytes } = file.content;
  const hashes = [toHex(hashText(text)), toHex(hash(bytes))];
  return hashText(canonicalJson({ create: { path, mode, kind, eol, bom, hashes } }));
}
