import { type Changes, resultRanges } from '../core/change.ts';
import { DEFAULT_LIMITS, parseLimits } from '../core/limits.ts';
import type { IdentityHex, SubmittedOp } from '../core/op.ts';
import type { FileMode } from '../core/op-payload.ts';
import { mayReturn, type ReturnedText } from '../core/returned-text.ts';
import { LINE_ENDS_LEVEL, MODULE_LEVEL } from '../core/module-level.ts';
import { type EndsChange, writeEol } from '../core/other-ends.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import { demandDone } from './demand-done.ts';
import { readFile } from './file-reader.ts';
import { batchCall } from './judge-batch.ts';
import { contentBytes, type FileContent } from './text-format.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { WorldError } from './world-error.ts';
import type { FileHead, Outcome } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

/** Who changes files, and as whose work; empty for their own. */
export interface FileChanger {
  readonly session: WorldSession;
  readonly randomBytes: RandomBytes;
  readonly author: IdentityHex;
  readonly signal?: AbortSignal | undefined;
}

export interface WantedFile {
  readonly content: FileContent;
  /** Its lines keep their ends, whatever the content says of them. */
  readonly keepsEnds?: boolean;
  readonly mode: FileMode;
}

/**
 * Makes a file at its head another, by as small changes as can be; `then` is the version whose text that
 * is, where it is one. Throws `WorldError`.
 */
export async function changeFile(
  changer: FileChanger,
  head: FileHead,
  wanted: WantedFile,
  then?: number,
): Promise<readonly Outcome[]> {
  const link = await changer.session.whenOnline(changer.signal);
  const current = await readFile(link, changer.session.view, head.fileId);
  const { content } = wanted;
  const outcomes: Outcome[] = [];
  let { version } = current;
  if (current.kind === 'text' && content.kind === 'text') {
    const changes = minimalChanges(current.text, content.text);
    if (changes.length > 0) {
      const returned = then === undefined ? [] : returnedFrom(then, changes);
      const edit = { fileId: head.fileId, version, changes, returned };
      outcomes.push(...(await editFile(changer, edit)));
    }
  } else if (!(current.kind === 'binary' && isSameBytes(current, content))) {
    outcomes.push(...(await replaceFile(changer, { fileId: head.fileId, version, content })));
  }
  version = outcomes.at(-1)?.version || version;
  outcomes.push(...(await shapeFile(changer, { ...head, version }, wanted)));
  return outcomes;
}

export interface FileEdit {
  readonly fileId: number;
  /** That the changes are made on. */
  readonly version: number;
  readonly changes: Changes;
  /** Ops that the changes were moved over, although they overlap them. */
  readonly overlaps?: readonly number[];
  readonly carriedFrom?: number;
  /** Those pieces of the changes' text that stood in the file before. */
  readonly returned?: readonly ReturnedText[];
}

/** The pieces of changes that make a text what it was at a version. */
export function returnedFrom(version: number, changes: Changes): readonly ReturnedText[] {
  return resultRanges(changes).flatMap(({ start }, change) => {
    const { length } = changes[change]!.text;
    const from = { fromLine: start.line, fromCharacter: start.character };
    return mayReturn(changes[change]!.text) ? [{ change, at: 0, length, version, ...from }] : [];
  });
}

export function editFile(changer: FileChanger, edit: FileEdit): Promise<readonly Outcome[]> {
  return editFiles(changer, [edit]);
}

/** Edits files together: all of it is applied, or all of it waits in one ticket. */
export async function editFiles(
  changer: FileChanger,
  edits: readonly FileEdit[],
): Promise<readonly Outcome[]> {
  const ops = edits.flatMap((edit) => opsOf(changer, edit));
  const batch = { batchId: nextId(changer), extends: 0, ops };
  const opIds = ops.map(({ opId }) => opId);
  const { moduleLevel } = await changer.session.whenOnline(changer.signal);
  const { name, args } = batchCall(batch, moduleLevel);
  return deliver(changer, name, args, opIds);
}

/** One op, or several in a row where a world takes only so many changes in one. */
function opsOf(
  changer: FileChanger,
  { fileId, version, changes, overlaps = [], carriedFrom = 0, returned = [] }: FileEdit,
): SubmittedOp[] {
  const { changesPerOp } = parseLimits(changer.session.workspace?.limits ?? '') ?? DEFAULT_LIMITS;
  const ops: SubmittedOp[] = [];
  // From the last changes to the first, so that each still has the coordinates of the base.
  for (let end = changes.length; end > 0; end -= changesPerOp) {
    const start = Math.max(0, end - changesPerOp);
    const own = returned
      .filter(({ change }) => change >= start && change < end)
      .map((piece) => ({ ...piece, change: piece.change - start }));
    ops.push({
      opId: nextId(changer),
      fileId,
      expectedBaseVersion: ops.length === 0 ? version : 0,
      intent: 'patch',
      author: changer.author,
      carriedFrom,
      overlaps,
      rangeHashes: [],
      changes: changes.slice(start, end),
      returned: own,
    });
  }
  return ops;
}

