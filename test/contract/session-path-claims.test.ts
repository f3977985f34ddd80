// Claims on files and folders, as members' clients see them, and claims that end with who made them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaseKeeper } from '../../src/agents/lease-keeper.ts';
import { LEASE_MS } from '../../src/core/path-claim.ts';
import { refusalText } from '../../src/world/claim-refusal.ts';
import { claimLines } from '../../src/world/claims.ts';
import {
  claimPaths,
  extendPathClaim,
  neighboursOf,
  pathClaimPlace,
  pathClaimsOn,
  releasePathClaim,
} from '../../src/world/path-claims.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { ManualClock } from '../unit/agents/manual-clock.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const FOR_A_MINUTE = { reason: 'moving it', durationMs: 60_000 };

test('who claims a folder is told who is there, others are told why they are refused', async (t) => {
  const lab = await WorldLab.open(t);
  const [ada, robot, bob] = [
    await lab.agent(),
    await lab.agent({ kind: 'agent' }),
    await lab.agent(),
  ];
  for (const path of ['src/a.ts', 'docs/b.md']) await ada.create(path, 'one\n');
  await caughtUp(robot.session, bob.session);
  for (const path of ['src/a.ts', 'docs/b.md']) await robot.read(path);
  const { fileId, version } = robot.session.view.fileAt('src/a.ts')!;
  await robot.show({ fileId, version }, undefined, 'reading');
  const folder = { pattern: 'src/**', isGlob: true };
  await whenever(ada.session, () => neighboursOf(ada.session, folder).present.length > 0);
  assert.deepEqual(neighboursOf(ada.session, folder), {
    paths: [],
    lines: [],
    present: [{ identity: robot.session.identity, path: 'src/a.ts' }],
  });
  const claimed = await claimPaths(ada.session, { ...folder, ...FOR_A_MINUTE }, systemRandomBytes);
  assert.ok(claimed.tag === 'claimed');
  const edited = await robot.replace('src/a.ts', [{ search: 'one', replacement: 'two' }]);
  assert.ok(edited.tag === 'refused' && edited.refusal.code === 'locked');
  assert.match(
    refusalText(robot.session.view, edited.refusal),
    /^Member 1 has claimed src\/\*\* until /,
  );
  const made = await robot.create('src/new.ts', '');
  assert.ok(made.tag === 'refused' && made.refusal.code === 'locked');
  const elsewhere = await robot.replace('docs/b.md', [{ search: 'one', replacement: 'two' }]);
  assert.equal(elsewhere.tag, 'applied');

  await caughtUp(bob.session);
  const file = { pattern: 'src/a.ts', isGlob: false };
  const [inTheWay] = neighboursOf(bob.session, file).paths;
  assert.equal(inTheWay?.claimId, claimed.claim.claimId);
  const refused = await claimPaths(bob.session, { ...file, ...FOR_A_MINUTE }, systemRandomBytes);
  assert.ok(refused.tag === 'refused' && refused.refusal.code === 'locked');
  assert.deepEqual(
    pathClaimsOn(bob.session.view, bob.session.view.fileAt('src/a.ts')!).map(
      ({ reason }) => reason,
    ),
    ['moving it'],
  );
  const longer = await extendPathClaim(ada.session, claimed.claim, 600_000);
  assert.ok(longer.tag === 'claimed' && longer.claim.claimId === claimed.claim.claimId);
  assert.ok(longer.claim.expiresAtMs > claimed.claim.expiresAtMs);
  await releasePathClaim(ada.session, claimed.claim.claimId);
  await caughtUp(bob.session);
  assert.deepEqual(neighboursOf(bob.session, file).paths, []);
});

test('a claim on a file is shown at the name that the file has', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  await ada.create('a.txt', 'one\n');
  const { fileId } = ada.session.view.fileAt('a.txt')!;
  const wanted = { pattern: 'a.txt', isGlob: false, ...FOR_A_MINUTE };
  const claimed = await claimPaths(ada.session, wanted, systemRandomBytes);
  assert.ok(claimed.tag === 'claimed');
  const moved = {
    opId: newUuid(Date.now(), systemRandomBytes),
    author: '',
    fileId,
    expectedBaseVersion: 1,
  };
  await ada.session.call('rename_file', { ...moved, fromPath: 'a.txt', path: 'b.txt' });
  assert.equal(pathClaimPlace(ada.session.view, claimed.claim), 'b.txt');
});

test('leases are renewed while somebody holds the session, by one timer, and after a reconnect', async (t) => {
  const lab = await WorldLab.open(t);
  const clock = new ManualClock(Date.now());
  const self = await lab.join({ kind: 'agent' });
  const session = await lab.enter(self, { clock });
  const { pathClaims, locks } = session.view;
  const idle = clock.pending;
  const keeper = new LeaseKeeper(session);
  const release = keeper.hold();
  assert.equal(clock.pending, idle, 'nothing to renew, no timer');
  const lease = { isLease: true, reason: '', durationMs: 600_000 };
  const folder = { pattern: 'src/**', isGlob: true, ...lease };
  assert.equal((await claimPaths(session, folder, systemRandomBytes)).tag, 'claimed');
  const file = { opId: newUuid(Date.now(), systemRandomBytes), path: 'a.txt', mode: 'regular' };
  const content = { kind: 'text', eol: 'lf', bom: false, text: 'one\n', bytes: new Uint8Array() };
  await session.call('create_file', { author: '', file: { ...file, content } });
  const lines = { fileId: session.view.fileAt('a.txt')!.fileId, version: 1, ...FIRST_LINE };
  assert.equal(
    (await claimLines(session, { ...lines, ...lease }, systemRandomBytes)).tag,
    'claimed',
  );
  const endings = (): readonly number[] =>
    [...pathClaims.claims.values(), ...locks.values()].map(({ expiresAtMs }) => expiresAtMs);
  const renewed = async (what: () => void): Promise<void> => {
    const before = endings();
    what();
    await whenever(session, () => endings().every((at, index) => at > before[index]!));
    assert.equal(clock.pending, idle + 1);
  };
  await renewed(() => clock.pass(LEASE_MS / 3));
  await renewed(() => clock.pass(LEASE_MS / 3));
  session.link!.close();
  await renewed(() => clock.pass(LEASE_MS / 3));
  const second = keeper.hold();
  release();
  await renewed(() => clock.pass(LEASE_MS / 3));
  // What was sent before is answered.
  await caughtUp(session);
  second();
  assert.equal(clock.pending, idle, 'nobody holds it');
  const last = endings();
  clock.pass(LEASE_MS);
  await caughtUp(session);
  assert.deepEqual(endings(), last);
  keeper.dispose();
});

const FIRST_LINE = { firstLine: 0, lastLine: 0 };
