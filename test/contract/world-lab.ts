import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'node:test';
import { AgentSession } from '../../src/agents/agent-session.ts';
import type { Capability } from '../../src/core/op-payload.ts';
import { systemClock } from '../../src/world/clock.ts';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { createInvite } from '../../src/world/invite.ts';
import type { ServerOptions } from '../../src/host/server.ts';
import { joinWorld } from '../../src/world/join.ts';
import { silentLog } from '../../src/world/log.ts';
import { configureWorld, databaseNameFor, publishModule } from '../../src/world/publish.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { askServer } from '../../src/world/server-request.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { openWorld, type WorldOptions, type WorldSession } from '../../src/world/world-session.ts';
import { bundleModule, openTestServer, type TestServer } from './engine-harness.ts';

/** A world on a server of either engine, and members who come and go; all ends with the test. */
export class WorldLab {
  readonly server: TestServer;
  readonly database: string;
  readonly owner: StoredIdentity;
  readonly folder: string;
  readonly #sessions: WorldSession[] = [];
  readonly #users: (() => Promise<void>)[] = [];
  #names = 0;

  private constructor(server: TestServer, database: string, owner: StoredIdentity, folder: string) {
    this.server = server;
    this.database = database;
    this.owner = owner;
    this.folder = folder;
  }

  /** Publishes the world module and gives the world a name. */
  static async open(
    context: Pick<TestContext, 'after'>,
    options: Partial<ServerOptions> = {},
  ): Promise<WorldLab> {
    const server = await openTestServer(options);
    const owner = await newIdentity(server.uri);
    const database = databaseNameFor('lab', systemRandomBytes);
    const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-lab-'));
    const lab = new WorldLab(server, database, owner, folder);
    context.after(() => lab.#close());
    await publishModule({ uri: server.uri, token: owner.token, database, bundle: await bundle() });
    const session = await lab.enter(owner);
    const settings = { name: 'Lab', policyMode: 'auto', lockPolicy: 'enforce' } as const;
    await configureWorld(
      session,
      { ...settings, baseCommit: undefined, owner: profileOf('Owner') },
      systemRandomBytes,
    );
    return lab;
  }

  get options(): Omit<WorldOptions, 'self'> {
    const { database, server } = this;
    const random = (): number => 0.5;
    return { uri: server.uri, database, clock: systemClock, random, log: silentLog };
  }

  /** Connects a member; resolves when online. */
  async enter(self: StoredIdentity, changes: Partial<WorldOptions> = {}): Promise<WorldSession> {
    const session = this.begin(self, changes);
    await session.whenOnline();
    return session;
  }

  /** Begins to connect. */
  begin(self: StoredIdentity, changes: Partial<WorldOptions> = {}): WorldSession {
    const session = openWorld({ ...this.options, self, ...changes });
    this.#sessions.push(session);
    return session;
  }

  /** A new member, by invite. */
  async join(
    terms: {
      kind?: 'human' | 'agent';
      role?: 'owner' | 'editor' | 'viewer';
      rights?: readonly Capability[];
      gitEmail?: string;
      /** Who invites; the owner without it. */
      by?: StoredIdentity;
    } = {},
  ): Promise<StoredIdentity> {
    const { kind = 'human', role = 'editor', gitEmail = '', by = this.owner } = terms;
    const owner = await this.enter(by);
    const self = await newIdentity(this.server.uri);
    const capabilities = terms.rights ?? (role === 'viewer' ? [] : ['edit', 'lock', 'resolve']);
    const expiresAtMs = Date.now() + 60_000;
    const { secret } = await createInvite(
      owner,
      this.server.uri,
      { kind, role, capabilities, pathScope: [], uses: 1, expiresAtMs },
      systemRandomBytes,
    );
    owner.close();
    const { uri } = this.server;
    const profile = { ...profileOf(`Member ${++this.#names}`), gitEmail };
    await joinWorld({ uri, database: this.database, secret, self, profile });
    return self;
  }

  /** A new member and what it can do. */
  async agent(
    terms: { kind?: 'human' | 'agent'; rights?: readonly Capability[] } = {},
    changes: Partial<WorldOptions> = {},
  ): Promise<AgentSession> {
    const session = await this.enter(await this.join(terms), changes);
    return new AgentSession({ session, randomBytes: systemRandomBytes });
  }

  /** The world is gone, for everybody. */
  async deleteWorld(): Promise<void> {
    const { token } = this.owner;
    const path = `v1/database/${this.database}`;
    const { status } = await askServer({ uri: this.server.uri, path, method: 'DELETE', token });
    if (status !== 200) throw new Error(`The world was not deleted: ${status}`);
  }

  /** What uses the world's folder ends before that is removed. */
  endsFirst(end: () => Promise<void>): void {
    this.#users.push(end);
  }

  async #close(): Promise<void> {
    for (const end of this.#users) await end();
    for (const session of this.#sessions) session.close();
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function profileOf(displayName: string) {
  return { displayName, gitName: displayName, gitEmail: '', color: '' };
}

let bundled: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** The world module, bundled once. */
export function bundle(): Promise<Uint8Array<ArrayBuffer>> {
  const entry = fileURLToPath(new URL('../../spacetimedb/src/index.ts', import.meta.url));
  bundled ??= bundleModule(entry).then((text) => new TextEncoder().encode(text));
  return bundled;
}

/**
 * Resolves once these have heard of all that was committed before. A call's answer may come before
 * others hear of what it did; but nobody is answered before they have heard what was earlier.
 */
export async function caughtUp(...sessions: readonly WorldSession[]): Promise<void> {
  await Promise.all(sessions.map(async (session) => readHeadSeq(await session.whenOnline())));
}

/** Resolves once the condition holds, asked whenever the session's world changes. */
export function whenever(session: WorldSession, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!condition()) return;
      for (const stop of stops) stop();
      resolve();
    };
    const { view } = session;
    const stops = [
      session.onState(look),
      view.files.onChange(look),
      view.members.onChange(look),
      view.presence.onChange(look),
      view.locks.onChange(look),
      view.pathClaims.claims.onChange(look),
      view.pathClaims.leases.onChange(look),
      view.tickets.onChange(look),
      view.restorations.questions.onChange(look),
      view.restorations.onRules(look),
      view.notes.onChange(look),
      view.onWorkspace(look),
      view.onMovement(look),
    ];
    look();
  });
}
