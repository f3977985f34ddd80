// Who may call what: every reducer by everybody, through the host. What is refused changes nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Identity } from 'spacetimedb';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import {
  type CallGround,
  claimed,
  EVERY_CALL,
  invite,
  newFile,
  reducerOf,
  replace,
} from '../harness/every-call.ts';
import { type Actor, newId, newOp, WorldStage } from '../harness/world-stage.ts';
import { personNamed, reducerNames, TestWorld } from '../unit/module/test-world.ts';

/**
 * The editor and the agent may edit, lock and resolve, as most are invited; `elsewhere` is such an
 * editor whose scope is `src/**`, while all that is called about lies in `docs/`. Those who are
 * paused may read and say where they are. `outside` stands for who was removed and for a stranger.
 */
const RIGHTS = table(`
  reducer                       owner               editor     elsewhere     viewer     agent      paused  paused_owner  outside
  apply_file_ops                ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  type_text                     ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  return_text                   ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  create_file                   ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  import_files                  ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  rename_file                   ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  rename_files                  ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  change_files                  ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  review_files                  ok                  ok         out_of_scope  forbidden  forbidden  paused  paused        not_a_member
  review_and_tell               ok                  ok         out_of_scope  forbidden  forbidden  paused  paused        not_a_member
  delete_file                   ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  restore_file                  ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  set_file_mode                 ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  set_line_ends                 ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  replace_content               ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  resolve_conflict/accept_head  ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  resolve_conflict/rebase       ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  resolve_conflict/patch        ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  resolve_ticket/accept_head    ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  resolve_ticket/rebase         ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  checkpoint_file               ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  rebuild_file_from_snapshot    ok                  ok         ok            ok         ok         ok      ok            not_a_member
  update_presence               ok                  ok         ok            ok         ok         ok      ok            not_a_member
  take_place                    ok                  ok         ok            ok         ok         ok      ok            not_a_member
  move_caret                    ok                  ok         ok            ok         ok         ok      ok            not_a_member
  acquire_soft_lock             ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  release_soft_lock/another’s   ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  renew_leases                  ok                  ok         ok            ok         ok         paused  paused        not_a_member
  lease_lines                   ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  claim_path                    ok                  ok         out_of_scope  forbidden  ok         paused  paused        not_a_member
  release_path/another’s        ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  create_invite                 ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  revoke_invite                 ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  end_invite                    ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  set_member                    ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  remove_member                 ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  set_profile                   ok                  ok         ok            ok         ok         paused  paused        not_a_member
  set_policy                    ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  set_quotas                    ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  set_restorations              ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  set_export_rule               ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  ask_restoration               ok                  ok         ok            forbidden  ok         paused  paused        not_a_member
  answer_restoration/another’s  ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  withdraw_restoration/another’s  ok                forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  begin_turn                    forbidden           forbidden  forbidden     forbidden  ok         paused  paused        not_a_member
  end_turn                      no_such_turn        no_such_turn  no_such_turn  no_such_turn  ok   no_such_turn  no_such_turn  not_a_member
  erase_prompt/another’s        ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  take_session                  forbidden           forbidden  forbidden     forbidden  ok         paused  paused        not_a_member
  rename_world                  ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  add_note/message              ok                  ok         ok            ok         ok         paused  paused        not_a_member
  add_note/checkpoint           ok                  ok         ok            forbidden  ok         paused  paused        not_a_member
  mark_git_point                ok                  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  configure_world               already_configured  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
  import_log                    already_configured  forbidden  forbidden     forbidden  forbidden  paused  paused        not_a_member
`);

/** What answers without changing anything that is kept; nobody has a lease yet when they are renewed. */
const READS_ONLY = new Set(['rebuild_file_from_snapshot', 'move_caret', 'renew_leases']);

/** What changes nothing that members can read: seen only where the server's store can be looked into. */
const CHANGES_UNSEEN = new Set([
  'update_presence',
  'take_place',
  'take_session',
  'create_invite',
  'revoke_invite',
  'end_invite',
]);

let stage: WorldStage;
let ground: CallGround;
let members: ReadonlyMap<string, Actor>;

before(async () => {
  stage = await WorldStage.open();
  ground = { stage, rival: await stage.join('Rival') };
  members = new Map([
    ['owner', stage.owner],
    ['editor', await stage.join('Editor')],
    ['elsewhere', await stage.join('Elsewhere', { pathScope: ['src/**'] })],
    ['viewer', await stage.join('Viewer', { role: 'viewer', capabilities: [] })],
    ['agent', await stage.join('Agent', { kind: 'agent' })],
    ['paused', await paused(await stage.join('Paused'))],
    ['paused_owner', await paused(await stage.join('Paused owner', { role: 'owner' }))],
  ]);
});

after(() => stage.close());

