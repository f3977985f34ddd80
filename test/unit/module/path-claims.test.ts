// Claims on whole files and folders: the world refuses agents there, whatever they do to a file, and tells
// whoever claims of others' claims first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEASE_MS } from '../../../src/core/path-claim.ts';
import { changing, textContent } from './change-files-kit.ts';
import { type Arguments, type CallResult, identity, insert, TestWorld } from './test-world.ts';

const AGENT = { kind: 'agent' } as const;
const SECOND = 1_000_000n;

interface Scene {
  readonly world: TestWorld;
  readonly ann: string;
  readonly robot: string;
}

async function scene(settings: Partial<Arguments<'configure_world'>> = {}): Promise<Scene> {
  const world = await TestWorld.create(settings);
  const [ann, robot] = [world.join('ann'), world.join('robot', AGENT)];
  for (const path of ['src/a.ts', 'src/deep/b.ts', 'docs/c.md']) {
    world.createFile(world.owner, path, 'one\ntwo\n');
  }
  return { world, ann, robot };
}

/** What an agent may try at a file, by what it is called. */
function attempts(
  { world }: Scene,
  path: string,
): ReadonlyMap<string, (who: string) => CallResult> {
  const { fileId } = world.head(path);
  const on = () => {
    const expectedBaseVersion = world.headOf(fileId).version;
    return { opId: world.nextId(), author: '', fileId, expectedBaseVersion };
  };
  const { content } = world.newFile('', 'mine\n');
  const fresh = `src/${world.nextId()}.ts`;
  const away = `away/${world.nextId()}.ts`;
  return new Map([
    ['edit', (who) => world.edit(who, fileId, world.headOf(fileId).version, insert(0, 0, 'x'))],
    ['mode', (who) => world.call(who, 'set_file_mode', { ...on(), ...EXECUTABLE })],
    ['content', (who) => world.call(who, 'replace_content', { ...on(), content })],
    [
      'create',
      (who) => world.call(who, 'create_file', { author: '', file: world.newFile(fresh, 'x') }),
    ],
    [
      'import',
      (who) =>
        world.call(who, 'import_files', {
          batchId: world.nextId(),
          author: '',
          files: [world.newFile(away, 'x'), world.newFile(fresh, 'x')],
        }),
    ],
    [
      'rename away',
      (who) => world.call(who, 'rename_file', { ...on(), fromPath: path, path: away }),
    ],
    [
      'rename together',
      (who) => {
        const { author, ...file } = { ...on(), fromPath: path, path: away };
        return world.call(who, 'rename_files', { batchId: world.nextId(), author, files: [file] });
      },
    ],
    [
      'rename into it',
      (who) => {
        const other = world.head('docs/c.md');
        const moved = { ...on(), fileId: other.fileId, expectedBaseVersion: other.version };
        return world.call(who, 'rename_file', { ...moved, fromPath: other.path, path: fresh });
      },
    ],
    ['delete', (who) => world.call(who, 'delete_file', on())],
  ]);
}

const EXECUTABLE = { mode: 'executable', eol: 'lf', bom: false };

test('an agent is refused whatever it does in a folder that somebody has claimed, and told why', async () => {
  const here = await scene();
  const { world, ann, robot } = here;
  claim(world, ann, 'src/**', { reason: 'moving it' });
  for (const [what, attempt] of attempts(here, 'src/a.ts')) {
    const before = world.stateHash();
    const { code, message } = attempt(robot);
    assert.equal(code, 'locked', what);
    assert.match(message, /somebody else has claimed src\/\*\*/);
    const details = JSON.parse(message.slice(message.indexOf('\n') + 1)) as Record<string, unknown>;
    assert.deepEqual(Object.keys(details).sort(), [
      'claimId',
      'expiresAtMicros',
      'holder',
      'pattern',
      'reason',
    ]);
    assert.equal(details['holder'], ann);
    assert.equal(world.stateHash(), before, `${what} changed nothing`);
  }
  const { fileId, version } = world.head('docs/c.md');
  assert.equal(
    world.edit(robot, fileId, version, insert(0, 0, 'x')).code,
    'ok',
    'elsewhere it may',
  );
});

