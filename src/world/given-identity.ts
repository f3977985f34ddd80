import { EMBEDDED, type IdentityStore, type StoredIdentity } from './identities.ts';
import { PERSON } from './open-folder.ts';
import { WorldError } from './world-error.ts';

export interface GivenIdentityOptions {
  /** The one server that the identity is for; without it whichever server is met, but never one's own host. */
  readonly server: string | undefined;
  /** Whether the home is this identity from then on, so that windows and later commands are it, too. */
  readonly isKept: boolean;
}

/**
 * A store in which the person is somebody that was given, at a server. Tokens hold for one server only,
 * and must not be shown to another. Reading throws `WorldError` `bad_token` where the home is to keep the
 * identity and is another one there already.
 */
export function withGivenIdentity(
  store: IdentityStore,
  given: StoredIdentity,
  { server: only, isKept }: GivenIdentityOptions,
): IdentityStore {
  const isMeant = (server: string, name: string): boolean =>
    name === PERSON && server !== EMBEDDED && (only === undefined || server === only);
  const meant = async (server: string): Promise<StoredIdentity> => {
    if (!isKept) return given;
    const { identity } = await store.keep(server, PERSON, given);
    if (identity === given.identity) return given;
    throw new WorldError(
      'bad_token',
      `This home is another identity at ${new URL(server).origin} already; name another home: --home DIR`,
    );
  };
  return {
    read: (server, name) => (isMeant(server, name) ? meant(server) : store.read(server, name)),
    keep: (server, name, identity) =>
      isMeant(server, name) ? meant(server) : store.keep(server, name, identity),
  };
}
