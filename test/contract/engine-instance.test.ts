// What a module finds in its global object, and how long that lasts.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  bundleSource,
  callReducer,
  newIdentity,
  openTestServer,
  publish,
  queryRows,
  type Owner,
  type TestServer,
} from './engine-harness.ts';

let server: TestServer;
let owner: Owner;

before(async () => {
  server = await openTestServer();
  owner = await newIdentity(server.uri);
});
after(() => server.close());

async function publishing(contents: string): Promise<{ name: string; answer: Response }> {
  const name = `instance-${randomBytes(8).toString('hex')}`;
  const source = await bundleSource(contents);
  return { name, answer: await publish(server.uri, name, owner.token, source) };
}

/** The text of what a module throws when it is loaded. */
async function thrownBy(code: string): Promise<string> {
  const { answer } = await publishing(`
    import { schema } from 'spacetimedb/server';
    export default schema({});
    throw new Error('<<' + (${code}) + '>>');
  `);
  const text = await answer.text();
  assert.notEqual(answer.status, 200);
  return /<<(.*)>>/s.exec(text)?.[1] ?? text;
}

describe('the global object', () => {
  test('it has the names of the list, and no others', async () => {
    const found = await thrownBy(`Object.getOwnPropertyNames(globalThis).sort().join(' ')`);
    const own = server.embedded === null ? [] : ['nativeSha256'];
    assert.deepEqual(found.split(' '), [...GLOBAL_NAMES, ...ADDED_BY_LIBRARY, ...own].sort());
  });

  test('the console has the methods of the list, and no others', async () => {
    const found = await thrownBy(`Object.keys(console).sort().join(' ')`);
    assert.deepEqual(found.split(' '), [...CONSOLE_METHODS].sort());
  });

  test('what is not there is a ReferenceError', async () => {
    const absent = ['queueMicrotask', 'setTimeout', 'setInterval', 'setImmediate', 'performance'];
    absent.push('crypto', 'URL', 'atob', 'structuredClone', 'Temporal', 'Headers', 'fetch');
    absent.push('process', 'Buffer');
    const tried = absent.map(
      (name) => `(() => { try { ${name}; return '${name}'; }
      catch (error) { return error instanceof ReferenceError ? '' : '${name}: ' + error; } })()`,
    );
    assert.equal(await thrownBy(`[${tried.join(',')}].join('')`), '');
  });

  test('there is no randomness, and an encoder has no encodeInto', async () => {
    const random = `(() => { try { return Math.random; } catch (error) { return error; } })()`;
    assert.equal(
      await thrownBy(random),
      'TypeError: Math.random is not available in SpacetimeDB modules. Use ctx.random instead.',
    );
    const methods = `Object.getOwnPropertyNames(TextEncoder.prototype).sort().join(' ')`;
    assert.equal(await thrownBy(methods), 'constructor encode encoding');
  });

  test('what the list has works', async () => {
    const parts = [
      `new Intl.NumberFormat('de-DE').format(1234.5)`,
      `typeof WebAssembly.Module`,
      `(0, eval)('1 + 1')`,
      `new SharedArrayBuffer(8).byteLength`,
      `[...new Set([1, 2]).union(new Set([3]))].join()`,
      `[1, 2, 3].values().map((each) => each * 2).toArray().join()`,
      `new Float16Array([1.5])[0]`,
    ];
    assert.equal(
      await thrownBy(`[${parts.join(',')}].join(' ')`),
      '1.234,5 function 2 8 1,2,3 2,4,6 1.5',
    );
  });
});

/** Counts its calls in its globals, and says in rows what it counted. */
const COUNTER = `
  import { schema, table, t, SenderError, Router, SyncResponse } from 'spacetimedb/server';
  const seen = table(
    { name: 'seen', public: true },
    { id: t.u32().primaryKey().autoInc(), what: t.string(), count: t.u32() },
  );
  const spacetimedb = schema({ seen });
  export default spacetimedb;
  let count = 0;
  const note = (ctx, what) => ctx.db.seen.insert({ id: 0, what, count: ++count });
  export const tick = spacetimedb.reducer({}, (ctx) => void note(ctx, 'tick'));
  export const refuse = spacetimedb.reducer({}, (ctx) => {
    note(ctx, 'refuse');
    throw new SenderError('on purpose');
  });
  export const fail = spacetimedb.reducer({}, (ctx) => {
    note(ctx, 'fail');
    throw new TypeError('a secret of the module');
  });
  export const hello = spacetimedb.httpHandler((ctx) =>
    new SyncResponse(String(++count)),
  );
  export const router = spacetimedb.httpRouter(new Router().get('/count', hello));
`;

test('an error at the top level is answered with its text and place', async () => {
  const { answer } = await publishing(`
    import { schema } from 'spacetimedb/server';
    export default schema({});
    null.nothing;
  `);
  const text = await answer.text();
  assert.match(text, /TypeError|Cannot read properties of null/);
  assert.match(text, /:\d+:\d+/);
});

describe('an instance', () => {
  async function counting() {
    const { name, answer } = await publishing(COUNTER);
    assert.equal(answer.status, 200, await answer.text());
    const call = (reducer: string) =>
      callReducer(server.uri, name, { token: owner.token, reducer });
    const counts = async () => {
      const rows = await queryRows(server.uri, name, owner.token, 'SELECT * FROM seen');
      return rows.map(([, what, count]) => `${String(what)} ${String(count)}`);
    };
    return { name, call, counts };
  }

  test('a fatal error ends it: its globals are new, nothing of the call remains', async () => {
    const { call, counts } = await counting();
    for (const reducer of ['tick', 'tick', 'refuse']) await call(reducer);
    await call('tick');
    const failed = await call('fail');
    assert.deepEqual(
      [failed.status, await failed.text()],
      [530, 'The instance encountered a fatal error.'],
    );
    await call('tick');
    assert.deepEqual(await counts(), ['tick 1', 'tick 2', 'tick 4', 'tick 1']);
  });

  test('HTTP handlers have globals of their own', async () => {
    const { name, call, counts } = await counting();
    for (let index = 0; index < 3; index++) await call('tick');
    const answer = await fetch(`${server.uri}v1/database/${name}/route/count`);
    assert.ok(Number(await answer.text()) < 3);
    await call('tick');
    assert.deepEqual(await counts(), ['tick 1', 'tick 2', 'tick 3', 'tick 4']);
  });
});

const GLOBAL_NAMES = `AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt
  BigInt64Array BigUint64Array Boolean DataView Date DisposableStack Error EvalError
  FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array
  Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError
  Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError TextDecoder
  TextEncoder TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef
  WeakSet WebAssembly console decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval
  globalThis isFinite isNaN parseFloat parseInt undefined unescape`.split(/\s+/);
const ADDED_BY_LIBRARY = ['global', 'window'];
const CONSOLE_METHODS = `assert clear debug error info log table trace warn dir dirxml count
  countReset group groupCollapsed groupEnd time timeLog timeEnd timeStamp profile
  profileEnd`.split(/\s+/);