test('an agent that changes several files in one call is refused for one that is claimed', async () => {
  const { world, ann, robot } = await scene();
  claim(world, ann, 'src/**');
  const { fileId } = world.head('src/a.ts');
  const { fileId: free } = world.head('docs/c.md');
  const on = { fileId, expectedBaseVersion: 1 };
  const elsewhere = {
    kind: 'edit',
    fileId: free,
    expectedBaseVersion: 1,
    changes: insert(0, 0, 'x'),
  };
  for (const step of [
    { ...on, kind: 'edit', changes: insert(0, 0, 'x') },
    { ...on, kind: 'delete' },
    { ...on, ...EXECUTABLE, kind: 'mode' },
    { ...on, kind: 'content', content: textContent('mine') },
    { ...on, kind: 'rename', fromPath: 'src/a.ts', path: 'away/a.ts' },
    { kind: 'create', path: 'src/new.ts', content: textContent('') },
    { ...elsewhere, kind: 'rename', changes: [], fromPath: 'docs/c.md', path: 'src/c.md' },
  ]) {
    const before = world.stateHash();
    const sent = changing(world, ...('fromPath' in step ? [] : [elsewhere]), step);
    assert.equal(world.call(robot, 'change_files', sent).code, 'locked', step.kind);
    assert.equal(world.stateHash(), before);
  }
  assert.equal(world.call(robot, 'change_files', changing(world, elsewhere)).code, 'ok');
});

test('people are not stopped, nor the holder, nor agents where claims are advice', async () => {
  for (const [name, lockPolicy] of [
    ['owner', 'enforce'],
    ['ann', 'enforce'],
    ['robot', 'advise'],
  ] as const) {
    const here = await scene({ lockPolicy });
    const { world, ann, robot } = here;
    claim(world, ann, 'src/**');
    const who = name === 'owner' ? world.owner : name === 'ann' ? ann : robot;
    for (const [what, attempt] of attempts(here, 'src/deep/b.ts')) {
      if (what === 'import' || what === 'rename into it') continue;
      const { code } = attempt(who);
      // What was renamed once has another path when it is renamed again.
      assert.equal(code, 'ok', `${name}: ${what}`);
    }
  }
});

