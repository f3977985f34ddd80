import type { Identity } from 'spacetimedb';
import type { Limits } from '../../src/core/limits.ts';
import { cleanName, freeName, nameKey } from '../../src/core/member-name.ts';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import { demand } from './refusal.ts';
import { counted } from './work.ts';
import type { Context, Row } from './world.ts';

export type Profile = Pick<
  Row<'workspace_member'>,
  'displayName' | 'gitName' | 'gitEmail' | 'color'
>;

/**
 * What somebody is shown as, from what they ask for. A name that a present member has already gets an
 * addition and is not refused: one person's second machine brings the same name.
 */
export function profileFor(
  ctx: Context,
  identity: Identity,
  asked: Profile,
  limits: Limits,
): Profile {
  demandProfile(asked, limits);
  return {
    displayName: displayNameFor(ctx, identity, asked.displayName, limits),
    gitName: cleanName(asked.gitName),
    gitEmail: cleanName(asked.gitEmail),
    color: asked.color,
  };
}

/** Refuses names that are too long to show, and colours that are none. */
export function demandProfile(profile: Profile, limits: Pick<Limits, 'nameLength'>): void {
  for (const name of [profile.displayName, profile.gitName, profile.gitEmail]) {
    demand(name.length <= limits.nameLength, 'too_large', 'a name is too long');
    demand(
      name.isWellFormed() && !CONTROL.test(name),
      'bad_text',
      'a name has no control characters',
    );
  }
  demand(/^[-#%(),. 0-9A-Za-z]{0,64}$/.test(profile.color), 'bad_request', 'not a CSS colour');
}

function displayNameFor(ctx: Context, identity: Identity, asked: string, limits: Limits): string {
  const own = ctx.db.workspace_member.identity.find(identity);
  const keepsName = own?.removedAt === undefined && own?.displayName === cleanName(asked);
  if (keepsName) return own.displayName;
  const taken = new Set([nameKey(UNATTRIBUTED.name)]);
  for (const member of counted(ctx.db.workspace_member.iter())) {
    const isOther = member.identity.__identity__ !== identity.__identity__;
    if (isOther && member.removedAt === undefined) taken.add(nameKey(member.displayName));
  }
  return freeName(asked, limits.nameLength, (key) => taken.has(key));
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
