// Whatever is sent to the embedded host, it goes on serving those who are connected.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  callMessage,
  queryMessage,
  subscribeMessage,
  unsubscribeMessage,
} from '../../src/contract/client-messages.ts';
import { askRaw, frame, RawSocket, sendBytes, TEXT } from '../harness/raw-client.ts';
import { seededRandom, testSeed } from '../harness/seeded-random.ts';
import { type Actor, textOf, WorldStage } from '../harness/world-stage.ts';
import type { EmbeddedServer } from './engine-harness.ts';

/** Of each kind that costs a connection; others come a thousand times always. */
const COUNT = process.env['AGENT_WORLD_SOAK'] === undefined ? 50 : 1000;
const COUNT_PIPELINED = 1000;
const AT_ONCE = 20;
const LARGEST_BYTES = 1024 * 1024;

const seed = testSeed();
const random = seededRandom(seed);
const errors: string[] = [];
const halfOpen: Socket[] = [];
let stage: WorldStage;
let host: EmbeddedServer;
let sender: Actor;
let typist: Typist;

before(async () => {
  // These tests look into the host, so they never run against another server.
  delete process.env['AGENT_WORLD_TEST_SERVER'];
  const keep = (message: string, details?: object) =>
    void errors.push(`${message} ${JSON.stringify(details)}`);
  const log = { debug() {}, info() {}, warn() {}, error: keep };
  stage = await WorldStage.open({}, { log, largestMessageBytes: LARGEST_BYTES });
  assert.ok(stage.server.embedded);
  host = stage.server.embedded;
  sender = await stage.join('Sender');
  typist = await Typist.start(stage);
});

after(async () => {
  const expected = await typist.stop();
  const reader = await stage.connect(sender.self);
  assert.equal(textOf(reader, typist.fileId), expected, 'what was typed meanwhile is there, once');
  // Requests that never end must not keep the host from closing.
  await stage.close();
  for (const socket of halfOpen) socket.destroy();
  assert.deepEqual(errors, [], 'the host met nothing that it did not expect');
});

/** A member who types one character after the other, for as long as the others send nonsense. */
class Typist {
  readonly fileId: number;
  readonly #actor: Actor;
  #typed = 0;
  #isOver = false;
  readonly #ended: Promise<void>;

  static async start(world: WorldStage): Promise<Typist> {
    const actor = await world.join('Typist');
    return new Typist(actor, await actor.createFile('typed.txt', '\n'));
  }

  private constructor(actor: Actor, fileId: number) {
    this.#actor = actor;
    this.fileId = fileId;
    this.#ended = this.#type();
  }

  /** Resolves when another character has been typed since. */
  async onwards(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#next = resolve;
    await Promise.race([promise, this.#ended]);
    assert.ok(!this.#isOver);
  }

  /** What the file holds by now. */
  async stop(): Promise<string> {
    this.#isOver = true;
    await this.#ended;
    return `${'x'.repeat(this.#typed)}\n`;
  }

  #next: () => void = () => {};

  async #type(): Promise<void> {
    while (!this.#isOver) {
      const place = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
      const result = await this.#actor.edit(this.fileId, this.#typed + 1, [
        { ...place, text: 'x' },
      ]);
      assert.equal(result.code, 'ok', result.message);
      this.#typed += 1;
      this.#next();
    }
  }
}

