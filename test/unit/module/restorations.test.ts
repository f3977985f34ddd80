// Who asks, who answers, and what stays of it: the module's side of questions about folders.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import { DEFAULT_QUOTAS, NOTES_PER_SECOND } from '../../../src/core/quota.ts';
import { RESTORATION_ITEMS, RESTORATION_OWNERS } from '../../../src/core/restoration.ts';
import { ENDED_RESTORATIONS, STANDING_RESTORATIONS } from '../../../src/core/restoration-action.ts';
import { SIZES, subscribedRowBytes } from '../../../src/core/sizes.ts';
import { UNATTRIBUTED } from '../../../src/core/unattributed.ts';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { HOST, inviteOf, redeem } from './invite-kit.ts';
import { type Arguments, type CallResult, identity, personNamed, TestWorld } from './test-world.ts';

const ALL_RIGHTS = ['edit', 'lock', 'resolve', 'invite', 'export', 'attribute'];

test('who may answer: the table of roles', async () => {
  const { world, members } = await peopledWorld();
  const answers = {
    // The columns: an agent’s folder, that of an agent that is an owner, a person’s folder.
    owner: ['ok', 'ok', 'ok'],
    'second owner': ['ok', 'ok', 'ok'],
    'whose work it is': ['ok', 'ok', 'ok'],
    'viewer whose work it is': ['ok', 'ok', 'ok'],
    'agent whose work it is': ['ok', 'ok', 'ok'],
    bystander: ['forbidden', 'forbidden', 'forbidden'],
    bot: ['forbidden', 'forbidden', 'forbidden'],
    // An owner answers others' questions.
    'owner bot': ['ok', 'forbidden', 'ok'],
    person: ['forbidden', 'forbidden', 'ok'],
    'paused owner': ['paused', 'paused', 'paused'],
    'paused, whose work it is': ['paused', 'paused', 'paused'],
    'guest of the owner bot': ['ok', 'forbidden', 'ok'],
    'guest of its guest': ['ok', 'forbidden', 'ok'],
    removed: ['not_a_member', 'not_a_member', 'not_a_member'],
    stranger: ['not_a_member', 'not_a_member', 'not_a_member'],
  } as const;
  const owners = [
    'whose work it is',
    'viewer whose work it is',
    'agent whose work it is',
    'paused, whose work it is',
    'guest of the owner bot',
    'guest of its guest',
    'removed',
  ].map((name) => members.get(name)!);
  for (const [name, codes] of Object.entries(answers)) {
    const caller = members.get(name) ?? personNamed(name);
    for (const [at, folder] of ['bot', 'owner bot', 'person'].entries()) {
      world.nowMicros += 1_000_000n;
      const question = ask(world, members.get(folder)!, { owners });
      const before = world.stateHash();
      for (const answer of ['leave', 'take'] as const) {
        const { code } = answerTo(world, caller, question, answer);
        assert.equal(code, codes[at], `${name} at the folder of ${folder}`);
      }
      if (codes[at] !== 'ok') assert.equal(world.stateHash(), before, 'nothing happened');
      else assert.equal(row(world, question).answeredBy?.toHexString(), caller);
      if (codes[at] !== 'ok') answerTo(world, world.owner, question, 'put_back');
    }
  }
});