export async function replaceFile(
  changer: FileChanger,
  {
    fileId,
    version,
    content,
  }: { readonly fileId: number; readonly version: number; readonly content: FileContent },
): Promise<readonly Outcome[]> {
  const opId = nextId(changer);
  const { author } = changer;
  const file = { opId, author, fileId, expectedBaseVersion: version };
  return deliver(
    changer,
    'replace_content',
    { ...file, content: sentContent(content, changer.session.moduleLevel) },
    opId,
  );
}

/** Sets what is wanted of how it is put on disk. */
export async function shapeFile(
  changer: FileChanger,
  head: Pick<FileHead, 'fileId' | 'version' | 'mode' | 'eol' | 'otherEnds' | 'bom'>,
  { content, mode, keepsEnds }: WantedFile,
): Promise<readonly Outcome[]> {
  const form = content.kind === 'text' ? content : head;
  const { bom } = form;
  const others = form.otherEnds ?? '';
  const isMixed = content.kind === 'text' && !keepsEnds && (head.otherEnds !== '' || others !== '');
  const saysEnds = isMixed && changer.session.moduleLevel >= LINE_ENDS_LEVEL;
  if (head.mode === mode && head.eol === form.eol && head.bom === bom && !saysEnds) return [];
  const eol = saysEnds ? writeEol(form.eol, others) : form.eol;
  const opId = nextId(changer);
  const { fileId, version: expectedBaseVersion } = head;
  const file = { opId, author: changer.author, fileId, expectedBaseVersion };
  return deliver(changer, 'set_file_mode', { ...file, mode, eol, bom }, opId);
}

/** Sets how lines of a version end; every other line keeps its end. Nothing in a world that cannot keep that. */
export async function setLineEnds(
  changer: FileChanger,
  { fileId, version: expectedBaseVersion }: Pick<FileHead, 'fileId' | 'version'>,
  { crlf, lf }: EndsChange,
): Promise<readonly Outcome[]> {
  if (crlf === '' && lf === '') return [];
  if (changer.session.moduleLevel < LINE_ENDS_LEVEL) return [];
  const opId = nextId(changer);
  const args = { opId, author: changer.author, fileId, expectedBaseVersion, crlf, lf };
  return deliver(changer, 'set_line_ends', args, opId);
}

export async function createFile(
  changer: FileChanger,
  path: string,
  { content, mode }: WantedFile,
): Promise<readonly Outcome[]> {
  const opId = nextId(changer);
  const { moduleLevel } = changer.session;
  const file = { opId, path, mode, content: sentContent(content, moduleLevel) };
  return deliver(changer, 'create_file', { author: changer.author, file }, opId);
}

export async function deleteFile(
  changer: FileChanger,
  { fileId, version }: Pick<FileHead, 'fileId' | 'version'>,
): Promise<readonly Outcome[]> {
  const opId = nextId(changer);
  const file = { opId, author: changer.author, fileId, expectedBaseVersion: version };
  return deliver(changer, 'delete_file', file, opId);
}

export async function renameFile(
  changer: FileChanger,
  { fileId, version, path: fromPath }: Pick<FileHead, 'fileId' | 'version' | 'path'>,
  path: string,
): Promise<readonly Outcome[]> {
  const opId = nextId(changer);
  const file = { opId, author: changer.author, fileId, expectedBaseVersion: version };
  return deliver(changer, 'rename_file', { ...file, fromPath, path }, opId);
}

/** Brings a deleted file back where it was. */
export async function bringBackFile(
  changer: FileChanger,
  { fileId, version }: Pick<FileHead, 'fileId' | 'version'>,
): Promise<readonly Outcome[]> {
  const opId = nextId(changer);
  const file = { opId, author: changer.author, fileId, expectedBaseVersion: version };
  return deliver(changer, 'restore_file', { ...file, path: '' }, opId);
}

/** A content as calls take it; a module of before level 8 gets one whose lines end otherwise as bytes. */
export function sentContent(content: FileContent, moduleLevel = MODULE_LEVEL) {
  if (content.kind === 'binary' || (content.otherEnds && moduleLevel < LINE_ENDS_LEVEL)) {
    return { kind: 'binary', eol: 'lf', bom: false, text: '', bytes: contentBytes(content) };
  }
  const { kind, text, eol, otherEnds, bom } = content;
  return { kind, eol: writeEol(eol, otherEnds || undefined), bom, text, bytes: new Uint8Array() };
}

async function deliver<Name extends Parameters<WorldSession['deliver']>[0]>(
  { session, signal }: FileChanger,
  name: Name,
  args: Parameters<typeof WorldSession.prototype.deliver<Name>>[1],
  opIds: string | readonly string[],
): Promise<readonly Outcome[]> {
  const answer = await session.deliver(name, args, [opIds].flat(), signal);
  demandDone(answer);
  if (answer.tag === 'judged') return answer.outcomes;
  throw new WorldError('unreachable', 'The world did not answer');
}

function isSameBytes(current: { readonly bytes: Uint8Array }, content: FileContent): boolean {
  return content.kind === 'binary' && Buffer.compare(current.bytes, content.bytes) === 0;
}

function nextId({ session, randomBytes }: FileChanger): string {
  return newUuid(session.clock.nowMs(), randomBytes);
}