describe(`frames that are none (seed ${seed})`, () => {
  /** Each ends the connection that it comes over. */
  const BROKEN: Readonly<Record<string, () => Buffer>> = {
    'random bytes': () => frame(Buffer.concat([Buffer.from([5 + below(250)]), bytes(below(200))])),
    'a message cut short': () => {
      const whole = oneOf(messages());
      return frame(whole.subarray(0, below(whole.length)));
    },
    'a message with bytes left over': () => frame(Buffer.concat([oneOf(messages()), bytes(1)])),
    'lengths beyond the frame': () => {
      const message = Buffer.from(oneOf([queryMessage('x'), subscribeMessage('x')]));
      message.writeUInt32LE(0xffff_0000 + below(0xffff), 5 + (message[0] === 0 ? 4 : 0));
      return frame(message);
    },
    'a frame of impossible length': () => {
      const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
      head.writeBigUInt64BE(BigInt(LARGEST_BYTES + 1 + below(2 ** 40)), 2);
      return head;
    },
    'a frame that is not masked': () => Buffer.concat([Buffer.from([0x82, 4]), bytes(4)]),
    'an unknown opcode': () => frame(bytes(below(100)), 3 + below(5)),
    'reserved bits': () => {
      const sent = frame(bytes(below(100)));
      sent[0] = 0x82 | ((1 + below(7)) << 4);
      return sent;
    },
    'bytes for text': () => frame(Buffer.concat([Buffer.from([0xff]), bytes(20)]), TEXT),
    'a continuation of nothing': () => frame(bytes(below(100)), 0),
  };

  for (const [kind, make] of Object.entries(BROKEN)) {
    test(`${COUNT} times ${kind}`, async () => {
      await manyTimes(async () => {
        const socket = subscribed();
        await socket.until(({ frames }) => frames.length > 0);
        assert.equal(socket.status, 101);
        socket.send(make());
        await socket.until(({ frames }) => isClosing(frames));
        socket.destroy();
      });
      await typist.onwards();
    });
  }

  /** Each is answered, and the connection goes on. */
  const REFUSED: Readonly<Record<string, () => Buffer>> = {
    'unknown names': () => callMessage(bytes(8).toString('hex'), bytes(below(50)), oneOf([3, 4])),
    'arguments that do not fit': () => {
      const name = oneOf(['apply_file_ops', 'create_file', 'add_note', 'resolve_conflict']);
      return callMessage(name, Buffer.concat([bytes(below(60)), Buffer.alloc(4, 0xff)]));
    },
    'what only the world may call': () => {
      return callMessage(oneOf(['init', 'maintain', 'client_connected']), Buffer.alloc(0));
    },
    'queries that are none': () => queryMessage(nonsenseQuery()),
    'subscriptions that are none': () => subscribeMessage(nonsenseQuery()),
    'ends of what was never begun': () => unsubscribeMessage(),
  };

  for (const [kind, make] of Object.entries(REFUSED)) {
    test(`${COUNT_PIPELINED} times ${kind}, over one connection`, async () => {
      const socket = subscribed();
      for (let index = 0; index < COUNT_PIPELINED; index++) socket.send(frame(make()));
      socket.send(frame(queryMessage('SELECT * FROM workspace_member')));
      await socket.until(({ frames }) => frames.includes('Typist'));
      assert.ok(socket.frames.includes('Typist'), 'the connection goes on');
      socket.destroy();
      await typist.onwards();
    });
  }
});

