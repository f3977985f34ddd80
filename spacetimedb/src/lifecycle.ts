import { toHex } from '../../src/core/hash.ts';
import type { LineEnd } from '../../src/core/op-payload.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { demandNoClaims } from './claimed-files.ts';
import { type FileCall, runFileCall, unseenEdits } from './file-call.ts';
import { checkContent, demandMode, storeContent } from './file-content.ts';
import { hash, hashText } from './hash.ts';
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
  runFileCall(ctx, 'rename', 'rename', args, { fromPath, path }, ({ caller, head }) => {
    demandPath(caller, path);
    demand(!head.deleted, 'no_such_file', 'the file was deleted');
    if (head.path === path) return { tag: 'nothing' };
    if (head.path !== fromPath) {
      const payload = { from: fromPath, to: path };
      return { tag: 'ticket', reason: 'renamed', overlapping: [], payload };
    }
    demandMovable(ctx.db, head, path);
    return {
      tag: 'apply',
      effect: { kind: 'rename', path },
      payload: { from: fromPath, to: path },
    };
  });
}

/** Deletes a file. A ticket where it was edited after the version that the caller saw. */
export function deleteFile(ctx: Context, args: Arguments<'delete_file'>): void {
  runFileCall(ctx, 'delete', 'delete', args, {}, (call) => {
    const { head } = call;
    if (head.deleted) return { tag: 'nothing' };
    const payload = { path: head.path };
    const overlapping = unseenEdits(ctx, call, args.expectedBaseVersion);
    if (overlapping.length > 0)
      return { tag: 'ticket', reason: 'concurrent', overlapping, payload };
    demandUnclaimed(ctx, call);
    return { tag: 'apply', effect: { kind: 'delete' }, payload };
  });
}

/** Brings a deleted file back, with the text that it had. */
export function restoreFile(ctx: Context, args: Arguments<'restore_file'>): void {
  runFileCall(ctx, 'restore', 'restore', args, { path: args.path }, ({ caller, head, history }) => {
    if (!head.deleted) return { tag: 'nothing' };
    const path = args.path === '' ? head.path : args.path;
    demandPath(caller, path);
    demandFree(ctx.db, path);
    const isRoom = history.fileCount < history.limits.files;
    demand(isRoom, 'too_many', 'the world has too many files');
    return { tag: 'apply', effect: { kind: 'restore', path }, payload: { path } };
  });
}

/** Sets how a file is put on disk: executable or not, its line ends, its byte order mark. */
export function setFileMode(ctx: Context, args: Arguments<'set_file_mode'>): void {
  const { mode, bom } = args;
  const sent = { mode, eol: args.eol, bom };
  runFileCall(ctx, 'mode', 'mode', args, sent, ({ head }) => {
    demandMode(mode);
    demand(args.eol === 'lf' || args.eol === 'crlf', 'bad_request', 'unknown line end');
    const eol: LineEnd = args.eol;
    demand(!head.deleted, 'no_such_file', 'the file was deleted');
    if (head.mode === mode && head.eol === eol && head.bom === bom) return { tag: 'nothing' };
    const payload = { mode, eol, bom };
    return { tag: 'apply', effect: { kind: 'mode', ...payload }, payload };
  });
}

/** A whole new content. A ticket where the caller had not seen the latest. */
export function replaceContent(ctx: Context, args: Arguments<'replace_content'>): void {
  const { kind, eol, bom, text, bytes } = args.content;
  spend(WORK_UNITS.op + byteUnits(text.length + bytes.length));
  const sent = { kind, eol, bom, hashes: [toHex(hashText(text)), toHex(hash(bytes))] };
  runFileCall(ctx, 'edit', 'content', args, sent, (call) => {
    const { caller, head, history } = call;
    const { limits, nowMicros } = history;
    const amount = text.length + bytes.length;
    byteRate.spend(caller.hex, amount, limits.bytesPerSecond, nowMicros);
    const checked = checkContent(args.content, limits);
    const content = storeContent(ctx.db, checked);
    const payload = { content };
    if (head.deleted) return { tag: 'ticket', reason: 'deleted', overlapping: [], payload };
    if (args.expectedBaseVersion !== head.version) {
      const overlapping = unseenEdits(ctx, call, args.expectedBaseVersion);
      return { tag: 'ticket', reason: 'concurrent', overlapping, payload };
    }
    demandUnclaimed(ctx, call);
    const kept = kind === 'text' ? keptLines(ctx.db, head, text) : undefined;
    return {
      tag: 'apply',
      effect: { kind: 'content', content, contentHash: checked.hash },
      payload: { ...payload, kept },
    };
  });
}

function demandUnclaimed(ctx: Context, { caller, history, head }: FileCall): void {
  demandNoClaims(ctx.db, head.fileId, rulesFor(caller, history));
}
