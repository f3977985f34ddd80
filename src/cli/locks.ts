import {
  type ClaimAnswer,
  claimLines,
  extendClaim,
  lineNumbers,
  releaseClaim,
} from '../world/claims.ts';
import { demandDone } from '../world/demand-done.ts';
import type { SoftLock } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { parseDuration } from './duration.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { acquirePaths, giveBackPaths, isPathClaim, prolongPaths, showPaths } from './path-locks.ts';
import { nameOf } from './member-name.ts';
import { withWorld } from './with-world.ts';

export const locksCommand: Command = {
  name: 'locks',
  usage: '[WORLD]',
  summary: 'claims on lines, files and folders: who holds which, and until when',
  explanation: `
Lists the claims of a world. With --claim you claim lines, counted from 1, both included; with --file a
whole file, also one that is yet to come; with --folder all that is in a folder, or that a glob stands for.
Agents are refused there, people are warned, until the time is over or you give it back with --release;
--extend lets it last for longer. A claim on lines follows its text, and one on a file its name.
In a glob * stands for any characters of a name, ? for one, ** for any folders, and {a,b} for a or b.`,
  options: [
    { name: 'claim', value: 'PATH:A-B', meaning: 'claim the lines A to B of a file' },
    { name: 'file', value: 'PATH', meaning: 'claim a whole file' },
    { name: 'folder', value: 'GLOB', meaning: 'claim a folder, or what a glob stands for' },
    { name: 'reason', value: 'TEXT', meaning: 'why, for others to read' },
    { name: 'for', value: 'TIME', meaning: 'for how long, such as 90s or 10m (10m)' },
    { name: 'extend', value: 'N', meaning: 'let claim N last for another --for from now' },
    {
      name: 'release',
      value: 'N',
      meaning: 'give claim N back; those on files and folders are f1, f2, …',
    },
  ],
  positionals: [0, 1],
  run(context, line) {
    const named = ACTIONS.filter((name) => line.text(name) !== undefined);
    if (named.length > 1) {
      throw new UsageError('One of --claim, --file, --folder, --extend and --release');
    }
    const [action] = named;
    const value = action === undefined ? '' : (line.text(action) ?? '');
    return withWorld(context, line.positionals[0], (session, world) => {
      switch (action) {
        case 'claim':
          return acquire(context, session, parseClaim(value), line);
        case 'file':
        case 'folder':
          return acquirePaths(context, session, {
            kind: action,
            spelled: value,
            folder: world.folder,
            reason: line.text('reason') ?? '',
            durationMs: durationIn(line),
          });
        case 'extend':
          return prolong(context, session, value, line);
        case 'release':
          return giveBack(context, session, value);
        default:
          return Promise.resolve(list(context, session));
      }
    });
  },
};

const ACTIONS = ['claim', 'file', 'folder', 'extend', 'release'] as const;

function list({ terminal, machine }: Context, session: WorldSession): ExitCode {
  const nowMs = machine.clock.nowMs();
  const { locks: all, pathClaims } = session.view;
  const locks = [...all.values()].filter((lock) => lock.expiresAtMs > nowMs);
  const claims = [...pathClaims.claims.values()].filter((claim) => claim.expiresAtMs > nowMs);
  for (const lock of locks) show(terminal, session, lock, nowMs);
  for (const claim of claims) showPaths(terminal, session, claim, nowMs);
  if (locks.length + claims.length === 0) terminal.line('No claims.');
  return EXIT.ok;
}

function show(
  terminal: Context['terminal'],
  { view }: WorldSession,
  lock: SoftLock,
  nowMs: number,
): void {
  const { lockId, fileId, holder, firstLine, lastLine, reason, expiresAtMs } = lock;
  const path = view.files.get(fileId)?.path ?? '';
  const leftSeconds = Math.ceil((expiresAtMs - nowMs) / 1000);
  const name = nameOf(view, holder);
  terminal.json({
    lock: lockId,
    path,
    firstLine: firstLine + 1,
    lastLine: lastLine + 1,
    holder,
    name,
    reason,
    leftSeconds,
  });
  const lines = lineNumbers({ firstLine, lastLine });
  terminal.line(
    `#${lockId}  ${path}:${lines}  ${name}  ${leftSeconds} s left  ${reason}`.trimEnd(),
  );
}

async function acquire(
  context: Context,
  session: WorldSession,
  { path, firstLine, lastLine }: ClaimedLines,
  line: CommandLine,
): Promise<ExitCode> {
  const { machine } = context;
  const file = session.view.fileAt(path);
  if (!file) throw new UsageError(`The world has no file ${path}`);
  const { fileId, version } = file;
  const lines = { firstLine: firstLine - 1, lastLine: lastLine - 1 };
  const reason = line.text('reason') ?? '';
  const claim = { fileId, version, ...lines, reason, durationMs: durationIn(line) };
  showAnswer(context, session, await claimLines(session, claim, machine.randomBytes));
  return EXIT.ok;
}

async function prolong(
  context: Context,
  session: WorldSession,
  named: string,
  line: CommandLine,
): Promise<ExitCode> {
  if (isPathClaim(named)) return prolongPaths(context, session, named, durationIn(line));
  const lockId = claimNumber(named);
  const lock = session.view.locks.get(lockId);
  if (!lock) throw new UsageError(`There is no claim ${lockId}`);
  if (lock.holder !== session.identity) throw new UsageError(`Claim ${lockId} is not yours`);
  showAnswer(context, session, await extendClaim(session, lock, durationIn(line)));
  return EXIT.ok;
}

function showAnswer({ machine, terminal }: Context, session: WorldSession, answer: ClaimAnswer) {
  if (answer.tag === 'claimed') show(terminal, session, answer.lock, machine.clock.nowMs());
  else demandDone(answer);
}

async function giveBack(context: Context, session: WorldSession, named: string) {
  if (isPathClaim(named)) return giveBackPaths(context, session, named);
  const { terminal } = context;
  const lockId = claimNumber(named);
  await releaseClaim(session, lockId);
  terminal.json({ lock: lockId, released: true });
  terminal.line(`Claim ${lockId} is given back.`);
  return EXIT.ok;
}

function durationIn(line: CommandLine): number {
  return parseDuration(line.text('for') ?? '10m');
}

function claimNumber(named: string): number {
  const lockId = Number(/^#?(\d{1,9})$/.exec(named)?.[1]);
  if (!(lockId > 0)) throw new UsageError(`Not a claim's number: ${named}`);
  return lockId;
}

interface ClaimedLines {
  readonly path: string;
  /** Counted from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
}

function parseClaim(text: string): ClaimedLines {
  const match = /^(.+):([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?$/.exec(text);
  const firstLine = Number(match?.[2]);
  const lastLine = Number(match?.[3] ?? match?.[2]);
  if (!match || lastLine < firstLine)
    throw new UsageError(`Not lines of a file, as in src/a.ts:3-7: ${text}`);
  return { path: match[1]!, firstLine, lastLine };
}
