// Sessions of clients over HTTP: how many there can be, and when they end.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AgentTools } from '../../../../src/agents/tools/agent-tools.ts';
import { AgentDoor } from '../../../../src/mcp/agent-door.ts';
import { HttpEndpoint } from '../../../../src/mcp/http/http-endpoint.ts';
import { HttpSessions } from '../../../../src/mcp/http/http-sessions.ts';
import { systemClock } from '../../../../src/world/clock.ts';
import { silentLog } from '../../../../src/world/log.ts';
import { ManualClock } from '../../agents/manual-clock.ts';

const MOST_SESSIONS = 3;
const MINUTE_MS = 60_000;

/** A server whose world can be entered and left, and does nothing else. */
class Stage {
  readonly clock = new ManualClock();
  readonly sessions: HttpSessions;
  readonly entered: ('shared' | 'alone')[] = [];
  #url = '';
  #left = 0;
  #leaving = (): void => undefined;

  private constructor() {
    this.sessions = new HttpSessions({
      doorFor: ({ isShared }) =>
        new AgentDoor({
          clock: systemClock,
          enter: () => {
            this.entered.push(isShared ? 'shared' : 'alone');
            return Promise.resolve({ tools: {} as AgentTools, leave: () => this.#leave() });
          },
        }),
      version: '1.0.0',
      worldName: 'Lab',
      clock: this.clock,
      log: silentLog,
      mostSessions: MOST_SESSIONS,
    });
  }

  static async open(context: TestContext): Promise<Stage> {
    const stage = new Stage();
    const token = { file: '', matches: (sent?: string) => sent === 'Bearer right' };
    const endpoint = await HttpEndpoint.listen({ token, sessions: stage.sessions, port: 0 });
    context.after(() => endpoint.close());
    stage.#url = endpoint.url;
    return stage;
  }

  ask(
    body: object,
    more: RequestInit = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const all = {
      authorization: 'Bearer right',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    };
    const init = more.method === undefined ? { body: JSON.stringify(body) } : {};
    return fetch(this.#url, { method: 'POST', headers: all, ...init, ...more });
  }

  /** Begins a session as clients before 2026-07-28 do; its id. */
  async begin(): Promise<string> {
    const response = await this.ask(INITIALIZE);
    assert.equal(response.status, 200, await response.text());
    return response.headers.get('mcp-session-id')!;
  }

  list(session: string): Promise<Response> {
    return this.ask({ ...LIST, id: 2 }, {}, { 'mcp-session-id': session });
  }

  /** As clients since 2026-07-28 ask: each says with every request who it is. */
  listAs(name: string): Promise<Response> {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name, version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
    return this.ask({ ...LIST, params: { _meta } }, {}, headers);
  }

  /** Resolves when that many have left the world. */
  async left(count: number): Promise<void> {
    while (this.#left < count) await new Promise<void>((resolve) => (this.#leaving = resolve));
  }

  #leave(): void {
    this.#left += 1;
    this.#leaving();
  }
}

const clientInfo = { name: 'test', version: '1' };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
};
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

test('more sessions than there may be are refused in words, until one ends', async (t) => {
  const stage = await Stage.open(t);
  const ids = [await stage.begin(), await stage.begin()];
  assert.equal((await stage.listAs('modern')).status, 200);
  const refused = await stage.ask(INITIALIZE);
  assert.equal(refused.status, 503);
  assert.match(await refused.text(), /3 sessions.*too_many_sessions/);
  assert.equal((await stage.listAs('another')).status, 503);
  assert.equal((await stage.listAs('modern')).status, 200, 'one that is there works on');

  const ended = await stage.ask({}, { method: 'DELETE' }, { 'mcp-session-id': ids[0]! });
  assert.equal(ended.status, 200);
  await stage.left(1);
  await stage.begin();
  assert.equal((await stage.list(ids[0]!)).status, 404);
  assert.equal((await stage.list(ids[1]!)).status, 200);
});

test('requests of one client that names no session are one session, and it is told that it may be two', async (t) => {
  const stage = await Stage.open(t);
  await stage.begin();
  await Promise.all([stage.listAs('modern'), stage.listAs('modern')]);
  assert.deepEqual(stage.entered, ['alone', 'shared']);
});

test('what is no session, or was none of this server, is none here', async (t) => {
  const stage = await Stage.open(t);
  assert.equal((await stage.list('made-up')).status, 404);
  assert.equal((await stage.ask(LIST)).status, 400);
  const wrong = { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: 7 } };
  for (let times = 0; times < MOST_SESSIONS + 1; times += 1) {
    assert.equal((await stage.ask(wrong)).status, 400);
  }
  assert.equal(stage.sessions.size, 0);
});

test('a session that is not used ends, and its place in the world with it', async (t) => {
  const stage = await Stage.open(t);
  const idle = await stage.begin();
  const used = await stage.begin();
  stage.clock.pass(9 * MINUTE_MS);
  assert.equal((await stage.list(used)).status, 200);
  stage.clock.pass(2 * MINUTE_MS);
  await stage.left(1);
  assert.equal((await stage.list(idle)).status, 404);
  assert.equal((await stage.list(used)).status, 200);
});

test('a client that listens stays; half a minute after it went away its session ends', async (t) => {
  const stage = await Stage.open(t);
  const session = await stage.begin();
  const gone = new AbortController();
  const headers = { 'mcp-session-id': session, accept: 'text/event-stream' };
  const listening = await stage.ask({}, { method: 'GET', signal: gone.signal }, headers);
  assert.equal(listening.status, 200);
  stage.clock.pass(60 * MINUTE_MS);
  assert.equal(stage.sessions.size, 1);
  const before = stage.clock.pending;
  gone.abort();
  while (stage.clock.pending === before) await new Promise((resolve) => setImmediate(resolve));
  stage.clock.pass(29_000);
  assert.equal(stage.sessions.size, 1);
  stage.clock.pass(2_000);
  await stage.left(1);
  assert.equal(stage.sessions.size, 0);
});
