import { type Changes, replace } from '../core/change.ts';
import { contentOf, readPayload } from '../core/op-payload.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { Originator, type Origin } from '../core/origin.ts';
import { planTakeBack, type TakeBackHunk, type WovenOp } from '../core/take-back.ts';
import { Text } from '../core/text.ts';
import { turnOf } from '../core/turn.ts';
import { readFile } from './file-reader.ts';
import type { Link } from './link.ts';
import { readHeadSeq } from './read-head.ts';
import { FileOps } from './read-file-ops.ts';
import { opsBetween } from './read-ops.ts';
import type { FileHead } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

/** Whose work is to be taken back, and from where on. */
export interface TakeBackRequest {
  readonly member: IdentityHex;
  /** What came with this op, or before it, stays. */
  readonly sinceSeq: number;
  /** Only what was done in this turn, by the number of the op that began it. */
  readonly turn?: number | undefined;
  /** Only this file, if it is given. */
  readonly fileId?: number | undefined;
}

/** What a member did to a file as a whole and nobody undid since. */
export type TakenFate =
  | { readonly tag: 'created' }
  | { readonly tag: 'deleted' }
  | { readonly tag: 'renamed'; readonly from: string };

/** What is left of the member's work in one file. */
export interface TakeBackFile {
  readonly head: FileHead;
  /** The text that the hunks' coordinates are in; empty for files that are not text. */
  readonly text: Text;
  readonly hunks: readonly TakeBackHunk[];
  readonly fate: TakenFate | undefined;
  /** Work that cannot be taken back piece by piece: whole contents, and files that are binary. */
  readonly hasWholeContent: boolean;
}

export interface TakeBackPlan extends TakeBackRequest {
  readonly files: readonly TakeBackFile[];
}

export interface PlanProgress {
  readonly files: number;
  readonly totalFiles: number;
}

/**
 * Finds what is left of a member's work since an op, file by file: nothing is changed. Rejects with
 * `LinkFailure` when the connection ends, and with the signal's reason.
 */
export async function planMemberTakeBack(
  session: WorldSession,
  request: TakeBackRequest,
  signal?: AbortSignal,
  onProgress?: (progress: PlanProgress) => void,
): Promise<TakeBackPlan> {
  const link = await session.whenOnline(signal);
  const { touched, taken } = await filesOf(session, request, signal);
  const files: TakeBackFile[] = [];
  let done = 0;
  for (const [fileId, firstSeq] of touched) {
    signal?.throwIfAborted();
    const head = session.view.files.get(fileId);
    const file = head && (await planFile(session, link, head, { ...request, taken }, firstSeq));
    if (file && (file.hunks.length > 0 || file.fate || file.hasWholeContent)) files.push(file);
    onProgress?.({ files: ++done, totalFiles: touched.size });
  }
  files.sort((a, b) => (a.head.path < b.head.path ? -1 : 1));
  return { ...request, files };
}

/** The files that the member wrote to, with the first op that did, and all of these ops. */
async function filesOf(
  session: WorldSession,
  { member, sinceSeq, fileId, turn }: TakeBackRequest,
  signal: AbortSignal | undefined,
): Promise<{
  readonly touched: ReadonlyMap<number, number>;
  readonly taken: ReadonlySet<number> | undefined;
}> {
  const taken = turn === undefined ? undefined : new Set<number>();
  const found = new Map<number, number>();
  const headSeq = await readHeadSeq(await session.whenOnline(signal));
  for await (const ops of opsBetween(session, sinceSeq, headSeq, { author: member })) {
    signal?.throwIfAborted();
    for (const op of ops) {
      if (turn !== undefined && turnOf(op) !== turn) continue;
      taken?.add(op.opSeq);
      const isWanted = op.fileId > 0 && (fileId === undefined || op.fileId === fileId);
      if (isWanted && !found.has(op.fileId)) found.set(op.fileId, op.opSeq);
    }
  }
  return { touched: found, taken };
}

