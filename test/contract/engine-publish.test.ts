// What a server takes for a module, and what it says of one that it does not take.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import {
  bundleModule,
  bundleSource,
  newIdentity,
  openTestServer,
  publish,
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

/** What comes of publishing a bundle as a new database. */
async function publishing(source: string): Promise<{ isTaken: boolean; text: string }> {
  const name = `probe-${randomBytes(8).toString('hex')}`;
  const response = await publish(server.uri, name, owner.token, source);
  return { isTaken: response.status === 200, text: await response.text() };
}

/** A module with one table, `log_head`; `text` runs before everything else. */
function moduleWith({ text = '', columns = '' }): Promise<string> {
  return bundleSource(`
    import { schema, table, t } from 'spacetimedb/server';
    ${text}
    const spacetimedb = schema({
      log_head: table({ name: 'log_head' }, { id: t.u32().primaryKey(), ${columns} }),
    });
    export default spacetimedb;
    export const look = spacetimedb.reducer({}, () => {});
  `);
}

test('our module is taken', async () => {
  const entry = fileURLToPath(new URL('../../spacetimedb/src/index.ts', import.meta.url));
  const { isTaken, text } = await publishing(await bundleModule(entry));
  assert.ok(isTaken, text);
});

test('a type name is used once, and a row type takes the name of its table', async () => {
  const column = (name: string) => `part: t.object('${name}', { x: t.u32() })`;
  const refused = await publishing(await moduleWith({ columns: column('LogHead') }));
  assert.ok(!refused.isTaken);
  assert.match(refused.text, /name `LogHead` is used for multiple types/);
  const taken = await publishing(await moduleWith({ columns: column('LogHeads') }));
  assert.ok(taken.isTaken, taken.text);
});

describe('TextDecoder', () => {
  const cases: readonly [code: string, refusal: RegExp | null][] = [
    [`new TextDecoder('utf-8', { fatal: true })`, null],
    [`new TextDecoder('utf-8', { ignoreBOM: false })`, null],
    [`new TextDecoder('utf-8', { ignoreBOM: true })`, /Option 'ignoreBOM' not supported/],
    [`new TextDecoder('utf8')`, /The encoding label provided is invalid/],
    [`new TextDecoder('UTF-8')`, /The encoding label provided is invalid/],
    [`new TextDecoder('utf-16le')`, /The encoding label provided is invalid/],
    [
      `new TextDecoder().decode(Uint8Array.of(65), { stream: true })`,
      /Option 'stream' not supported/,
    ],
    [`new TextDecoder().decode()`, /argument is not an `ArrayBuffer` or a view on one/],
    [
      `if (new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65)) !== '\\ufeffA')
         throw new Error('dropped');`,
      null,
    ],
  ];
  for (const [code, refusal] of cases) {
    test(`${code.split('\n')[0]}: ${refusal?.source ?? 'taken'}`, async () => {
      const { isTaken, text } = await publishing(await moduleWith({ text: code }));
      assert.equal(isTaken, refusal === null, text);
      if (refusal !== null) assert.match(text, refusal);
    });
  }
});
