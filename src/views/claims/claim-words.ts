import * as vscode from 'vscode';
import { colorIndexOf } from '../../world/member-color.ts';
import { memberName } from '../../world/member-name.ts';
import {
  type AnyClaim,
  type AnyClaimAnswer,
  anyClaimPlace,
  claimEndMs,
  claimKey,
  claimOfKey,
  isPathClaim,
} from '../../world/any-claim.ts';
import { lineNumbers, mayRelease } from '../../world/claims.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { PlacedClaim } from '../../decorations/claim-track.ts';
import type { ClaimMark } from '../../decorations/claim-marks.ts';
import { remaining } from '../elapsed.ts';

/** What can be done about a claim, by the name of its command. */
export type ClaimAction = 'askForClaim' | 'extendClaim' | 'releaseClaim';

/** What the session's member can do about a claim. */
export function actionsFor(session: WorldSession, lock: AnyClaim): readonly ClaimAction[] {
  if (lock.holder === session.identity) return ['extendClaim', 'releaseClaim'];
  return mayRelease(session, lock) ? ['askForClaim', 'releaseClaim'] : ['askForClaim'];
}

export function actionLabel(action: ClaimAction): string {
  switch (action) {
    case 'askForClaim':
      return vscode.l10n.t('Ask for It…');
    case 'extendClaim':
      return vscode.l10n.t('Extend…');
    case 'releaseClaim':
      return vscode.l10n.t('Release');
  }
}

/** Who has it, why, and for how long, in few words. */
export function claimFacts(session: WorldSession, lock: AnyClaim): readonly string[] {
  const holder =
    lock.holder === session.identity ? vscode.l10n.t('you') : memberName(session.view, lock.holder);
  return [holder, lock.reason, timeLeft(session, lock)].filter((fact) => fact !== '');
}

/** The server ends a claim soon after its time: until then it holds. */
export function timeLeft({ clock, view }: WorldSession, claim: AnyClaim): string {
  const nowMs = clock.nowMs();
  const endMs = claimEndMs(view, claim);
  return endMs <= nowMs ? vscode.l10n.t('ends now') : remaining(endMs, nowMs);
}

/** The claim as its lines show it. */
export function markOf(session: WorldSession, lock: AnyClaim, placed: PlacedClaim): ClaimMark {
  const { members } = session.view;
  const holder = members.get(lock.holder);
  return {
    ...placed,
    note: noteText(session, lock),
    hover: hoverOf(session, lock, placed),
    colorIndex: holder ? colorIndexOf(holder, members.values()) : 0,
    isOwn: lock.holder === session.identity,
  };
}

function noteText(session: WorldSession, lock: AnyClaim): string {
  const left = timeLeft(session, lock);
  const claimed =
    lock.holder === session.identity
      ? vscode.l10n.t('claimed by you, {0}', left)
      : vscode.l10n.t('claimed by {0}, {1}', memberName(session.view, lock.holder), left);
  return lock.reason === '' ? claimed : `${claimed}: ${lock.reason}`;
}

function hoverOf(
  session: WorldSession,
  lock: AnyClaim,
  placed: PlacedClaim,
): vscode.MarkdownString {
  const hover = new vscode.MarkdownString();
  hover.appendText(claimedText(session, lock, placed));
  if (lock.reason !== '') hover.appendMarkdown('\n\n').appendText(lock.reason);
  const actions = actionsFor(session, lock);
  hover.isTrusted = { enabledCommands: actions.map((action) => `agentWorld.${action}`) };
  const link = encodeURIComponent(JSON.stringify([{ lockId: claimKey(lock) }]));
  const links = actions.map(
    (action) => `[${actionLabel(action)}](command:agentWorld.${action}?${link})`,
  );
  return hover.appendMarkdown(`\n\n${links.join(' · ')}`);
}

function claimedText(session: WorldSession, lock: AnyClaim, placed: PlacedClaim): string {
  const left = timeLeft(session, lock);
  const isOwn = lock.holder === session.identity;
  const name = memberName(session.view, lock.holder);
  if (isPathClaim(lock)) {
    const place = anyClaimPlace(session.view, lock);
    return isOwn
      ? vscode.l10n.t('You have claimed {0}, {1}.', place, left)
      : vscode.l10n.t('{0} has claimed {1}, {2}.', name, place, left);
  }
  const lines = lineNumbers(placed);
  return isOwn
    ? vscode.l10n.t('You have claimed the lines {0}, {1}.', lines, left)
    : vscode.l10n.t('{0} has claimed the lines {1}, {2}.', name, lines, left);
}

/** Why a claim was not made or made longer, and what to do next. */
export function refusalText(
  session: WorldSession,
  answer: Exclude<AnyClaimAnswer, { readonly tag: 'claimed' }>,
): string {
  if (answer.tag === 'unanswered') {
    return vscode.l10n.t('The world does not answer now. Try again when this window is connected.');
  }
  const { code, message } = answer.refusal;
  switch (code) {
    case 'locked':
      return takenText(session, answer.refusal.details);
    case 'too_many':
      return vscode.l10n.t('You have as many claims as this world allows. Release one first.');
    case 'out_of_scope':
      return vscode.l10n.t('That is outside of the paths that you may write.');
    case 'forbidden':
      return vscode.l10n.t('You have no right to claim in this world. An owner can give it.');
    case 'paused':
      return vscode.l10n.t('You are paused in this world. An owner can resume you.');
    default:
      return vscode.l10n.t('It is not claimed: {0}', message);
  }
}

function takenText(session: WorldSession, details: Readonly<Record<string, unknown>>): string {
  const { lockId, claimId } = details;
  const key = typeof claimId === 'number' ? -claimId : lockId;
  const lock = typeof key === 'number' ? claimOfKey(session.view, key) : undefined;
  if (!lock) return vscode.l10n.t('Somebody else has claimed some of that.');
  return vscode.l10n.t(
    '{0} has claimed {1}, {2}. Claim something else, or ask for it.',
    memberName(session.view, lock.holder),
    anyClaimPlace(session.view, lock),
    timeLeft(session, lock),
  );
}

/** That a claim is made or longer now. */
export function tellHeld(session: WorldSession, claim: AnyClaim): void {
  const place = anyClaimPlace(session.view, claim);
  tellOfClaims(vscode.l10n.t('{0} is yours, {1}.', place, timeLeft(session, claim)));
}

export function tellOfClaims(message: string): void {
  vscode.window.setStatusBarMessage(`$(lock) ${message}`, SHOWN_MS);
}

const SHOWN_MS = 8_000;
