import { canonicalJson, type RenameProposal } from '../../src/core/op-payload.ts';
import { utf8Length } from '../../src/core/path.ts';
import { MOVED_PATH_BYTES } from '../../src/core/sizes.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { demandNewCall, rememberSettled } from './call-memory.ts';
import { authorOf, type Caller, demandScope, type Who, writerOf } from './caller.ts';
import { demandPathsFree } from './claimed-paths.ts';
import { writeHead } from './file-call.ts';
import { headAfter } from './file-effect.ts';
import { hashText } from './hash.ts';
import { History, NO_TEXT } from './history.ts';
import { demandOpId } from './ids.ts';
import { answerAgain } from './known-op.ts';
import { demandMovable, demandPath } from './paths.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { rulesFor } from './rules.ts';
import { openFileTicket } from './tickets.ts';
import { spend } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

type Sent = Arguments<'rename_files'>['files'][number];

/** A file that is to move, and where it is now. */
interface Move {
  readonly sent: Sent;
  readonly head: Row<'file_head'>;
}

/**
 * Moves files together, such as those of a folder: all of them or none. Where somebody else moved or
 * deleted one of them meanwhile, the whole is one ticket, under the id of the first. The outcome is told
 * for that id alone.
 */
export function renameFiles(ctx: Context, args: Arguments<'rename_files'>): void {
  const { batchId, files } = args;
  const first = files[0];
  if (!first) throw new Refusal('bad_request', 'there is no file to move');
  const asked = canonicalJson({ renames: files });
  const payloadHash = hashText(asked);
  if (answerAgain(ctx, first.opId, () => payloadHash, asked.length)) return;
  const caller = writerOf(ctx, 'edit');
  const history = History.open(ctx, caller);
  demandOpId(batchId);
  demand(files.length <= history.limits.filesPerImport, 'too_many', 'too many files at once');
  const bytes = files.reduce((sum, file) => sum + utf8Length(file.fromPath + file.path), 0);
  demand(bytes <= MOVED_PATH_BYTES, 'too_large', 'too many long paths at once');
  const isOnce = new Set(files.map(({ fileId }) => fileId)).size === files.length;
  demand(isOnce, 'bad_request', 'a file moves once');
  for (const { opId } of files) demandNewCall(ctx, caller, opId);
  opRate.spend(caller.hex, files.length, history.limits.opsPerSecond, history.nowMicros);
  spend(files.length * (WORK_UNITS.op + 8 * WORK_UNITS.row) + byteUnits(bytes));
  const author = authorOf(ctx, caller, args.author);
  const moves = files.map((sent) => openMove(ctx, caller, sent));
  const places = moves.flatMap(({ sent, head }) => [head, { path: sent.path }]);
  demandPathsFree(ctx.db, rulesFor(caller, history), places);
  const stuck = moves.find(({ sent, head }) => head.deleted || !isWhereSeen(sent, head));
  if (stuck) {
    openMovesTicket(ctx, caller, history, { batchId, author, payloadHash, moves, stuck });
  } else {
    const going = moves.filter(({ sent, head }) => head.path !== sent.path);
    for (const move of going)
      applyMove(ctx, caller, history, { batchId, author, payloadHash }, move);
    if (going[0] !== moves[0]) {
      const { version } = moves[0]!.head;
      rememberSettled(ctx, caller, [{ opId: first.opId, payloadHash, opSeq: 0, version }]);
      history.tell(first.opId, 'duplicate', 0, version);
    }
  }
  history.close();
}

function openMove(ctx: Context, caller: Caller, sent: Sent): Move {
  const head = ctx.db.file_head.fileId.find(sent.fileId);
  if (!head) throw new Refusal('no_such_file', `there is no file ${sent.fileId}`);
  demandScope(caller, head.path);
  demandPath(caller, sent.path);
  const version = sent.expectedBaseVersion;
  const isVersion = version >= 1 && version <= head.version;
  demand(isVersion, 'bad_range', `the file has no version ${version}`);
  return { sent, head };
}

/** It has not moved since its mover looked, or it has moved to just that place. */
function isWhereSeen({ fromPath, path }: Sent, head: Row<'file_head'>): boolean {
  return head.path === fromPath || head.path === path;
}

interface MovesCall {
  readonly batchId: string;
  readonly author: Who;
  readonly payloadHash: Uint8Array;
}

/** One after the other, as a replay does it. */
function applyMove(
  ctx: Context,
  caller: Caller,
  history: History,
  call: MovesCall,
  { sent, head }: Move,
): void {
  const { opId, fileId, expectedBaseVersion, path } = sent;
  demandMovable(ctx.db, head, path);
  const after = headAfter(ctx.db, head, { kind: 'rename', path });
  const opSeq = history.append({
    ...NO_TEXT,
    ...call,
    opId,
    fileId,
    version: after.version,
    kind: 'rename',
    expectedBaseVersion,
    payload: canonicalJson({ from: head.path, to: path }),
    beforeHash: head.contentHash,
    afterHash: after.contentHash,
  });
  writeHead(ctx, caller, after);
  history.tell(opId, 'applied', opSeq, after.version);
}

function openMovesTicket(
  ctx: Context,
  caller: Caller,
  history: History,
  call: MovesCall & { readonly moves: readonly Move[]; readonly stuck: Move },
): void {
  const { batchId, author, payloadHash, moves, stuck } = call;
  const { fileId, fromPath, path, expectedBaseVersion } = stuck.sent;
  const proposal: RenameProposal = {
    from: fromPath,
    to: path,
    moves: moves.map(({ sent }) => ({
      fileId: sent.fileId,
      from: sent.fromPath,
      to: sent.path,
    })),
  };
  openFileTicket(
    ctx,
    caller,
    history,
    {
      batchId,
      opId: moves[0]!.sent.opId,
      fileId,
      kind: 'rename',
      author,
      reason: stuck.head.deleted ? 'deleted' : 'renamed',
      baseVersion: expectedBaseVersion,
      parts: [],
      payload: canonicalJson(proposal),
      overlapping: [],
      payloadHash,
      proposal,
    },
    stuck.head,
  );
}