test('the tables leave no reducer out', () => {
  const asked = new Set([...RIGHTS.keys()].map(reducerOf));
  assert.deepEqual(asked, new Set(reducerNames));
  assert.deepEqual(new Set(EVERY_CALL.keys()), new Set(RIGHTS.keys()));
});

for (const [key, rights] of RIGHTS) {
  test(`who may call ${key}`, async () => {
    for (const [who, member] of members) {
      const call = await EVERY_CALL.get(key)!(ground, member);
      const stateBefore = await wholeState();
      const { code, message } = await member.call(call.reducer, call.args);
      assert.equal(code, rights.get(who), `${who}: ${message.slice(0, 200)}`);
      const hasChanged = (await wholeState()) !== stateBefore;
      const isToChange = code === 'ok' && !READS_ONLY.has(key) && isSeen(key);
      assert.equal(hasChanged, isToChange, `${who} changed something`);
    }
  });
}

test('who is not a member any more, or never was, is stopped at the door of every call', async () => {
  const removed = await leaving('Gone');
  const stranger = await newIdentity(stage.server.uri);
  const stateBefore = await wholeState();
  for (const name of reducerNames) {
    for (const who of [removed, stranger, undefined]) {
      const answer = await callOverHttp(name, who);
      assert.deepEqual([answer.status, answer.code], [403, 'not_a_member'], name);
    }
  }
  assert.equal(await wholeState(), stateBefore);
});

/** An engine may leave a connection open that was let in once, so the door is not enough. */
test('every reducer refuses by itself who is not a member', async () => {
  const world = await TestWorld.create();
  const identity = new Identity(world.join('gone'));
  world.mustCall(world.owner, 'remove_member', { identity });
  const stateBefore = world.stateHash();
  for (const [key, rights] of RIGHTS) {
    const call = await EVERY_CALL.get(key)!(ground, stage.owner);
    for (const who of ['gone', 'stranger']) {
      const { code } = world.call(personNamed(who), call.reducer, call.args);
      assert.equal(code, rights.get('outside'), `${key} by ${who}`);
    }
  }
  assert.equal(world.stateHash(), stateBefore);
});

test('what the world does by itself nobody can ask for', async () => {
  const stateBefore = await wholeState();
  for (const name of ['init', 'client_connected', 'client_disconnected', 'maintain']) {
    const answer = await callOverHttp(name, stage.owner.self);
    assert.equal(answer.status, 400, name);
  }
  assert.equal(await wholeState(), stateBefore);
});

test('one’s own claim can be given back and one’s own ticket taken back without further rights', async () => {
  const someone = await stage.join('Someone');
  const own = await claimed(ground, someone);
  const fileId = await newFile(ground);
  await stage.owner.edit(fileId, 1, replace(0, 'X'));
  const { ticketId } = (await someone.edit(fileId, 1, replace(0, 'Y'))).outcomes[0]!;
  const demoted = { role: 'viewer', capabilities: [], pathScope: ['src/**'], paused: false };
  await stage.owner.mustCall('set_member', {
    identity: new Identity(someone.identity),
    ...demoted,
  });
  await someone.mustCall('release_soft_lock', own);
  const withdrawal = { opId: newId(), ticketId, expectedHeadVersion: 2, parts: [] };
  await someone.mustCall('resolve_conflict', { ...withdrawal, resolution: 'accept_head' });
});

test('who may invite passes on no more than they have, and ends no invite of others', async () => {
  const rights = { capabilities: ['edit', 'invite'], pathScope: ['docs/**'] };
  const host = await stage.join('Host', rights);
  const fits = { ...invite(), role: 'editor', capabilities: ['edit'], pathScope: ['docs/**'] };
  const wider = [
    { ...fits, role: 'owner' },
    { ...fits, capabilities: ['edit', 'attribute'] },
    { ...fits, pathScope: [] },
    { ...fits, pathScope: ['docs/**', 'src/**'] },
  ];
  for (const args of wider) {
    assert.equal((await host.call('create_invite', args)).code, 'forbidden');
  }
  await host.mustCall('create_invite', fits);
  const others = invite();
  await stage.owner.mustCall('create_invite', others);
  const { secretHash } = others;
  assert.equal((await host.call('revoke_invite', { secretHash })).code, 'forbidden');
  await host.mustCall('revoke_invite', { secretHash: fits.secretHash });
});

test('whoever is removed leaves no way back: their invites end with them', async () => {
  const rights = { capabilities: ['edit', 'invite'], pathScope: [] };
  const host = await stage.join('Leaving host', rights);
  const secret = newId();
  const secretHash = createHash('sha256').update(secret).digest('hex');
  await host.mustCall('create_invite', { ...invite(), secretHash });
  await stage.owner.mustCall('remove_member', { identity: new Identity(host.identity) });
  const again = await newIdentity(stage.server.uri);
  assert.match((await stage.redeem(secret, again.identity)).text, /^no_such_invite: /);
});