test('who may ask: whoever may edit, in their own name and for members', async () => {
  const { world, members } = await peopledWorld();
  const of = (name: string): string => members.get(name) ?? personNamed(name);
  for (const [name, code] of [
    ['owner', 'ok'],
    ['bystander', 'ok'],
    ['bot', 'ok'],
    ['viewer whose work it is', 'forbidden'],
    ['paused owner', 'paused'],
    ['removed', 'not_a_member'],
    ['stranger', 'not_a_member'],
  ] as const) {
    const asked = world.call(of(name), 'ask_restoration', question(world));
    assert.equal(asked.code, code, name);
  }
  const refusals: readonly (readonly [Partial<Arguments<'ask_restoration'>>, string])[] = [
    [{ owners: [of('bot')] }, 'forbidden'],
    [{ owners: [of('stranger')] }, 'no_such_member'],
    [{ owners: [UNATTRIBUTED.identity] }, 'no_such_member'],
    [{ owners: ['Ada'] }, 'bad_request'],
    [{ owners: [of('person'), of('person')] }, 'bad_request'],
    [{ owners: Array.from({ length: RESTORATION_OWNERS + 1 }, () => '') }, 'too_many'],
    [{ cause: 'boredom' }, 'bad_request'],
    [{ files: [{ fileId: 4321, what: 'changed' }] }, 'no_such_file'],
    [{ files: [{ fileId: world.head('a.txt').fileId, what: 'eaten' }] }, 'bad_request'],
    [{ fileCount: 0 }, 'bad_request'],
    [{ folderName: 'home/bot' }, 'bad_request'],
    [{ folderName: 'a\nb' }, 'bad_request'],
    [{ folderName: 'x'.repeat(DEFAULT_LIMITS.nameLength + 1) }, 'too_large'],
  ];
  for (const [change, code] of refusals) {
    world.nowMicros += 1_000_000n;
    const before = world.stateHash();
    const asked = { ...question(world), ...change };
    assert.equal(
      world.call(of('bot'), 'ask_restoration', asked).code,
      code,
      JSON.stringify(change),
    );
    assert.equal(world.stateHash(), before);
  }
  const own = { ...question(world), owners: [of('person')] };
  assert.equal(world.call(of('person'), 'ask_restoration', own).code, 'ok', 'a person is asked');
});

test('a question says what it is about; what ends it is final, and leave is not', async () => {
  const { world, members } = await peopledWorld();
  const bot = members.get('bot')!;
  const ada = members.get('whose work it is')!;
  const asked = ask(world, bot, { owners: [ada] });
  const open = row(world, asked);
  assert.deepEqual(
    { ...open, folderOf: open.folderOf.toHexString(), owners: open.owners.map(String) },
    {
      restorationId: asked,
      folderOf: bot,
      cause: 'git',
      folderName: 'clone',
      items: [{ fileId: world.head('a.txt').fileId, path: 'a.txt', what: 'changed' }],
      owners: [identity(ada)].map(String),
      fileCount: 3,
      askedAt: open.askedAt,
      status: 'open',
      answer: '',
      answeredBy: undefined,
      answeredAt: undefined,
      changedSeq: asked,
    },
  );
  assert.equal(answerTo(world, ada, asked, 'whatever').code, 'bad_request');
  assert.equal(answerTo(world, ada, 99_999, 'take').code, 'no_such_restoration');
  assert.equal(answerTo(world, ada, asked, 'leave').code, 'ok');
  assert.equal(row(world, asked).answer, 'leave');
  assert.equal(answerTo(world, ada, asked, 'leave').code, 'already_resolved');
  assert.equal(answerTo(world, ada, asked, 'put_back').code, 'ok');
  const ended = row(world, asked);
  assert.deepEqual([ended.status, ended.answer, ended.items], ['answered', 'put_back', []]);
  for (const answer of ['take', 'put_back', 'leave']) {
    assert.equal(answerTo(world, ada, asked, answer).code, 'already_resolved');
  }
  assert.equal(withdraw(world, bot, asked).code, 'already_resolved');
  assert.deepEqual(world.rows('note'), [], 'it is no message');
});

