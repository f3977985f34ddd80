import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { EMBEDDED, fileIdentityStore } from '../../../src/world/identities.ts';
import { temporaryFolder } from './temporary-folder.ts';

const one = { identity: 'c2'.repeat(32), token: 'token-one' };
const two = { identity: 'c3'.repeat(32), token: 'token-two' };

test('an identity is there again, readable by its user alone', async (t) => {
  const home = await temporaryFolder(t);
  await fileIdentityStore(home).keep(EMBEDDED, 'person', one);
  assert.deepEqual(await fileIdentityStore(home).read(EMBEDDED, 'person'), one);
  const [file] = await readdir(path.join(home, 'identities'));
  const { mode } = await stat(path.join(home, 'identities', file!));
  assert.equal(mode & 0o777, 0o600);
});

test('the first identity counts when two windows start at once', async (t) => {
  const store = fileIdentityStore(await temporaryFolder(t));
  const kept = await Promise.all([one, two].map((each) => store.keep(EMBEDDED, 'person', each)));
  assert.deepEqual(kept[0], kept[1]);
});

test('every server has identities of its own', async (t) => {
  const store = fileIdentityStore(await temporaryFolder(t));
  await store.keep(EMBEDDED, 'person', one);
  assert.equal(await store.read('https://worlds.example/', 'person'), undefined);
});

test('a name cannot lead out of the folder', async (t) => {
  const store = fileIdentityStore(await temporaryFolder(t));
  await assert.rejects(async () => store.keep(EMBEDDED, '../../person', one), { code: 'bad_home' });
});
