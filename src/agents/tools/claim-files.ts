/** Owns: what an agent claims, and whom it meets there. */
import type { LineRange } from '../../core/map-position.ts';
import type { ClaimedPaths } from '../../core/path-claim.ts';
import {
  type AnyClaim,
  type AnyClaimAnswer,
  extendAnyClaim,
  isPathClaim,
  releaseAnyClaim,
} from '../../world/any-claim.ts';
import { claimLines, longestClaimMs, USUAL_CLAIM_MS } from '../../world/claims.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import { claimPaths, neighboursOf } from '../../world/path-claims.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { AgentSession } from '../agent-session.ts';
import { done, refused, type Reply } from './answer.ts';
import { claimView, livingClaim, livingClaims } from './claim-views.ts';
import { groundOf } from './edit-file.ts';
import { fitsGlob } from './glob.ts';
import type { Grounds } from './grounds.ts';
import { countedLines } from './numbered-lines.ts';
import { refusalReply } from './refusal-reply.ts';
import type { WorldPaths } from './world-paths.ts';

export interface ClaimRequest {
  /** A file, a folder with all in it, or a glob; also of files that are yet to come. */
  readonly path: string;
  /** The whole file without it. */
  readonly firstLine?: number | undefined;
  /** Included; only `firstLine` without it. */
  readonly lastLine?: number | undefined;
  /** What the agent is about to do there, for others. */
  readonly reason?: string | undefined;
  /** How long it lasts unless it is given back; 10 without it. */
  readonly minutes?: number | undefined;
}

export interface ClaimsRequest {
  /** Only of files that fit. */
  readonly glob?: string | undefined;
}

export interface ReleaseRequest {
  readonly claim: number;
}

export interface ClaimDesk {
  readonly agent: AgentSession;
  readonly grounds: Grounds;
  readonly paths: WorldPaths;
  readonly randomBytes: RandomBytes;
  /** Its claims end soon after the agent's last client session: somebody has to renew them. */
  readonly areLeases: boolean;
}

/** Claims lines as the agent was given them, a file, or a folder. The same again extends the claim. */
export function claimFile(desk: ClaimDesk, link: Link, request: ClaimRequest): Promise<Reply> {
  const { firstLine, lastLine } = request;
  return firstLine === undefined && lastLine === undefined
    ? claimWhole(desk, request)
    : claimSome(desk, link, request);
}

async function claimSome(desk: ClaimDesk, link: Link, request: ClaimRequest): Promise<Reply> {
  const { agent, grounds, randomBytes, areLeases } = desk;
  const { session } = agent;
  const { path, firstLine = 1, lastLine = firstLine, reason = '' } = request;
  const on = await groundOf(link, grounds, path, {});
  if (on.tag === 'refused') return on.reply;
  const { ground } = on;
  const total = countedLines(ground.text);
  const isRange = Number.isInteger(firstLine) && Number.isInteger(lastLine);
  if (!isRange || firstLine < 1 || lastLine < firstLine || lastLine > total) {
    const message = `Lines ${firstLine} to ${lastLine} are no lines of ${ground.path}: it has ${total}.`;
    return refused('bad_range', message, ['Claim lines that are there, or the whole file.']);
  }
  const lines = { firstLine: firstLine - 1, lastLine: lastLine - 1 };
  const { fileId, version } = ground;
  const durationMs = durationOf(session, request);
  const own = livingClaims(session).find(
    (claim) => claim.holder === session.identity && isOnLines(claim, fileId, lines),
  );
  const claim = { fileId, version, ...lines, reason, durationMs, isLease: areLeases };
  return own
    ? told(session, path, await extendAnyClaim(session, own, durationMs))
    : told(session, path, anyAnswer(await claimLines(session, claim, randomBytes)));
}

async function claimWhole(desk: ClaimDesk, request: ClaimRequest): Promise<Reply> {
  const { agent, randomBytes, areLeases } = desk;
  const { session } = agent;
  const target = await targetOf(desk, request.path);
  if ('code' in target) return target;
  const durationMs = durationOf(session, request);
  const own = livingClaims(session).find(
    (claim) =>
      claim.holder === session.identity && isPathClaim(claim) && claim.pattern === target.pattern,
  );
  if (own) return told(session, target.pattern, await extendAnyClaim(session, own, durationMs));
  const { reason = '' } = request;
  const wanted = { ...target, reason, durationMs, isLease: areLeases };
  const answer = await claimPaths(session, wanted, randomBytes);
  return told(session, target.pattern, answer);
}