test('whoever asked takes it back; of who was removed, whoever may answer ends it', async () => {
  const { world, members } = await peopledWorld();
  const bot = members.get('bot')!;
  const ada = members.get('whose work it is')!;
  const [first, second] = [ask(world, bot), ask(world, bot)];
  const [third, fourth] = [ask(world, bot), ask(world, bot, { owners: [ada] })];
  assert.equal(withdraw(world, members.get('bystander')!, first).code, 'forbidden');
  assert.equal(withdraw(world, world.owner, first).code, 'forbidden');
  assert.equal(withdraw(world, bot, first).code, 'ok');
  assert.equal(row(world, first).status, 'withdrawn');
  assert.equal(answerTo(world, world.owner, first, 'take').code, 'already_resolved');
  answerTo(world, world.owner, second, 'leave');
  assert.equal(withdraw(world, bot, second).code, 'ok', 'a folder that was left is in step');
  world.mustCall(world.owner, 'remove_member', { identity: identity(bot) });
  assert.equal(withdraw(world, bot, third).code, 'not_a_member');
  for (const answer of ['put_back', 'take', 'leave']) {
    const answered = answerTo(world, world.owner, third, answer);
    assert.equal(answered.code, 'no_such_member', 'nobody would do it');
  }
  assert.equal(withdraw(world, members.get('bystander')!, third).code, 'forbidden');
  assert.equal(withdraw(world, ada, third).code, 'forbidden', 'not her work');
  assert.equal(withdraw(world, world.owner, third).code, 'ok');
  assert.equal(withdraw(world, ada, fourth).code, 'ok');
});

test('the same call again is told the same, and does nothing', async () => {
  const { world, members } = await peopledWorld();
  const bot = members.get('bot')!;
  const asking = question(world);
  const [first] = world.mustCall(bot, 'ask_restoration', asking).inserted('op_outcome');
  const restorationId = first!.opSeq;
  const steps = [
    [bot, 'ask_restoration', asking],
    [world.owner, 'answer_restoration', { opId: world.nextId(), restorationId, answer: 'leave' }],
    [bot, 'withdraw_restoration', { opId: world.nextId(), restorationId }],
  ] as const;
  for (const [who, reducer, args] of steps) {
    if (reducer !== 'ask_restoration') world.mustCall(who, reducer, args);
    const before = world.stateHash();
    const [again] = world.mustCall(who, reducer, args).inserted('op_outcome');
    assert.equal(again!.outcome, 'duplicate');
    assert.equal(world.stateHash(), before);
    const other = world.call(members.get('bystander')!, reducer, args);
    assert.equal(other.code, 'op_id_reused', 'nobody else’s');
  }
});

test('a restored world has the same questions and the same rule', async () => {
  const { world, members } = await peopledWorld();
  const bot = members.get('bot')!;
  const ada = members.get('whose work it is')!;
  ask(world, bot, { owners: [ada] });
  answerTo(world, ada, ask(world, bot, { owners: [ada] }), 'leave');
  answerTo(world, ada, ask(world, bot, { owners: [ada] }), 'take');
  withdraw(world, bot, ask(world, bot));
  for (let count = 0; count < ENDED_RESTORATIONS + 5; count++) {
    world.nowMicros += 1_000_000n;
    withdraw(world, ada, ask(world, ada));
  }
  world.mustCall(world.owner, 'set_restorations', { agents: 'ask', people: 'take' });
  const copy = await restored(world, () => true);
  assertSameWorld(copy, world);
  assert.equal(copy.rows('restoration').length, 4 + ENDED_RESTORATIONS);
});

test('a forged history of questions is refused', async () => {
  const { world, members } = await peopledWorld();
  const bot = members.get('bot')!;
  const asked = ask(world, bot);
  answerTo(world, world.owner, asked, 'take');
  const [asking, answering] = world
    .rows('file_op')
    .filter(({ payload }) => payload.includes('"does"'))
    .map(({ opSeq }) => opSeq);
  for (const [opSeq, from, to] of [
    [asking!, '"fileCount":3', '"fileCount":-3'],
    [asking!, '"path":"a.txt"', `"path":"${'x'.repeat(13 * 1024)}"`],
    [asking!, '"cause":"git"', '"cause":"fun"'],
    [asking!, '"does":"ask"', '"does":"think"'],
    [answering!, `"question":${asked}`, '"question":1'],
    [answering!, '"answer":"take"', '"answer":"burn"'],
  ] as const) {
    const copy = await TestWorld.published();
    const log = forged(world, opSeq, (payload) => payload.replace(from, to));
    assert.equal(copy.call(copy.owner, 'import_log', log).code, 'bad_log', `${from} as ${to}`);
  }
});

