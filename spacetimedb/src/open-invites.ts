import type { Identity } from 'spacetimedb';
import { toHex } from '../../src/core/hash.ts';
import { hashText } from './hash.ts';
import { LOG_HEAD_ID } from './history.ts';
import { counted } from './work.ts';
import type { Context, Row } from './world.ts';

type Invite = Row<'invite'>;

/** Keeps an invite, and how long the history was when it was made. */
export function insertInvite(ctx: Context, invite: Invite): void {
  ctx.db.invite.insert(invite);
  const madeAfter = ctx.db.log_head.id.find(LOG_HEAD_ID)?.opSeq ?? 0;
  ctx.db.invite_time.insert({ secretHash: invite.secretHash, madeAfter });
}

/** The open invite whose secret has this hash. What ends by time is judged here, not by maintenance. */
export function openInvite(ctx: Context, secretHash: string): Invite | undefined {
  const invite = ctx.db.invite.secretHash.find(secretHash);
  return invite && isOpen(ctx, invite) ? invite : undefined;
}

/** The open invite that the history names so; there are at most as many as `openInvites` allows. */
export function inviteNamed(ctx: Context, inviteId: string): Invite | undefined {
  for (const invite of counted(ctx.db.invite.iter())) {
    if (inviteIdOf(invite) === inviteId && isOpen(ctx, invite)) return invite;
  }
  return undefined;
}

/**
 * What the history calls an invite. From this nobody gets the secret, nor its hash: else who reads
 * the history could make a spent invite anew, and whoever has its old link would come in by that.
 */
export function inviteIdOf({ secretHash }: Pick<Invite, 'secretHash'>): string {
  return toHex(hashText(`invite ${secretHash}`)).slice(0, 32);
}

/** Takes one use off an invite. */
export function spendInvite(ctx: Context, invite: Invite): void {
  if (invite.usesLeft === 1) endInvite(ctx, invite);
  else ctx.db.invite.secretHash.update({ ...invite, usesLeft: invite.usesLeft - 1 });
}

export function endInvite(ctx: Context, { secretHash }: Pick<Invite, 'secretHash'>): void {
  ctx.db.invite.secretHash.delete(secretHash);
  ctx.db.invite_time.secretHash.delete(secretHash);
}

export function endInvitesOf(ctx: Context, maker: Identity): void {
  for (const invite of counted(ctx.db.invite.iter())) {
    if (invite.createdBy.__identity__ === maker.__identity__) endInvite(ctx, invite);
  }
}

/** Drops invites whose time is over. */
export function expireInvites(ctx: Context): void {
  for (const invite of counted(ctx.db.invite.iter()))
    if (!isOpen(ctx, invite)) endInvite(ctx, invite);
}

/** From now on this identity comes back only by an invite that is made later. */
export function barUntilInvited(ctx: Context, identity: Identity, removedSeq: number): void {
  const bar = { identity, removedSeq };
  if (ctx.db.member_bar.identity.find(identity)) ctx.db.member_bar.identity.update(bar);
  else ctx.db.member_bar.insert(bar);
}

/**
 * True when an invite was made after this identity was removed. An invite without a time is older than
 * the table that keeps it, and so may be older than any removal; a removal without a bar is older, too.
 */
export function isLaterThanRemoval(ctx: Context, invite: Invite, identity: Identity): boolean {
  const time = ctx.db.invite_time.secretHash.find(invite.secretHash);
  const bar = ctx.db.member_bar.identity.find(identity);
  return time !== null && time.madeAfter >= (bar?.removedSeq ?? 0);
}

function isOpen(ctx: Context, { usesLeft, expiresAt }: Invite): boolean {
  return usesLeft > 0 && expiresAt.microsSinceUnixEpoch > ctx.timestamp.microsSinceUnixEpoch;
}