/** What a path means: a glob, a folder with all in it, or a file. */
async function targetOf(
  { agent, paths }: ClaimDesk,
  spelled: string,
): Promise<ClaimedPaths | Reply> {
  if (/[*?{]/.test(spelled)) {
    const pattern = spelled
      .replaceAll('\\', '/')
      .replaceAll(/\/{2,}/g, '/')
      .replace(/^(?:\.?\/)+/, '');
    return { pattern, isGlob: true };
  }
  const found = await paths.canonical(spelled);
  if (found.tag === 'bad') return found.reply;
  const { path } = found;
  const { view } = agent.session;
  const isFolder = /[\\/]$/.test(spelled) || view.inTheWay(path)?.why === 'folder';
  return isFolder ? { pattern: `${path}/**`, isGlob: true } : { pattern: path, isGlob: false };
}

function told(session: WorldSession, path: string, answer: AnyClaimAnswer): Reply {
  const { view } = session;
  if (answer.tag === 'unanswered') {
    const message = 'The world did not answer: whether you have the claim is not known.';
    return refused('unanswered', message, ['List the claims.']);
  }
  if (answer.tag === 'refused') return refusalReply(view, path, answer.refusal);
  const claim = claimView(session, answer.claim);
  const what =
    claim.firstLine > 0
      ? `lines ${claim.firstLine} to ${claim.lastLine} of ${claim.path}`
      : claim.path;
  const there = othersAt(session, answer.claim);
  const others =
    there.length === 0
      ? ''
      : ` ${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there now: a claim does not stop people.`;
  return done(
    `You have claimed ${what}: other agents are refused there.${others}`,
    { kind: 'claims', claims: [claim] },
    [`Give it back when you are done: claim ${claim.claim}.`],
  );
}

/** Who else is there. */
function othersAt(session: WorldSession, claim: AnyClaim): readonly string[] {
  const { view, identity } = session;
  const names = new Set<string>();
  if (isPathClaim(claim)) {
    for (const each of neighboursOf(session, claim).present)
      names.add(memberName(view, each.identity));
  } else {
    for (const { identity: other, fileId, selections } of view.movements.values()) {
      const isThere = selections.some(
        ({ activeLine }) => activeLine >= claim.firstLine && activeLine <= claim.lastLine,
      );
      if (other !== identity && fileId === claim.fileId && isThere)
        names.add(memberName(view, other));
    }
  }
  return [...names];
}

export function listClaims({ session }: AgentSession, { glob = '**' }: ClaimsRequest): Reply {
  const claims = livingClaims(session)
    .map((claim) => claimView(session, claim))
    .filter(({ path }) => fitsGlob(path, glob))
    .sort((a, b) => (a.path === b.path ? a.firstLine - b.firstLine : a.path < b.path ? -1 : 1));
  const message = `${claims.length} ${claims.length === 1 ? 'claim' : 'claims'}.`;
  return done(message, { kind: 'claims', claims });
}

/** Throws `WorldError`. */
export async function releaseClaim(
  { session }: AgentSession,
  { claim: key }: ReleaseRequest,
): Promise<Reply> {
  const claim = livingClaim(session, key);
  if (!claim) {
    const message = `There is no claim ${key}: it has ended.`;
    return { ...refused('no_change', message), outcome: 'done' };
  }
  if (claim.holder !== session.identity) {
    const holder = memberName(session.view, claim.holder);
    return refused('needs_person', `Claim ${key} is of ${holder}.`, ['Ask for it by a message.']);
  }
  await releaseAnyClaim(session, claim);
  return done(`Claim ${key} is given back.`);
}

function durationOf({ view }: WorldSession, { minutes }: ClaimRequest): number {
  const wanted = minutes === undefined ? USUAL_CLAIM_MS : Math.max(1, minutes) * MINUTE_MS;
  return Math.min(longestClaimMs(view), wanted);
}

function isOnLines(claim: AnyClaim, fileId: number, { firstLine, lastLine }: LineRange): boolean {
  if (isPathClaim(claim) || claim.fileId !== fileId) return false;
  return claim.firstLine === firstLine && claim.lastLine === lastLine;
}

function anyAnswer(answer: Awaited<ReturnType<typeof claimLines>>): AnyClaimAnswer {
  return answer.tag === 'claimed' ? { tag: 'claimed', claim: answer.lock } : answer;
}

const MINUTE_MS = 60_000;