async function planFile(
  session: WorldSession,
  link: Link,
  head: FileHead,
  {
    member,
    sinceSeq,
    taken: named,
  }: TakeBackRequest & { readonly taken: ReadonlySet<number> | undefined },
  firstSeq: number,
): Promise<TakeBackFile | undefined> {
  const isTaken = ({ author, isImported, opSeq }: Origin): boolean =>
    author === member && !isImported && (named ? named.has(opSeq) : opSeq > sinceSeq);
  const history = await fileHistory(link, head, firstSeq);
  const taken = history.filter(({ origin }) => isTaken(origin));
  const fate = fateOf(taken, head);
  // Somebody else has done away with the file: nothing of it is there.
  if (head.deleted && !fate) return undefined;
  if (head.deleted && isOnlyTheirs(history, taken)) return undefined;
  const whole = history.findLastIndex(({ op }) => op.kind !== 'create' && hasContent(op));
  const hasWholeContent = taken.some(({ op }) => op.kind !== 'create' && hasContent(op));
  const common = { head, fate, hasWholeContent };
  if (head.kind === 'binary') return { ...common, text: Text.of(''), hunks: [] };
  // What was replaced as a whole left nothing before it to be taken back.
  const later = history.slice(whole + 1);
  const start = whole >= 0 ? history[whole]!.op.version : (later[0]?.before ?? head.version);
  const base = await textAt(session, link, head.fileId, start);
  const text = await textAt(session, link, head.fileId, head.version);
  const steps: WovenOp[] = [];
  for (const { op, origin } of later) {
    const changes = await changesOf(session, link, op);
    if (op.version > start && op.version <= head.version)
      steps.push({ origin, changes, version: op.version });
  }
  return { ...common, text, hunks: planTakeBack(base, steps, isTaken) };
}

interface OriginatedOp {
  readonly op: OpRecord;
  readonly origin: Origin;
  /** The file's version before it. */
  readonly before: number;
}

/** A file's ops from the first taken one to its head, and whose work each is. */
async function fileHistory(
  link: Link,
  head: FileHead,
  firstSeq: number,
): Promise<readonly OriginatedOp[]> {
  const originator = new Originator();
  const found: OriginatedOp[] = [];
  const ops = await opsFrom(link, head, firstSeq);
  for (const op of ops) {
    // Proposals that were made before may be let in later.
    const origin = originator.originOf(op);
    if (op.opSeq < firstSeq || op.kind === 'conflict') continue;
    found.push({ op, origin, before: op.version - (makesText(op) ? 1 : 0) });
  }
  return found;
}

/** Reads backwards until the op is there: a version tells where it stands, a number does not. */
async function opsFrom(link: Link, head: FileHead, firstSeq: number): Promise<OpRecord[]> {
  const file = await FileOps.open(link, head.fileId);
  let ops: OpRecord[] = [];
  for (let upTo = head.version, step = FIRST_VERSIONS; upTo > 0; step *= 4) {
    const after = Math.max(0, upTo - step);
    ops = [...(await file.read(after, upTo)), ...ops];
    if (ops[0] && ops[0].opSeq < firstSeq) break;
    upTo = after;
  }
  return ops;
}

const FIRST_VERSIONS = 500;

function makesText(op: OpRecord): boolean {
  return op.kind === 'create' || op.changes.length > 0 || hasContent(op) || op.kind === 'edit';
}

function hasContent(op: OpRecord): boolean {
  return contentOf(op) !== undefined;
}

/** What an op did to the text; a new file is one insertion into nothing. */
async function changesOf(session: WorldSession, link: Link, op: OpRecord): Promise<Changes> {
  if (op.kind !== 'create') return op.changes;
  const text = await textAt(session, link, op.fileId, op.version);
  const start = { line: 0, character: 0 };
  return [replace(start, start, text.toString())];
}

async function textAt(
  session: WorldSession,
  link: Link,
  fileId: number,
  version: number,
): Promise<Text> {
  if (version === 0) return Text.of('');
  const file = await readFile(link, session.view, fileId, version);
  return file.kind === 'text' ? file.text : Text.of('');
}

/** They made the file and wrote all of it: with it deleted there is nothing left of that. */
function isOnlyTheirs(history: readonly OriginatedOp[], taken: readonly OriginatedOp[]): boolean {
  const isMade = taken.some(({ op }) => op.kind === 'create');
  const own = new Set(taken);
  return isMade && history.every((each) => own.has(each) || !makesText(each.op));
}

/** The last of what the member did to the file as a whole, if the file still is as that left it. */
function fateOf(taken: readonly OriginatedOp[], head: FileHead): TakenFate | undefined {
  const kinds = taken.map(({ op }) => op);
  if (head.deleted) {
    return kinds.some(({ kind }) => kind === 'delete') ? { tag: 'deleted' } : undefined;
  }
  if (kinds.some(({ kind }) => kind === 'create')) return { tag: 'created' };
  const renames = kinds
    .filter(({ kind }) => kind === 'rename')
    .map(({ payload }) => readPayload('rename', payload));
  if (renames.at(-1)?.to !== head.path) return undefined;
  const from = renames[0]!.from;
  return from === head.path ? undefined : { tag: 'renamed', from };
}
