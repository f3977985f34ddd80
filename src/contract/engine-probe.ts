import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  callReducer,
  prePublish,
  publish,
  queryRows,
  type Owner,
  type PublishPlan,
} from './engine-http.ts';
import { FrameClient } from './frame-client.ts';
import { connectNotes, type NoteClient } from './note-client.ts';
import type { ProbeModules } from './probe-modules.ts';
import type { EngineKind } from './rule.ts';

/** The server that rules are checked at. */
export interface ProbeSite {
  /** Ends in a slash. */
  readonly uri: string;
  readonly engine: EngineKind;
  /** Who makes the databases of the rules. */
  readonly owner: Owner;
  readonly modules: ProbeModules;
}

/** What one rule works with. It knows what the rule made, and takes all of it away again. */
export class EngineProbe {
  readonly uri: string;
  readonly engine: EngineKind;
  readonly owner: Owner;
  readonly modules: ProbeModules;
  readonly #databases = new Set<string>();
  readonly #clients = new Set<{ close(): Promise<void> }>();
  readonly #publishing = new Set<Promise<unknown>>();
  #hasEnded = false;

  constructor({ uri, engine, owner, modules }: ProbeSite) {
    this.uri = uri;
    this.engine = engine;
    this.owner = owner;
    this.modules = modules;
  }

  /** Publishes the module of notes as a new database and returns its name. */
  async newDatabase(): Promise<string> {
    const { name, answer } = await this.publishNew(await this.modules.notes());
    assert.equal(answer.status, 200, await answer.clone().text());
    return name;
  }

  /** Publishes a bundle as a new database; the answer is for the rule to judge. */
  async publishNew(source: string): Promise<{ readonly name: string; readonly answer: Response }> {
    const name = `${PROBE_PREFIX}${randomBytes(8).toString('hex')}`;
    return { name, answer: await this.#publish(name, source, '', this.owner.token) };
  }

  /** Publishes a bundle over a database that is there. */
  publishOver(name: string, source: string, { policy = '', token = '' } = {}): Promise<Response> {
    return this.#publish(name, source, policy, token === '' ? this.owner.token : token);
  }

  /** What the server says that publishing a bundle over a database would do. */
  async planFor(name: string, source: string): Promise<PublishPlan> {
    return (await prePublish(this.uri, name, this.owner.token, source)).plan;
  }

  async connect(database: string, token?: string): Promise<NoteClient> {
    return this.#closing(await connectNotes(this.uri, database, token));
  }

  /** Connects a client that sees messages as they are. */
  async connectFrames(database: string, token?: string): Promise<FrameClient> {
    return this.#closing(await FrameClient.connect(this.uri, database, token));
  }

  call(database: string, reducer: string, ...args: readonly unknown[]): Promise<Response> {
    return callReducer(this.uri, database, { token: this.owner.token, reducer, args });
  }

  rows(database: string, query: string): Promise<readonly (readonly unknown[])[]> {
    return queryRows(this.uri, database, this.owner.token, query);
  }

  /** Deletes a database as somebody. */
  remove(name: string, token = this.owner.token): Promise<Response> {
    return fetch(`${this.uri}v1/database/${name}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(REMOVAL_MS),
    });
  }

  /** Ends what the rule began and removes what it made; returns the databases that stayed. */
  async finish(): Promise<readonly string[]> {
    this.#hasEnded = true;
    // What is under way makes its database after it was removed, if that does not wait for it.
    const open = [...this.#publishing, ...[...this.#clients].map((client) => client.close())];
    // A server that is silent must not keep the databases from being removed.
    await Promise.race([Promise.allSettled(open), delay(CLOSING_MS, undefined, { ref: false })]);
    const left: string[] = [];
    for (const name of this.#databases) {
      const isGone = await this.remove(name).then(
        ({ status }) => status === 200 || status === 404,
        () => false,
      );
      if (!isGone) left.push(name);
    }
    return left;
  }

  async #publish(name: string, source: string, policy: string, token: string): Promise<Response> {
    // A rule that was given up goes on by itself until it asks for something.
    if (this.#hasEnded) throw new Error('the rule was given up');
    // Noted before: a database may be there although no answer came.
    this.#databases.add(name);
    const answer = publish(this.uri, name, token, source, policy);
    this.#publishing.add(answer);
    try {
      return await answer;
    } finally {
      this.#publishing.delete(answer);
    }
  }

  #closing<Client extends { close(): Promise<void> }>(client: Client): Client {
    if (this.#hasEnded) void client.close();
    else this.#clients.add(client);
    return client;
  }
}

/** What the names of all databases begin with that rules make. */
export const PROBE_PREFIX = 'agent-world-probe-';

const REMOVAL_MS = 10_000;
const CLOSING_MS = 5_000;