test('a row is short whatever the paths are, and a member has few of them', async () => {
  const { world } = await peopledWorld();
  const folder = `${'漢'.repeat(80)}/`.repeat(4);
  const files = Array.from({ length: RESTORATION_ITEMS }, (_, at) =>
    world.createFile(world.owner, `${folder}${at}`, ''),
  ).map((fileId) => ({ fileId, what: 'deleted' }));
  const owners = Array.from({ length: RESTORATION_OWNERS }, (_, at) => world.join(`owner ${at}`));
  const ann = world.join('ann', { kind: 'agent' });
  const folderName = '漢'.repeat(DEFAULT_LIMITS.nameLength);
  const longest = { files, owners, folderName, fileCount: 100_000 };
  const numbers: number[] = [];
  for (let count = 0; count < STANDING_RESTORATIONS; count++) {
    world.nowMicros += 1_000_000n;
    numbers.push(ask(world, ann, longest));
  }
  const most = subscribedRowBytes(DEFAULT_LIMITS).restoration;
  const bytes = () => world.runtime.datastore.table('restoration')!.allRows()[0]!.bytes.length;
  assert.ok(most <= SIZES.subscribedRow);
  assert.ok(bytes() <= most && bytes() > most / 2, `${bytes()} bytes of ${most}`);
  const named = row(world, numbers[0]!).items.length;
  assert.ok(named > 5 && named < RESTORATION_ITEMS, `${named} of the files are named`);
  const asked = world.call(ann, 'ask_restoration', question(world));
  assert.equal(asked.code, 'too_many');
  for (const number of numbers) {
    world.nowMicros += 1_000_000n;
    answerTo(world, world.owner, number, 'put_back');
  }
  assert.ok(bytes() < 1000, `an ended question has ${bytes()} bytes`);
  // The one that was answered last is kept, whenever it was asked.
  const early = ask(world, ann);
  for (let count = 0; count < 2 * ENDED_RESTORATIONS; count++) {
    world.nowMicros += 1_000_000n;
    withdraw(world, ann, ask(world, ann));
  }
  answerTo(world, world.owner, early, 'take');
  assert.equal(row(world, early).answer, 'take');
  assert.equal(world.rows('restoration').length, ENDED_RESTORATIONS);
  assert.equal(answerTo(world, world.owner, numbers[0]!, 'take').code, 'no_such_restoration');
});

test('asking has the rate and the quota of a note; what answers or ends a question has always room', async () => {
  const { world, members } = await peopledWorld();
  const bot = members.get('bot')!;
  const ada = members.get('whose work it is')!;
  world.mustCall(world.owner, 'set_quotas', { ...DEFAULT_QUOTAS, memberNotes: 1 });
  const asked = ask(world, bot, { owners: [ada] });
  const more = world.call(bot, 'ask_restoration', question(world));
  assert.equal(more.code, 'quota_exceeded');
  world.mustCall(ada, 'add_note', { opId: world.nextId(), kind: 'message', to: '', text: 'hi' });
  assert.equal(answerTo(world, ada, asked, 'leave').code, 'ok');
  assert.equal(withdraw(world, bot, asked).code, 'ok');
  world.mustCall(world.owner, 'set_quotas', DEFAULT_QUOTAS);
  const codes = Array.from({ length: 2 * NOTES_PER_SECOND + 1 }, () => {
    return world.call(bot, 'ask_restoration', question(world)).code;
  });
  assert.equal(codes.at(-1), 'too_many');
});

