import { createHash } from 'node:crypto';
import { Timestamp } from 'spacetimedb';
import { type Arguments, personNamed, type TestWorld } from './test-world.ts';

/** What an invite gives, or what its maker has. */
export type Rights = Pick<
  Arguments<'create_invite'>,
  'kind' | 'role' | 'capabilities' | 'pathScope'
>;

export const PERSON: Rights = {
  kind: 'human',
  role: 'editor',
  capabilities: ['edit'],
  pathScope: [],
};
export const LOCKER: Rights = { ...PERSON, capabilities: ['edit', 'lock'] };
/** Who may invite. */
export const HOST: Rights = { ...LOCKER, capabilities: ['edit', 'lock', 'invite'] };

export function inviteOf(secret: string, rights: Rights): Arguments<'create_invite'> {
  return {
    ...rights,
    secretHash: createHash('sha256').update(secret).digest('hex'),
    expiresAt: new Timestamp(1_700_000_000_000_000n + 3_600_000_000n),
    uses: 1,
  };
}

export function redeem(world: TestWorld, invite: string, name: string) {
  return world.post('join', { invite, identity: personNamed(name), display_name: name });
}

export function codeOf({
  status,
  body,
}: {
  status: number;
  body: string;
}): [number, string | undefined] {
  return [status, body.split(':')[0]];
}

export function memberNamed(world: TestWorld, name: string) {
  const hex = personNamed(name);
  return world.rows('workspace_member').find((row) => row.identity.toHexString() === hex);
}
