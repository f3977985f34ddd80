import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBranchName, parseGitPoint } from '../../../src/core/git-point.ts';
import { branchOf } from '../../../src/git/branch-name.ts';
import { proposeMessage, readTrailers, withTrailers } from '../../../src/git/commit-message.ts';
import { personOf } from '../../../src/git/git-person.ts';

const TRAILERS = {
  world: 'Notes\nof mine',
  epoch: 'ab',
  firstSeq: 3,
  lastSeq: 9,
  chainHash: 'cd',
  coAuthors: [],
};

test('the message says what happened in lines that git shows whole', () => {
  const ada = { identity: 'a', name: 'Ada', email: 'ada@example.org', isAgent: false };
  const robot = { identity: 'b', name: 'Robot', email: 'r@example.org', isAgent: true };
  const paths = Array.from(
    { length: 14 },
    (_, file) => `src/a-rather-long-name-of-a-file-${file}.ts`,
  );
  const message = proposeMessage({
    files: paths.map((path) => ({ path, what: 'add' as const })),
    people: [
      { person: ada, paths },
      { person: robot, paths: [paths[0]!] },
    ],
    conflicts: [{ path: paths[0]!, by: ada, resolution: 'rebase' }],
  });
  const [subject, blank, ...body] = message.split('\n');
  assert.ok(subject!.startsWith('Add 14 files') && subject!.length <= 72, subject);
  assert.equal(blank, '');
  assert.match(
    body.join('\n'),
    /^- Ada: .* and 4 more\n- Robot \(agent\): src\/a-rather.*-0\.ts\n\nConflicts resolved:\n- .*: the refused edit on top, by Ada$/,
  );
  const one = { people: [], conflicts: [] };
  assert.equal(
    proposeMessage({ ...one, files: [{ path: 'b', what: 'rename', from: 'a' }] }),
    'Rename a to b',
  );
});

test('trailers follow the message as git wants them, and are read again', () => {
  for (const said of [
    'Subject',
    'Subject: with a colon',
    'Subject\r\n\r\nBody  \n\n\n\nmore\n',
    'S\n\nFixes: 1',
  ]) {
    const message = withTrailers(said, TRAILERS);
    assert.deepEqual(readTrailers(message), {
      epoch: 'ab',
      firstSeq: 3,
      lastSeq: 9,
      chainHash: 'cd',
    });
    assert.match(message, /\nAgent-World: Notes of mine\n/);
    assert.doesNotMatch(message, /\r|[ \t]\n|\n{3}/);
  }
  assert.match(withTrailers('S\n\nFixes: 1', TRAILERS), /\n\nFixes: 1\nAgent-World: /);
  assert.match(withTrailers('S: 1', TRAILERS), /^S: 1\n\nAgent-World: /);
  assert.equal(readTrailers('Agent-World-Ops: 1-2\n'), undefined);
});

test('nobody’s name can break a commit', () => {
  const member = {
    kind: 'human',
    displayName: 'D',
    gitName: ' "<Eve>\n. ',
    gitEmail: '<e ve@x>\n',
  };
  const { name, email } = personOf('ab'.repeat(32), new Map([['ab'.repeat(32), member as never]]));
  assert.deepEqual([name, email], ['Eve', 'eve@x']);
  const unknown = personOf('ab'.repeat(32), new Map());
  assert.match(
    `${unknown.name} <${unknown.email}>`,
    /^[0-9a-f]{16} <[0-9a-f]{16}@agent-world\.invalid>$/,
  );
});

test('a world of any name has a branch, and no name is taken for anything else', () => {
  assert.equal(branchOf('My Notes'), 'world/my-notes');
  assert.equal(branchOf('日本語'), 'world/日本語');
  assert.equal(branchOf('..//~^: '), 'world/world');
  assert.equal(branchOf('x.lock'), 'world/x');
  for (const bad of [
    '',
    '-x',
    'a..b',
    'a b',
    'a~b',
    '/a',
    'a/',
    'a//b',
    'a.lock',
    'a/.b',
    '@',
    'a@{b',
    'a\nb',
  ]) {
    assert.equal(isBranchName(bad), false, bad);
  }
});

test('what is no point where a world meets a repository is not taken for one', () => {
  const base = {
    kind: 'base',
    commit: 'ab'.repeat(20),
    folder: '',
    autoLineEnds: 'false',
    upTo: 3,
  };
  assert.ok(parseGitPoint(JSON.stringify(base)));
  for (const folder of ['a/b/', 'con/"a": b\\?/', 'dot./']) {
    assert.ok(parseGitPoint(JSON.stringify({ ...base, folder })), folder);
  }
  const bad = [
    { commit: 'HEAD' },
    { folder: '/' },
    { folder: '../' },
    { folder: 'con/../x/' },
    { folder: 'a/.git/' },
    { folder: 'a//' },
    { folder: 'a\n/' },
    { upTo: -1 },
    { more: 1 },
    { kind: 'export' },
  ];
  for (const change of bad) {
    assert.equal(
      parseGitPoint(JSON.stringify({ ...base, ...change })),
      undefined,
      JSON.stringify(change),
    );
  }
  for (const text of ['', '[]', 'null', '{']) assert.equal(parseGitPoint(text), undefined);
});
