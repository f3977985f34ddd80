import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInvite, parseInvite } from '../../../src/world/invite.ts';

const secret = 'ab'.repeat(32);

test('an invite survives being sent as a link', () => {
  for (const server of ['embedded', 'https://worlds.example/base/', 'http://127.0.0.1:3000/']) {
    const invite = { server, database: 'notes-1f', secret };
    assert.deepEqual(parseInvite(` ${formatInvite(invite)}\n`), invite);
  }
});

test('the secret stands behind the hash, where links are not logged', () => {
  const link = formatInvite({ server: 'embedded', database: 'notes', secret });
  assert.equal(new URL(link).hash, `#${secret}`);
  assert.equal(link.indexOf(secret), link.indexOf('#') + 1);
});

test('what is no invite is told so', () => {
  const not = ['', 'hello', 'https://join/notes#' + secret, 'agent-world://join/notes#short'];
  for (const text of not) {
    assert.throws(() => parseInvite(text), { code: 'bad_invite' });
  }
});