describe(`requests that are none (seed ${seed})`, () => {
  const REQUESTS: Readonly<Record<string, () => Promise<unknown>>> = {
    'calls with nonsense for arguments': () => ask('POST', 'call/create_file', nonsenseJson()),
    'queries that are none': () => ask('POST', 'sql', nonsenseQuery()),
    'names that are none': () => ask('PUT', 'names', nonsenseJson(), stage.owner),
    'nonsense to join with': () => ask('POST', 'route/join', nonsenseJson()),
    'modules that are none': () => ask('PUT', '', bytes(below(500)), stage.owner),
    'paths that are none': () => ask(oneOf(['GET', 'POST', 'PUT', 'DELETE']), nonsensePath(), ''),
    'bodies that are too large': async () => {
      const head = `content-length: ${LARGEST_BYTES + 1 + below(2 ** 40)}`;
      await sendBytes(host.host.port, rawRequest('POST', 'sql', head, bytes(below(100))));
    },
    'bodies that are cut short': async () => {
      await sendBytes(host.host.port, rawRequest('POST', 'sql', 'content-length: 1000', bytes(9)));
    },
    'chunks that are none': async () => {
      const head = 'transfer-encoding: chunked';
      await sendBytes(host.host.port, rawRequest('POST', 'call/x', head, bytes(below(100))));
    },
    'bytes that are no request': () => sendBytes(host.host.port, bytes(below(300))),
    'upgrades that are none': async () => {
      const head = `connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: ${below(9)}`;
      await sendBytes(host.host.port, rawRequest('GET', 'subscribe', head, bytes(below(50))));
    },
  };

  for (const [kind, send] of Object.entries(REQUESTS)) {
    test(`${COUNT} times ${kind}`, async () => {
      await manyTimes(send);
      await typist.onwards();
    });
  }

  test('connections that are begun and left alone', async () => {
    const beginnings = [
      () => Buffer.alloc(0),
      () => Buffer.from('POST /'),
      () => rawRequest('POST', 'sql', 'content-length: 1000', bytes(10)),
    ];
    for (let index = 0; index < 300; index++) {
      const socket = connect(host.host.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(oneOf(beginnings)());
      halfOpen.push(socket);
    }
    const answer = await ask('POST', 'sql', 'SELECT * FROM workspace_member');
    assert.equal(answer.status, 200);
    await typist.onwards();
  });
});

async function manyTimes(once: () => Promise<unknown>): Promise<void> {
  let left = COUNT;
  const work = async (): Promise<void> => {
    while (left-- > 0) await once();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function subscribed(): RawSocket {
  const path = `/${host.key}/v1/database/${stage.database}/subscribe?compression=None`;
  const headers = [`Authorization: Bearer ${sender.self.token}`];
  return new RawSocket({ port: host.host.port, path, headers });
}

/** Whether a close frame has come. */
function isClosing(frames: Buffer): boolean {
  let at = 0;
  while (at + 2 <= frames.length) {
    if (frames[at] === 0x88) return true;
    const short = frames[at + 1]! & 0x7f;
    if (short === 127) at += 10 + Number(frames.readBigUInt64BE(at + 2));
    else if (short === 126) at += 4 + frames.readUInt16BE(at + 2);
    else at += 2 + short;
  }
  return false;
}

async function ask(method: string, route: string, body: string | Buffer, who: Actor = sender) {
  const path = `/${host.key}/v1/database/${stage.database}${route === '' ? '' : '/'}${route}`;
  const headers = {
    authorization: `Bearer ${who.self.token}`,
    'content-type': 'application/json',
  };
  const answer = await askRaw({ port: host.host.port, method, path, headers, body });
  assert.ok(answer.status > 0 && answer.status !== 500, `${method} ${route}: ${answer.status}`);
  return answer;
}

function rawRequest(method: string, route: string, header: string, body: Buffer): Buffer {
  const lines = [
    `${method} /${host.key}/v1/database/${stage.database}/${route} HTTP/1.1`,
    'host: 127.0.0.1',
    `authorization: Bearer ${sender.self.token}`,
    header,
    '\r\n',
  ];
  return Buffer.concat([Buffer.from(lines.join('\r\n')), body]);
}

function messages(): readonly Buffer[] {
  return [
    queryMessage('SELECT * FROM file_head'),
    subscribeMessage('SELECT * FROM file_op', 'SELECT * FROM note'),
    callMessage('rename_world', Buffer.from([1, 0, 0, 0, 0x78])),
    unsubscribeMessage(),
  ];
}

function nonsenseQuery(): string {
  const words = [
    'SELECT',
    '*',
    'FROM',
    'file_op',
    'WHERE',
    'op_seq',
    '=',
    "'",
    '(',
    ')',
    '0x',
    ';',
  ];
  const more = [
    'AND',
    'OR',
    ':sender',
    '"',
    '--',
    '99999999999999999999',
    '.',
    'DELETE',
    '\0',
    '😀',
  ];
  return Array.from({ length: 1 + below(30) }, () => oneOf([...words, ...more])).join(' ');
}

function nonsenseJson(): string {
  const values = ['null', '0', '-1e999', '""', '[]', '{}', '[[]]', '{"a":', '[', '"\\ud800"', 'x'];
  const deep = `${'['.repeat(below(5000))}${']'.repeat(below(5000))}`;
  return oneOf([oneOf(values), `[${oneOf(values)},${oneOf(values)}]`, deep, `{"invite":${deep}}`]);
}

function nonsensePath(): string {
  const parts = [
    '..',
    '%2e%2e',
    '%',
    '%E0%A4%A',
    'call',
    'sql',
    'route',
    '%00',
    '?',
    '&token=',
    '//',
  ];
  return Array.from({ length: 1 + below(6) }, () => oneOf(parts)).join('/');
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

function bytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(256)));
}

function oneOf<Value>(values: readonly Value[]): Value {
  return values[below(values.length)]!;
}