test('an owner who is a person says whose folders ask', async () => {
  const { world, members } = await peopledWorld();
  const rules = { agents: 'take', people: 'ask' };
  assert.equal(world.call(members.get('owner bot')!, 'set_restorations', rules).code, 'forbidden');
  assert.equal(world.call(members.get('person')!, 'set_restorations', rules).code, 'forbidden');
  const unknown = { agents: 'perhaps', people: 'ask' };
  assert.equal(world.call(world.owner, 'set_restorations', unknown).code, 'bad_request');
  assert.deepEqual(world.rows('restoration_rule'), []);
  world.mustCall(world.owner, 'set_restorations', rules);
  assert.deepEqual(world.rows('restoration_rule'), [{ id: 1, ...rules }]);
});

async function peopledWorld(): Promise<{ world: TestWorld; members: ReadonlyMap<string, string> }> {
  const world = await TestWorld.create();
  world.createFile(world.owner, 'a.txt', 'one\n');
  const members = new Map([['owner', world.owner]]);
  const join = (name: string, rights: Partial<Arguments<'create_invite'>> = {}): void => {
    members.set(name, world.join(name, rights));
  };
  join('second owner', { role: 'owner', capabilities: ALL_RIGHTS });
  join('whose work it is');
  join('viewer whose work it is', { role: 'viewer', capabilities: [] });
  join('agent whose work it is', { kind: 'agent' });
  join('bystander');
  join('bot', { kind: 'agent' });
  join('owner bot', { kind: 'agent', role: 'owner', capabilities: ALL_RIGHTS });
  join('person');
  join('paused owner', { role: 'owner', capabilities: ALL_RIGHTS });
  join('paused, whose work it is');
  join('removed');
  const hosts = ['owner bot', 'guest of the owner bot', 'guest of its guest'] as const;
  for (const [at, guest] of hosts.slice(1).entries()) {
    const rights = { ...HOST, kind: 'agent', role: 'owner', capabilities: ALL_RIGHTS };
    const host = members.get(hosts[at]!)!;
    world.mustCall(host, 'create_invite', { ...inviteOf(guest, rights), uses: 1 });
    assert.equal(redeem(world, guest, guest).status, 200);
    members.set(guest, personNamed(guest));
  }
  for (const name of ['paused owner', 'paused, whose work it is']) {
    const member = world
      .rows('workspace_member')
      .find((each) => each.identity.toHexString() === members.get(name))!;
    const { role, capabilities, pathScope } = member;
    const rights = { identity: member.identity, role, capabilities, pathScope };
    world.mustCall(world.owner, 'set_member', { ...rights, paused: true });
  }
  world.mustCall(world.owner, 'remove_member', { identity: identity(members.get('removed')!) });
  return { world, members };
}

function question(world: TestWorld): Arguments<'ask_restoration'> {
  return {
    opId: world.nextId(),
    cause: 'git',
    folderName: 'clone',
    files: [{ fileId: world.head('a.txt').fileId, what: 'changed' }],
    fileCount: 3,
    owners: [],
  };
}

/** Asks, and returns the question's number. */
function ask(
  world: TestWorld,
  who: string,
  more: Partial<Arguments<'ask_restoration'>> = {},
): number {
  const asked = world.mustCall(who, 'ask_restoration', { ...question(world), ...more });
  return asked.inserted('op_outcome')[0]!.opSeq;
}

function answerTo(world: TestWorld, who: string, number: number, answer: string): CallResult {
  const args = { opId: world.nextId(), restorationId: number, answer };
  return world.call(who, 'answer_restoration', args);
}

function withdraw(world: TestWorld, who: string, number: number): CallResult {
  const args = { opId: world.nextId(), restorationId: number };
  return world.call(who, 'withdraw_restoration', args);
}

function row(world: TestWorld, number: number) {
  return world.rows('restoration').find(({ restorationId }) => restorationId === number)!;
}
