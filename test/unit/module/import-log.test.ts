import assert from 'node:assert/strict';
import { test } from 'node:test';
import { livelyWorld } from './lively-world.ts';
import { assertSameWorld, callsOf, forged, logOf, restored } from './imported-world.ts';
import { insert, personNamed, TestWorld } from './test-world.ts';

test('a restored world is the same in every table, in one call or op by op', async () => {
  const world = await livelyWorld();
  assertSameWorld(await restored(world), world);
  assertSameWorld(await restored(world, () => true), world);
});

test('a restored world goes on where the other ended', async () => {
  const world = await livelyWorld();
  const copy = (await restored(world)).reopened();
  const { fileId, version } = copy.head('b.txt');
  assert.equal(copy.edit(copy.owner, fileId, version, insert(0, 0, 'on ')).code, 'ok');
  assert.equal(copy.text(fileId), `on ${world.text(fileId)}`);
  const kept = copy.rows('file_op').slice(0, -1);
  assert.deepEqual(
    kept.map((op) => op.opId),
    world.rows('file_op').map((op) => op.opId),
  );
});

test('a call that is sent again changes nothing, the last one too', async () => {
  const world = await livelyWorld();
  const copy = await TestWorld.published();
  for (const call of callsOf(world, () => true)) {
    copy.mustCall(copy.owner, 'import_log', call);
    const state = copy.stateHash();
    copy.mustCall(copy.owner, 'import_log', call);
    assert.equal(copy.stateHash(), state);
  }
  assertSameWorld(copy, world);
});

test('any byte of an op, of a chain hash or of a part changed is refused, and nothing is kept', async () => {
  const world = await livelyWorld();
  const log = logOf(world);
  const copy = await TestWorld.published();
  const before = copy.stateHash();
  const refused = (change: (call: ReturnType<typeof logOf>) => void, what: string) => {
    const call = structuredClone(log);
    change(call);
    assert.equal(copy.call(copy.owner, 'import_log', call).code, 'bad_log', what);
    assert.equal(copy.stateHash(), before, what);
  };
  log.ops.forEach((op, index) => {
    for (let at = 0; at < op.bytes.length; at += 13) {
      const what = `byte ${at} of op ${index + 1}`;
      refused((call) => (call.ops[index]!.bytes[at]! ^= 1), what);
    }
    refused((call) => (call.ops[index]!.chainHash[7]! ^= 1), `hash of op ${index + 1}`);
    refused((call) => call.ops.splice(index, 1), `without op ${index + 1}`);
  });
  log.parts.forEach(({ hash, text }, index) => {
    refused((call) => {
      const part = call.parts[index]!;
      if (text === undefined) part.bytes![0]! ^= 1;
      else part.text = `${text}x`;
    }, `part ${hash}`);
  });
});

test('the op that does not fit is named', async () => {
  const world = await livelyWorld();
  const call = logOf(world);
  call.ops[6]!.bytes[0]! ^= 0xff;
  const copy = await TestWorld.published();
  const { code, message } = copy.call(copy.owner, 'import_log', call);
  assert.equal(code, 'bad_log');
  assert.match(message, /^bad_log: op 7 .*\n\{"opSeq":7\}$/);
});

test('until the last call the world is importing, for everybody and every reducer', async () => {
  const world = await livelyWorld();
  const copy = await TestWorld.published();
  const { owner } = copy;
  const calls = callsOf(world, () => true);
  for (const call of calls.slice(0, -1)) copy.mustCall(owner, 'import_log', call);
  const ann = personNamed('ann');
  const { fileId } = world.head('b.txt');
  assert.equal(copy.edit(owner, fileId, 1, insert(0, 0, 'x')).code, 'importing');
  const file = copy.newFile('new.txt', '');
  assert.equal(copy.call(owner, 'create_file', { author: '', file }).code, 'importing');
  assert.equal(copy.call(ann, 'checkpoint_file', { fileId }).code, 'importing');
  assert.equal(copy.call(ann, 'import_log', calls.at(-1)!).code, 'importing');
  assert.equal(copy.lifecycle('connect', ann).code, 'importing');
  assert.equal(copy.lifecycle('connect', owner).code, 'ok');
  const hello = JSON.parse(copy.get('hello', `identity=${ann}`).body);
  assert.equal(hello.importing, true);
  const state = copy.stateHash();
  copy.maintain();
  assert.equal(copy.stateHash(), state, 'maintenance waits');
  copy.mustCall(owner, 'import_log', calls.at(-1)!);
  assert.equal(copy.lifecycle('connect', ann).code, 'ok');
});