test('the rights of somebody who was removed cannot be changed', async () => {
  const { identity } = await leaving('Long gone');
  const rights = { role: 'owner', capabilities: [], pathScope: [], paused: false };
  const result = await stage.owner.call('set_member', {
    identity: new Identity(identity),
    ...rights,
  });
  assert.equal(result.code, 'no_such_member');
});

test('a person may say that nobody is known to have written something, and is told as who sent it; an agent only where it may attribute work', async () => {
  const fileId = await stage.owner.createFile(`docs/${newId()}`, 'one\n');
  const nobody = { author: UNATTRIBUTED.identity };
  const editor = members.get('editor')!;
  const sent = await editor.edit(fileId, 1, replace(0, 'X'), nobody);
  assert.equal(sent.outcomes[0]?.outcome, 'applied');
  const { opSeq } = sent.outcomes[0];
  const op = editor.rows('file_op').find((row) => row.opSeq === opSeq)!;
  assert.equal(op.author.toHexString(), UNATTRIBUTED.identity);
  assert.equal(op.actor.toHexString(), editor.identity);
  const agent = members.get('agent')!;
  assert.equal((await agent.edit(fileId, 2, replace(0, 'Y'), nobody)).code, 'forbidden');
  const rights = { kind: 'agent', capabilities: ['edit', 'attribute'], pathScope: [] };
  const trusted = await stage.join('Trusted', rights);
  const brought = await trusted.edit(fileId, 2, replace(0, 'Z'), nobody);
  assert.equal(brought.outcomes[0]?.outcome, 'applied');
  assert.equal(
    (await members.get('viewer')!.edit(fileId, 3, replace(0, 'Y'), nobody)).code,
    'forbidden',
  );
});

test('a decision over two files needs both in one’s scope', async () => {
  const near = await stage.join('Near', { pathScope: ['docs/near/**'] });
  const paths = [`docs/near/${newId()}`, `docs/far/${newId()}`];
  const files = [];
  for (const path of paths) files.push(await stage.owner.createFile(path, 'one\n'));
  await stage.owner.edit(files[0]!, 1, replace(0, 'X'));
  const ops = files.map((fileId) => newOp(fileId, 1, replace(0, 'Y')));
  const { ticketId } = (await ground.rival.send(ops)).outcomes[0]!;
  await stage.owner.caughtUp();
  assert.equal(stage.owner.ticket(ticketId).fileId, files[0]);
  const decided = { opId: newId(), ticketId, expectedHeadVersion: 2, parts: [] };
  const args = { ...decided, resolution: 'accept_head' };
  assert.equal((await near.call('resolve_conflict', args)).code, 'out_of_scope');
});

function isSeen(key: string): boolean {
  return stage.server.embedded !== null || !CHANGES_UNSEEN.has(key);
}

/** Everything that is stored; what an actor sees where the server's store cannot be looked into. */
async function wholeState(): Promise<string> {
  const { embedded } = stage.server;
  if (!embedded) {
    // What an update brings is there before the answer to a later call.
    await stage.owner.call('release_soft_lock', { lockId: 0 });
    return stage.owner.stateHash();
  }
  const { datastore } = embedded.host.engine.database(stage.database).runtime;
  const hash = createHash('sha256');
  for (const stored of datastore.tables()) {
    hash.update(stored.schema.name);
    const rows = stored.allRows().map((row) => row.bytes.toString('hex'));
    for (const row of rows.sort()) hash.update(row);
  }
  return hash.digest('hex');
}

async function callOverHttp(name: string, who: StoredIdentity | undefined) {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(who ? { authorization: `Bearer ${who.token}` } : {}),
  };
  const uri = `${stage.server.uri}v1/database/${stage.database}/call/${name}`;
  const response = await fetch(uri, { method: 'POST', headers, body: '[]' });
  const text = await response.text();
  return { status: response.status, code: text.split(':')[0] };
}

async function paused(member: Actor): Promise<Actor> {
  const row = stage.owner
    .rows('workspace_member')
    .find(({ identity }) => identity.toHexString() === member.identity)!;
  await stage.owner.mustCall('set_member', { ...row, paused: true });
  return member;
}

async function leaving(name: string): Promise<StoredIdentity> {
  const member = await stage.join(name);
  await stage.owner.mustCall('remove_member', { identity: new Identity(member.identity) });
  return member.self;
}

/** A table as it is read: for each row by its first word, the others by the words of the head. */
function table(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [head = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const columns = head.slice(1);
  return new Map(
    rows.map(([key = '', ...cells]) => {
      assert.equal(cells.length, columns.length, key);
      return [key, new Map(columns.map((column, index) => [column, cells[index]!]))];
    }),
  );
}
