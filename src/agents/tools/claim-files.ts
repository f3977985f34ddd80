/** Owns: what an agent claims, and whom it meets there. */
import { comparePositions } from '../../core/position.ts';
import { claimLines, extendClaim, longestClaimMs, USUAL_CLAIM_MS } from '../../world/claims.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import type { SoftLock } from '../../world/world-rows.ts';
import type { AgentSession } from '../agent-session.ts';
import { type ClaimView, done, refused, type Reply } from './answer.ts';
import { groundOf } from './edit-file.ts';
import { fitsGlob } from './glob.ts';
import type { Ground, Grounds } from './grounds.ts';
import { claimView } from './news-desk.ts';
import { countedLines } from './numbered-lines.ts';
import { refusalReply } from './refusal-reply.ts';

export interface ClaimRequest {
  readonly path: string;
  /** All lines of the file without it. */
  readonly firstLine?: number | undefined;
  /** Included. */
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

interface ClaimDesk {
  readonly agent: AgentSession;
  readonly grounds: Grounds;
  readonly randomBytes: RandomBytes;
}

/** Claims lines of a file, as the agent was given it. The same lines again extend the claim. */
export async function claimFile(
  { agent, grounds, randomBytes }: ClaimDesk,
  link: Link,
  { path, firstLine, lastLine, reason = '', minutes }: ClaimRequest,
): Promise<Reply> {
  const { session } = agent;
  const on = await groundOf(link, grounds, path, {});
  if (on.tag === 'refused') return on.reply;
  const { ground } = on;
  const total = countedLines(ground.text);
  const first = firstLine ?? 1;
  const last = lastLine ?? (firstLine === undefined ? Math.max(1, total) : firstLine);
  if (first < 1 || last < first || last > Math.max(1, total)) {
    return refused(
      'bad_range',
      `Lines ${first} to ${last} are no lines of ${ground.path}: it has ${total}.`,
      ['Claim lines that are there.'],
    );
  }
  const durationMs = Math.min(
    longestClaimMs(session.view),
    (minutes ?? USUAL_CLAIM_MS / MINUTE_MS) * MINUTE_MS,
  );
  const lines = { firstLine: first - 1, lastLine: last - 1 };
  const own = [...session.view.locks.values()].find(
    (lock) =>
      lock.holder === session.identity &&
      lock.fileId === ground.fileId &&
      lock.firstLine === lines.firstLine &&
      lock.lastLine === lines.lastLine,
  );
  const answer = own
    ? await extendClaim(session, own, durationMs)
    : await claimLines(
        session,
        { fileId: ground.fileId, version: ground.version, ...lines, reason, durationMs },
        randomBytes,
      );
  if (answer.tag === 'refused') return refusalReply(session.view, ground.path, answer.refusal);
  if (answer.tag === 'unanswered') {
    return refused(
      'unanswered',
      'The world did not answer: whether you have the claim is not known.',
      ['List the claims.'],
    );
  }
  return claimedReply(agent, ground, answer.lock);
}

function claimedReply(agent: AgentSession, { path }: Ground, lock: SoftLock): Reply {
  const there = othersAt(agent, lock);
  const others =
    there.length === 0
      ? ''
      : ` ${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there now: a claim does not stop people.`;
  const claim = claimView(agent.session, lock);
  return done(
    `You have claimed lines ${claim.firstLine} to ${claim.lastLine} of ${path}: other agents are refused there.${others}`,
    { kind: 'claims', claims: [claim] },
    [`Give it back when you are done: claim ${claim.claim}.`],
  );
}

/** Who else has the cursor in the lines. */
function othersAt({ session }: AgentSession, lock: SoftLock): readonly string[] {
  const names = new Set<string>();
  for (const { identity, fileId, selections } of session.view.movements.values()) {
    if (identity === session.identity || fileId !== lock.fileId) continue;
    const isThere = selections.some(({ activeLine }) => {
      const at = { line: activeLine, character: 0 };
      return (
        comparePositions(at, { line: lock.firstLine, character: 0 }) >= 0 &&
        activeLine <= lock.lastLine
      );
    });
    if (isThere) names.add(memberName(session.view, identity));
  }
  return [...names];
}

export function listClaims({ session }: AgentSession, { glob = '**' }: ClaimsRequest): Reply {
  const claims = livingClaims(session)
    .map((lock): ClaimView => claimView(session, lock))
    .filter(({ path }) => fitsGlob(path, glob))
    .sort((a, b) => (a.path === b.path ? a.firstLine - b.firstLine : a.path < b.path ? -1 : 1));
  return done(`${claims.length} ${claims.length === 1 ? 'claim' : 'claims'}.`, {
    kind: 'claims',
    claims,
  });
}

export async function releaseClaim(agent: AgentSession, { claim }: ReleaseRequest): Promise<Reply> {
  const { session } = agent;
  const lock = session.view.locks.get(claim);
  if (!lock || lock.expiresAtMs <= session.clock.nowMs()) {
    return {
      ...refused('no_change', `There is no claim ${claim}: it has ended.`),
      outcome: 'done',
    };
  }
  if (lock.holder !== session.identity) {
    return refused(
      'needs_person',
      `Claim ${claim} is of ${memberName(session.view, lock.holder)}.`,
      ['Ask for it by a message.'],
    );
  }
  const result = await agent.release(claim);
  if (result.tag === 'refused') return refusalReply(session.view, '', result.refusal);
  return done(`Claim ${claim} is given back.`);
}

/** Claims whose time is not over; the world sweeps them later. */
export function livingClaims({
  view,
  clock,
}: Pick<AgentSession['session'], 'view' | 'clock'>): readonly SoftLock[] {
  return [...view.locks.values()].filter(({ expiresAtMs }) => expiresAtMs > clock.nowMs());
}

const MINUTE_MS = 60_000;