test('a log is imported by an owner, into a world without anything in it', async () => {
  const world = await livelyWorld();
  const log = logOf(world);
  assert.equal(world.call(personNamed('ann'), 'import_log', log).code, 'forbidden');
  const named = await TestWorld.create();
  assert.equal(named.call(named.owner, 'import_log', log).code, 'already_configured');
  const used = await TestWorld.published();
  used.createFile(used.owner, 'a.txt', 'mine');
  assert.equal(used.call(used.owner, 'import_log', log).code, 'already_configured');
  const fresh = await TestWorld.published();
  assert.equal(fresh.call(personNamed('stranger'), 'import_log', log).code, 'not_a_member');
});

test('a log that ends elsewhere than it was said to is refused', async () => {
  const world = await livelyWorld();
  const log = logOf(world);
  const copy = await TestWorld.published();
  const short = { ...log, ops: log.ops.slice(0, -1) };
  assert.equal(copy.call(copy.owner, 'import_log', short).code, 'bad_log');
  const other = { ...log, expectedHead: { ...log.expectedHead!, chainHash: new Uint8Array(32) } };
  assert.equal(copy.call(copy.owner, 'import_log', other).code, 'bad_log');
});

test('who restores a world that does not know them becomes its owner, by an op of its own', async () => {
  const world = await livelyWorld();
  const mover = personNamed('mover');
  const copy = await TestWorld.published(mover);
  copy.mustCall(mover, 'import_log', logOf(world));
  const ops = copy.rows('file_op');
  assert.equal(ops.length, world.rows('file_op').length + 1);
  assert.equal(ops.at(-1)!.kind, 'member');
  const row = copy.rows('workspace_member').find((m) => m.identity.toHexString() === mover)!;
  assert.deepEqual([row.role, row.displayName, row.paused], ['owner', 'Importer', false]);
  const { fileId, version } = copy.head('b.txt');
  assert.equal(copy.edit(mover, fileId, version, insert(0, 0, 'x')).code, 'ok');
});

test('a log that is well linked and tells of what no world has is refused at that op', async () => {
  const world = await livelyWorld();
  const of = (kind: string) => world.rows('file_op').find((op) => op.kind === kind)!.opSeq;
  const forgeries: readonly (readonly [string, number, (payload: string) => string])[] = [
    ['a path out of the folder', of('create'), (text) => text.replace('a.txt', '../a.txt')],
    ['an absolute path', of('rename'), (text) => text.replace('b.txt', '/b.txt')],
    ['an unknown mode', of('mode'), (text) => text.replace('executable', 'setuid')],
    ['an unknown line end', of('create'), (text) => text.replace('"lf"', '"cr"')],
    [
      'another number of lines',
      of('create'),
      (text) => text.replace('"lineCount":4', '"lineCount":9'),
    ],
    [
      'a colour that is none',
      of('member'),
      (text) => text.replace('"color":""', '"color":"red;x"'),
    ],
    ['an unknown policy', of('policy'), (text) => text.replace('auto', 'none')],
    ['limits that are none', of('policy'), (text) => text.replace('"limits":""', '"limits":"{"')],
    ['a payload that is none', of('resolve'), () => '{'],
    [
      'a ticket that is not there',
      of('resolve'),
      (text) => text.replace(/"ticket":\d+/, '"ticket":99999'),
    ],
    [
      'parts that are not there',
      of('checkpoint'),
      (text) => text.replace(/"parts":\[[^\]]*/, '"parts":["00"'),
    ],
  ];
  const copy = await TestWorld.published();
  const before = copy.stateHash();
  for (const [what, opSeq, change] of forgeries) {
    const { code, message } = copy.call(copy.owner, 'import_log', forged(world, opSeq, change));
    assert.equal(code, 'bad_log', what);
    assert.match(message, new RegExp(`^bad_log: op ${opSeq} `), what);
    assert.equal(copy.stateHash(), before, what);
  }
});
