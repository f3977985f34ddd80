/** `agent-world locks` for whole files and folders; their numbers begin with an f. */
import { folderGlob, hasWildcards } from '../core/path-glob.ts';
import type { ClaimedPaths } from '../core/path-claim.ts';
import { refusalText } from '../world/claim-refusal.ts';
import { lineNumbers } from '../world/claims.ts';
import { demandDone } from '../world/demand-done.ts';
import type { PathClaim } from '../world/path-claim-rows.ts';
import {
  claimPaths,
  extendPathClaim,
  neighboursOf,
  type PathClaimAnswer,
  pathClaimPlace,
  releasePathClaim,
} from '../world/path-claims.ts';
import { spellGlob, spellPath } from '../world/spell-path.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { nameOf } from './member-name.ts';

export interface WantedPaths {
  readonly kind: 'file' | 'folder';
  readonly spelled: string;
  /** The world's folder on this machine; empty for none. */
  readonly folder: string;
  readonly reason: string;
  readonly durationMs: number;
}

/** Claims a file or a folder; says first who has claims there, and who is there. */
export async function acquirePaths(
  context: Context,
  session: WorldSession,
  wanted: WantedPaths,
): Promise<ExitCode> {
  const target = await targetOf(session, wanted);
  showNeighbours(context, session, target);
  const { reason, durationMs } = wanted;
  const claim = { ...target, reason, durationMs };
  showAnswer(context, session, await claimPaths(session, claim, context.machine.randomBytes));
  return EXIT.ok;
}

export async function prolongPaths(
  context: Context,
  session: WorldSession,
  named: string,
  durationMs: number,
): Promise<ExitCode> {
  const claim = session.view.pathClaims.claims.get(claimNumber(named));
  if (!claim) throw new UsageError(`There is no claim ${named}`);
  if (claim.holder !== session.identity) throw new UsageError(`Claim ${named} is not yours`);
  showAnswer(context, session, await extendPathClaim(session, claim, durationMs));
  return EXIT.ok;
}

export async function giveBackPaths(
  { terminal }: Context,
  session: WorldSession,
  named: string,
): Promise<ExitCode> {
  const claimId = claimNumber(named);
  await releasePathClaim(session, claimId);
  terminal.json({ lock: `f${claimId}`, released: true });
  terminal.line(`Claim f${claimId} is given back.`);
  return EXIT.ok;
}

/** True for a number of a claim on a file or folder: `f4`, `#f4`. */
export function isPathClaim(named: string): boolean {
  return NUMBER.test(named);
}

export function showPaths(
  terminal: Context['terminal'],
  { view }: WorldSession,
  claim: PathClaim,
  nowMs: number,
): void {
  const { claimId, isGlob, pattern, holder, reason, isLease } = claim;
  const leftSeconds = Math.ceil((claim.lastsUntilMs - nowMs) / 1000);
  const name = nameOf(view, holder);
  const path = pathClaimPlace(view, claim);
  const lock = `f${claimId}`;
  terminal.json({
    lock,
    ...(isGlob ? { folder: pattern } : { file: path }),
    holder,
    name,
    reason,
    leftSeconds,
    endsWithSession: isLease,
  });
  const left = isLease
    ? `while its session lasts, at most ${leftSeconds} s`
    : `${leftSeconds} s left`;
  terminal.line(`#${lock}  ${path}  ${name}  ${left}  ${reason}`.trimEnd());
}

async function targetOf(
  session: WorldSession,
  { kind, spelled, folder }: WantedPaths,
): Promise<ClaimedPaths> {
  const place = folder === '' ? undefined : folder;
  if (kind === 'folder' && hasWildcards(spelled)) {
    const pattern = await spellGlob(session.view, spelled, place);
    if (pattern === undefined) throw new UsageError(`${spelled} leads out of the world`);
    return { pattern, isGlob: true };
  }
  const found = await spellPath(session.view, spelled, place);
  if (found.tag === 'outside') throw new UsageError(`${spelled} leads out of the world`);
  if (found.tag === 'unfit') {
    throw new UsageError(`No file of a world can be at ${spelled} (${found.fault})`);
  }
  if (kind === 'folder') return { pattern: folderGlob(found.path), isGlob: true };
  if (found.path === '') throw new UsageError('To claim all of the world: --folder .');
  return { pattern: found.path, isGlob: false };
}

function showNeighbours({ terminal }: Context, session: WorldSession, target: ClaimedPaths): void {
  const { paths, lines, present } = neighboursOf(session, target);
  const { view } = session;
  for (const claim of paths) {
    terminal.line(`claimed: ${pathClaimPlace(view, claim)}  ${nameOf(view, claim.holder)}`);
  }
  for (const lock of lines) {
    const path = view.files.get(lock.fileId)?.path ?? '';
    terminal.line(`claimed: ${path}:${lineNumbers(lock)}  ${nameOf(view, lock.holder)}`);
  }
  for (const { identity, path } of present) {
    terminal.line(`there now: ${nameOf(view, identity)} in ${path}`);
  }
}

function showAnswer(
  { machine, terminal }: Context,
  session: WorldSession,
  answer: PathClaimAnswer,
) {
  if (answer.tag === 'claimed') {
    showPaths(terminal, session, answer.claim, machine.clock.nowMs());
  } else if (answer.tag === 'refused') {
    const { code } = answer.refusal;
    throw new WorldError('refused', `${code}: ${refusalText(session.view, answer.refusal)}`);
  } else {
    demandDone(answer);
  }
}

function claimNumber(named: string): number {
  const claimId = Number(NUMBER.exec(named)?.[1]);
  if (!(claimId > 0)) throw new UsageError(`Not a claim's number: ${named}`);
  return claimId;
}

const NUMBER = /^#?f(\d{1,9})$/;
