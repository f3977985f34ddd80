/**
 * Owns: the invites that this user made here and that may still let somebody in: a world keeps hashes
 * only and shows them to nobody. Does not know: where secrets are kept.
 */
import { createHash } from 'node:crypto';
import type { Invite, InviteTerms } from './invite.ts';

/** A place for secrets, such as VS Code's `SecretStorage`. */
export interface SecretStore {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

export interface OwnInvite {
  readonly invite: Invite;
  readonly terms: InviteTerms;
  readonly madeAtMs: number;
}

type World = Pick<Invite, 'server' | 'database'>;

export class OwnInvites {
  readonly #secrets: SecretStore;
  readonly #nowMs: () => number;
  /** What is read and written again must not cross. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(secrets: SecretStore, nowMs: () => number) {
    this.#secrets = secrets;
    this.#nowMs = nowMs;
  }

  /** The key under which the invites of a world are kept. */
  static keyOf({ server, database }: World): string {
    return `invites of ${database} at ${server}`;
  }

  /** Those whose time is not over, the newest first; some may have been used up. */
  async of(world: World): Promise<readonly OwnInvite[]> {
    await this.#last;
    return this.#read(world);
  }

  add(made: OwnInvite): Promise<void> {
    return this.#change(made.invite, (known) => [made, ...known]);
  }

  /** `invite` is spent, or was taken back. */
  remove(invite: Invite): Promise<void> {
    return this.#change(invite, (known) =>
      known.filter((each) => each.invite.secret !== invite.secret),
    );
  }

  /** The world is gone, and its invites with it. */
  forget(world: World): Promise<void> {
    return this.#change(world, () => []);
  }

  #change(
    world: World,
    change: (known: readonly OwnInvite[]) => readonly OwnInvite[],
  ): Promise<void> {
    const write = async (): Promise<void> => {
      const invites = change(await this.#read(world));
      const key = OwnInvites.keyOf(world);
      if (invites.length === 0) await this.#secrets.delete(key);
      else await this.#secrets.store(key, JSON.stringify(invites));
    };
    const written = this.#last.then(write);
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #read(world: World): Promise<readonly OwnInvite[]> {
    const kept = await this.#secrets.get(OwnInvites.keyOf(world));
    const invites = kept === undefined ? [] : (JSON.parse(kept) as readonly OwnInvite[]);
    return invites.filter(({ terms }) => terms.expiresAtMs > this.#nowMs());
  }
}

/** What an invite may be called by where its secret has no place. */
export function inviteId({ invite }: OwnInvite): string {
  return createHash('sha256').update(`id of ${invite.secret}`).digest('hex').slice(0, 16);
}
