import type { StoredIdentity } from './identities.ts';
import type { Profile } from './publish.ts';
import { parseRefusal } from './refusal.ts';
import { askServer } from './server-request.ts';
import { WorldError } from './world-error.ts';

export interface JoinOptions {
  readonly uri: string;
  readonly database: string;
  /** The invite's. */
  readonly secret: string;
  readonly self: StoredIdentity;
  readonly profile: Profile;
  readonly signal?: AbortSignal;
}

/**
 * Redeems an invite: from then on `self` is a member. Kind and role come from the invite. Joining
 * again as a member changes nothing. Throws `WorldError` `bad_invite`, `no_such_world`, `unreachable`.
 */
export async function joinWorld(options: JoinOptions): Promise<void> {
  const { uri, database, secret, self, profile, signal } = options;
  const answer = await askServer({
    uri,
    path: `v1/database/${encodeURIComponent(database)}/route/join`,
    method: 'POST',
    body: {
      type: 'application/json',
      content: JSON.stringify({
        invite: secret,
        identity: self.identity,
        display_name: profile.displayName,
        git_name: profile.gitName,
        git_email: profile.gitEmail,
        color: profile.color,
      }),
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status >= 200 && answer.status < 300) return;
  if (answer.status === 404 && !answer.text.includes(':')) {
    throw new WorldError('no_such_world', `There is no world ${database} there`);
  }
  const refusal = parseRefusal(answer.text);
  throw new WorldError('bad_invite', `The world does not let you in: ${refusal.message}`);
}
