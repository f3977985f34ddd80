import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatEditorLink,
  formatInvite,
  formatJoinCommand,
  type Invite,
  parseInvite,
} from '../../../src/world/invite.ts';

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

test('an invite is read in each of its forms: link, link to an editor, line for a terminal', () => {
  const editor = { uriScheme: 'vscode-insiders', extensionId: 'agent-world.agent-world' };
  const server = 'https://worlds.example/base/?x=1&y=2#/';
  const invites: readonly Invite[] = [
    { server: 'embedded', database: 'notes-1f', secret },
    { server, database: 'notes-1f', secret, kind: 'agent' },
  ];
  for (const invite of invites) {
    const expected = { ...invite };
    for (const format of [formatInvite, formatJoinCommand]) {
      assert.deepEqual(parseInvite(format(invite)), expected);
    }
    const link = formatEditorLink(invite, editor);
    assert.ok(link.startsWith('vscode-insiders://agent-world.agent-world/join/notes-1f'));
    assert.deepEqual(parseInvite(link), expected);
    assert.equal(new URL(link).hash, `#${secret}`);
  }
});

test('a line for a terminal needs no escapes in any shell', () => {
  const line = formatJoinCommand({ server: 'http://a/', database: 'n', secret, kind: 'agent' });
  assert.match(line, /^agent-world join "[\w:/?&=%.#-]+"$/);
});

test('what is no invite is told so', () => {
  const not = ['', 'hello', 'https://join/notes#' + secret, 'agent-world://join/notes#short'];
  not.push(`https://agent-world.agent-world/join/notes#${secret}`);
  not.push(`vscode://agent-world.agent-world/leave/notes#${secret}`);
  not.push(`agent-world://join/notes?server=file%3A%2F%2F%2Fetc#${secret}`);
  for (const text of not) {
    assert.throws(() => parseInvite(text), { code: 'bad_invite' });
  }
});
