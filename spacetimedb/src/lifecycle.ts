import { toHex } from '../../src/core/hash.ts';
import type { ModePayload } from '../../src/core/op-payload.ts';
import { readEol } from '../../src/core/other-ends.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { demandNoClaims } from './claimed-files.ts';
import { type FileCall, type FileDecision, runFileCall, unseenEdits } from './file-call.ts';
import { type CheckedContent, checkContent, demandMode, storeContent } from './file-content.ts';
import { hash, hashText } from './hash.ts';
import { otherEndsOf } from './line-ends.ts';
import { movedLines } from './set-line-ends.ts';
import { keptLines } from './kept-lines.ts';
import { demandFree, demandMovable, demandPath } from './paths.ts';
import { byteRate } from './rates.ts';
import { demand } from './refusal.ts';
import { rulesFor } from './rules.ts';
import { spend } from './work.ts';
import type { Arguments, Context } from './world.ts';

/** Moves a file. A ticket where somebody else moved it meanwhile. */
export function renameFile(ctx: Context, args: Arguments<'rename_file'>): void {
  const { fromPath, path } = args;
  runFileCall(ctx, 'rename', 'rename', args, { fromPath, path }, (call) =>
    decideRename(ctx, call, args),
  );
}

/** Deletes a file. A ticket where it was edited after the version that the caller saw. */
export function deleteFile(ctx: Context, args: Arguments<'delete_file'>): void {
  runFileCall(ctx, 'delete', 'delete', args, {}, (call) =>
    decideDelete(ctx, call, args.expectedBaseVersion),
  );
}

/** Brings a deleted file back, with the text that it had. */
export function restoreFile(ctx: Context, args: Arguments<'restore_file'>): void {
  const { path } = args;
  runFileCall(ctx, 'restore', 'restore', args, { path }, (call) => decideRestore(ctx, call, path));
}

/** Sets how a file is put on disk: executable or not, its line ends, its byte order mark. */
export function setFileMode(ctx: Context, args: Arguments<'set_file_mode'>): void {
  const { mode, eol, bom } = args;
  runFileCall(ctx, 'mode', 'mode', args, { mode, eol, bom }, (call) =>
    decideMode(ctx, call, demandShape(args), args.expectedBaseVersion),
  );
}

/** A whole new content. A ticket where the caller had not seen the latest. */
export function replaceContent(ctx: Context, args: Arguments<'replace_content'>): void {
  const { kind, eol, bom, text, bytes } = args.content;
  const amount = text.length + bytes.length;
  spend(WORK_UNITS.op + byteUnits(amount));
  const sent = { kind, eol, bom, hashes: [toHex(hashText(text)), toHex(hash(bytes))] };
  runFileCall(ctx, 'edit', 'content', args, sent, (call) => {
    const { limits, nowMicros } = call.history;
    byteRate.spend(call.caller.hex, amount, limits.bytesPerSecond, nowMicros);
    const content = checkContent(args.content, limits);
    return decideContent(ctx, call, args.expectedBaseVersion, content);
  });
}

export function decideRename(
  ctx: Context,
  { caller, head }: FileCall,
  { fromPath, path }: { readonly fromPath: string; readonly path: string },
): FileDecision {
  demandPath(caller, path);
  demand(!head.deleted, 'no_such_file', 'the file was deleted');
  if (head.path === path) return { tag: 'nothing' };
  const payload = { from: fromPath, to: path };
  if (head.path !== fromPath) return { tag: 'ticket', reason: 'renamed', overlapping: [], payload };
  demandMovable(ctx.db, head, path);
  return { tag: 'apply', effect: { kind: 'rename', path }, payload };
}

/** `seen` is the version that the caller saw. */
export function decideDelete(ctx: Context, call: FileCall, seen: number): FileDecision {
  const { head } = call;
  if (head.deleted) return { tag: 'nothing' };
  const payload = { path: head.path };
  const overlapping = unseenEdits(ctx, call, seen);
  if (overlapping.length > 0) return { tag: 'ticket', reason: 'concurrent', overlapping, payload };
  demandUnclaimed(ctx, call);
  return { tag: 'apply', effect: { kind: 'delete' }, payload };
}

/** `wanted` is empty for where it was. */
export function decideRestore(
  ctx: Context,
  { caller, head, history }: FileCall,
  wanted: string,
): FileDecision {
  if (!head.deleted) return { tag: 'nothing' };
  const path = wanted === '' ? head.path : wanted;
  demandPath(caller, path);
  demandFree(ctx.db, path);
  const isRoom = history.fileCount < history.limits.files;
  demand(isRoom, 'too_many', 'the world has too many files');
  return { tag: 'apply', effect: { kind: 'restore', path }, payload: { path } };
}

/** How a file is put on disk; `otherEnds` are lines of the version that the caller saw. */
export type FileShape = ModePayload;

export function demandShape({
  mode,
  eol,
  bom,
}: {
  readonly mode: string;
  readonly eol: string;
  readonly bom: boolean;
}): FileShape {
  demandMode(mode);
  const ends = readEol(eol);
  demand(ends !== undefined, 'bad_request', 'unknown line end');
  return { mode, ...ends, bom };
}

/** `seen` is the version that the caller saw. */
export function decideMode(
  ctx: Context,
  call: FileCall,
  shape: FileShape,
  seen: number,
): FileDecision {
  const { head } = call;
  demand(!head.deleted, 'no_such_file', 'the file was deleted');
  const { mode, eol, otherEnds, bom } = shape;
  const isSame = head.mode === mode && head.eol === eol && head.bom === bom;
  if (otherEnds === undefined) {
    if (isSame) return { tag: 'nothing' };
    const payload = { mode, eol, bom };
    return { tag: 'apply', effect: { kind: 'mode', ...payload }, payload };
  }
  demand(head.kind === 'text', 'bad_text', 'the file is kept as binary and has no lines');
  const moved = movedLines(ctx, call, seen, [otherEnds])?.[0] ?? '';
  if (isSame && moved === otherEndsOf(ctx.db, head.fileId)) return { tag: 'nothing' };
  const payload = { mode, eol, otherEnds: moved, bom };
  return { tag: 'apply', effect: { kind: 'mode', ...payload }, payload };
}

/** `seen` as in `decideDelete`. Stores the content. */
export function decideContent(
  ctx: Context,
  call: FileCall,
  seen: number,
  checked: CheckedContent,
): FileDecision {
  const { head } = call;
  const content = storeContent(ctx.db, checked);
  const payload = { content };
  if (head.deleted) return { tag: 'ticket', reason: 'deleted', overlapping: [], payload };
  if (seen !== head.version) {
    const overlapping = unseenEdits(ctx, call, seen);
    return { tag: 'ticket', reason: 'concurrent', overlapping, payload };
  }
  demandUnclaimed(ctx, call);
  const isText = checked.kind === 'text';
  const kept = isText ? keptLines(ctx.db, head, checked.sent.text) : undefined;
  return {
    tag: 'apply',
    effect: { kind: 'content', content, contentHash: checked.hash },
    payload: { ...payload, kept },
  };
}

function demandUnclaimed(ctx: Context, { caller, history, head }: FileCall): void {
  demandNoClaims(ctx.db, head.fileId, rulesFor(caller, history));
}