test('a claimed file is claimed by any name, and its path for files to come', async () => {
  const { world, ann, robot } = await scene();
  const { fileId } = world.head('src/a.ts');
  claim(world, ann, 'src/a.ts', { isGlob: false });
  const moved = { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
  world.mustCall(ann, 'rename_file', { ...moved, fromPath: 'src/a.ts', path: 'lib/z.ts' });
  assert.equal(world.edit(robot, fileId, 1, insert(0, 0, 'x')).code, 'locked');
  const file = world.newFile('SRC/A.ts', 'x');
  assert.equal(world.call(robot, 'create_file', { author: '', file }).code, 'locked');
  const beside = world.newFile('src/b.ts', 'x');
  assert.equal(world.call(robot, 'create_file', { author: '', file: beside }).code, 'ok');
  claim(world, ann, 'not/yet.ts', { isGlob: false });
  const later = world.newFile('not/yet.ts', 'x');
  assert.equal(world.call(robot, 'create_file', { author: '', file: later }).code, 'locked');
});

test('the same file again, a restore and a decision are judged by claims, too', async () => {
  const { world, ann, robot } = await scene();
  const { fileId } = world.head('src/a.ts');
  world.edit(ann, fileId, 1, insert(0, 0, 'x'));
  const unseen = world.edit(robot, fileId, 1, [
    { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 3, text: 'ONE' },
  ]);
  const { ticketId } = unseen.inserted('conflict_ticket')[0]!;
  const { fileId: gone } = world.head('src/deep/b.ts');
  const on = (id: number) => {
    return { opId: world.nextId(), author: '', fileId: id, expectedBaseVersion: 1 };
  };
  world.mustCall(ann, 'delete_file', on(gone));
  claim(world, ann, 'src/**');
  const parts = { ticketId, expectedHeadVersion: 2, resolution: 'rebase', parts: [] };
  const decided = world.call(robot, 'resolve_ticket', { opId: world.nextId(), ...parts });
  assert.equal(decided.code, 'locked');
  assert.equal(world.call(robot, 'restore_file', { ...on(gone), path: '' }).code, 'locked');
  const given = { ...parts, opId: world.nextId(), resolution: 'accept_head' };
  assert.equal(world.call(robot, 'resolve_ticket', given).code, 'ok', 'giving up is free');
  world.mustCall(ann, 'create_file', { author: '', file: world.newFile('src/same.ts', 'x') });
  const same = world.newFile('src/same.ts', 'x');
  assert.equal(world.call(robot, 'create_file', { author: '', file: same }).code, 'ok');
});

test('whoever claims where others have claims is told of them, people too', async () => {
  const { world, ann, robot } = await scene();
  const bob = world.join('bob');
  claim(world, robot, 'src/*.ts');
  const { fileId } = world.head('docs/c.md');
  const lines = { version: 1, firstLine: 0, lastLine: 0, reason: '', durationMs: 60_000 };
  world.mustCall(ann, 'acquire_soft_lock', { requestId: world.nextId(), fileId, ...lines });
  for (const [pattern, isGlob, code] of [
    ['src/a.ts', false, 'locked'],
    ['src/a*', true, 'locked'],
    ['**/*.ts', true, 'locked'],
    ['src/**', true, 'locked'],
    ['src/deep/**', true, 'ok'],
    ['src/*.md', true, 'ok'],
    ['docs/*', true, 'locked'],
    ['docs/c.md', false, 'locked'],
    ['DOCS/C.md', false, 'locked'],
    ['docs/d.md', false, 'ok'],
  ] as const) {
    const told = call(world, bob, pattern, { isGlob });
    assert.equal(told.code, code, pattern);
    if (code === 'locked') assert.match(told.message, /"holder":"[0-9a-f]{64}"/, pattern);
  }
  const source = world.head('src/a.ts').fileId;
  const onLines = { requestId: world.nextId(), fileId: source, ...lines };
  assert.equal(world.call(bob, 'acquire_soft_lock', onLines).code, 'locked');
  assert.equal(world.call(robot, 'acquire_soft_lock', onLines).code, 'ok', 'one’s own do not meet');
});

test('a claimed file that moved is met by a claim on where it is now', async () => {
  const { world, ann, robot } = await scene();
  const { fileId } = world.head('src/a.ts');
  claim(world, ann, 'src/a.ts', { isGlob: false });
  const moved = { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
  world.mustCall(ann, 'rename_file', { ...moved, fromPath: 'src/a.ts', path: 'lib/z.ts' });
  assert.equal(call(world, robot, 'lib/**').code, 'locked');
  assert.equal(call(world, robot, 'lib/z.ts', { isGlob: false }).code, 'locked');
  assert.equal(call(world, robot, 'other/**').code, 'ok');
});

test('a scope bounds what is claimed, and claims on lines and paths share a limit', async () => {
  const { world } = await scene({ limits: '{"locksPerMember":2}' });
  const near = world.join('near', { pathScope: ['docs/**'] });
  for (const [pattern, code] of [
    ['**', 'out_of_scope'],
    ['src/a.ts', 'out_of_scope'],
    ['{docs,src}/**', 'out_of_scope'],
    ['d*/**', 'out_of_scope'],
    ['docs/{a,b}/**', 'ok'],
  ] as const) {
    assert.equal(call(world, near, pattern).code, code, pattern);
  }
  const { fileId } = world.head('docs/c.md');
  const lines = { fileId, version: 1, firstLine: 0, lastLine: 0, reason: '', durationMs: 1000 };
  world.mustCall(near, 'acquire_soft_lock', { requestId: world.nextId(), ...lines });
  assert.equal(call(world, near, 'docs/x').code, 'too_many');
  world.nowMicros += 2n * SECOND;
  assert.equal(call(world, near, 'docs/x').code, 'ok', 'what is over makes room');
  world.nowMicros += 100n * SECOND;
  assert.equal(call(world, near, 'docs/y').code, 'ok');
  assert.deepEqual(
    world.rows('path_claim').map(({ pattern }) => pattern),
    ['docs/y'],
    'rows are no more than claims',
  );
  const other = { requestId: world.nextId(), ...lines };
  world.mustCall(near, 'acquire_soft_lock', other);
  const one = { ...lines, requestId: world.nextId(), firstLine: 1, lastLine: 1 };
  assert.equal(world.call(near, 'acquire_soft_lock', one).code, 'too_many');
});

test('the same request is the same claim, for longer; a released one stops nobody', async () => {
  const { world, ann, robot } = await scene();
  const requestId = world.nextId();
  claim(world, ann, 'src/**', { requestId, durationMs: 1000 });
  claim(world, ann, 'src/**', { requestId, durationMs: 60_000, reason: 'longer' });
  const [row, ...more] = world.rows('path_claim');
  assert.deepEqual([more.length, row!.reason], [0, 'longer']);
  world.nowMicros += 30n * SECOND;
  const { fileId } = world.head('src/a.ts');
  const edit = () => world.edit(robot, fileId, 1, insert(0, 0, 'x')).code;
  assert.equal(edit(), 'locked');
  const { claimId } = row!;
  assert.equal(world.call(robot, 'release_path', { claimId }).code, 'forbidden');
  assert.equal(world.call(ann, 'release_path', { claimId }).code, 'ok');
  assert.equal(edit(), 'ok');
  assert.equal(world.call(ann, 'release_path', { claimId }).code, 'no_such_lock');
});

test('an owner ends anybody’s claim; whoever is removed leaves none', async () => {
  const { world, ann, robot } = await scene();
  claim(world, ann, 'src/**');
  const [{ claimId } = { claimId: 0 }] = world.rows('path_claim');
  assert.equal(world.call(world.owner, 'release_path', { claimId }).code, 'ok');
  claim(world, robot, 'src/**', { isLease: true });
  lease(world, robot, 'docs/c.md');
  world.mustCall(world.owner, 'remove_member', { identity: identity(robot) });
  for (const table of ['path_claim', 'soft_lock', 'lock_lease'] as const) {
    assert.deepEqual(world.rows(table), [], table);
  }
});

for (const maintained of [false, true]) {
  test(`leases end half a minute after nobody renews them, maintenance ${maintained ? 'came' : 'did not come'}`, async () => {
    const { world, ann, robot } = await scene();
    const other = world.join('other', AGENT);
    const pass = (seconds: number): void => {
      world.nowMicros += BigInt(seconds) * SECOND;
      if (maintained) world.maintain();
    };
    claim(world, robot, 'src/**', { isLease: true, durationMs: 100_000 });
    lease(world, robot, 'docs/c.md', 100_000);
    claim(world, ann, 'other/**', { durationMs: 100_000 });
    const edit = (path: string): string => {
      const { fileId, version } = world.head(path);
      return world.edit(other, fileId, version, insert(0, 0, 'x')).code;
    };
    for (let at = 0; at < 3; at++) {
      pass(25);
      assert.equal(world.call(robot, 'renew_leases', {}).code, 'ok');
      assert.deepEqual([edit('src/a.ts'), edit('docs/c.md')], ['locked', 'locked']);
    }
    pass(24);
    world.mustCall(robot, 'renew_leases', {});
    pass(2);
    // They were made for 100 seconds.
    assert.deepEqual([edit('src/a.ts'), edit('docs/c.md')], ['ok', 'ok']);
    world.mustCall(robot, 'renew_leases', {});
    assert.deepEqual([edit('src/a.ts'), edit('docs/c.md')], ['ok', 'ok']);
    claim(world, robot, 'src/**', { isLease: true, durationMs: 100_000 });
    lease(world, robot, 'docs/c.md', 100_000);
    claim(world, ann, 'other/**', { durationMs: 100_000 });
    pass(LEASE_MS / 1000 + 1);
    assert.deepEqual([edit('src/a.ts'), edit('docs/c.md')], ['ok', 'ok']);
    const file = world.newFile('other/x', '');
    assert.equal(world.call(other, 'create_file', { author: '', file }).code, 'locked');
  });
}

test('renewing is one call for all of a member’s leases and writes nothing without one', async () => {
  const { world, ann, robot } = await scene();
  claim(world, ann, 'other/**');
  const before = world.stateHash();
  world.mustCall(ann, 'renew_leases', {});
  assert.equal(world.stateHash(), before);
  for (let at = 0; at < 60; at++) claim(world, robot, `src/${at}`, { isLease: true });
  world.nowMicros += 20n * SECOND;
  world.mustCall(robot, 'renew_leases', {});
  const until = world.nowMicros + BigInt(LEASE_MS) * 1000n;
  const rows = world.rows('path_claim').filter(({ isLease }) => isLease);
  assert.ok(rows.every(({ expiresAt }) => expiresAt.microsSinceUnixEpoch === until));
});

test('a claim on lines that is made to last is no lease any more', async () => {
  const { world, robot } = await scene();
  const lines = lease(world, robot, 'docs/c.md', 60_000);
  world.mustCall(robot, 'acquire_soft_lock', { ...lines, durationMs: 600_000 });
  world.mustCall(robot, 'renew_leases', {});
  world.nowMicros += 500n * SECOND;
  world.maintain();
  assert.equal(world.rows('soft_lock').length, 1);
  assert.deepEqual(world.rows('lock_lease'), []);
});

function call(
  world: TestWorld,
  who: string,
  pattern: string,
  more: Partial<Arguments<'claim_path'>> = {},
): CallResult {
  const claimed = { requestId: world.nextId(), pattern, isGlob: true, reason: '' };
  return world.call(who, 'claim_path', { ...claimed, durationMs: 60_000, isLease: false, ...more });
}

function claim(...args: Parameters<typeof call>): void {
  const { code, message } = call(...args);
  assert.equal(code, 'ok', message);
}

function lease(
  world: TestWorld,
  who: string,
  path: string,
  durationMs = 60_000,
): Arguments<'lease_lines'> {
  const { fileId, version } = world.head(path);
  const lines = { fileId, version, firstLine: 0, lastLine: 0, reason: '' };
  const args = { requestId: world.nextId(), ...lines, durationMs };
  world.mustCall(who, 'lease_lines', args);
  return args;
}
