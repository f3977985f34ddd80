// Every code by which a world refuses, met through the host.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Identity } from 'spacetimedb';

import type { RefusalCode } from '../../spacetimedb/src/refusal.ts';
import { CALL_MEMORY } from '../../src/core/limits.ts';
import { DEFAULT_QUOTAS } from '../../src/core/quota.ts';
import { WORK_BUDGETS, WORK_UNITS } from '../../src/core/work.ts';
import { newIdentity } from '../../src/world/identities.ts';
import { publishModule } from '../../src/world/publish.ts';
import {
  type CallGround,
  claim,
  claimed,
  decision,
  LONG,
  invite,
  newFile,
  newPath,
  note,
  on,
  profile,
  replace,
} from '../harness/every-call.ts';
import {
  Actor,
  type CallResult,
  moduleBundle,
  newId,
  newOp,
  newTextFile,
  WorldStage,
} from '../harness/world-stage.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

let stage: WorldStage;
let ground: CallGround;
/** An editor with the usual rights in `docs/`. */
let ann: Actor;
let importing: Actor;

before(async () => {
  const limits = JSON.stringify({ staleOps: 1, locksPerMember: 1, noteLength: 10 });
  stage = await WorldStage.open({ limits });
  ann = await stage.join('Ann', { pathScope: ['docs/**'] });
  ground = { stage, rival: await stage.join('Rival') };
  importing = await importingWorld();
});

after(async () => {
  importing.close();
  await stage.close();
});

/** By what each code is met; the type sees to it that none is left out. */
const REFUSALS: Readonly<Record<RefusalCode, () => Promise<Pick<CallResult, 'code'>>>> = {
  not_a_member: () => callAsStranger('add_note'),
  paused: async () => {
    const rights = { role: 'editor', capabilities: [], pathScope: [], paused: true };
    const tired = await stage.join('Tired');
    await stage.owner.mustCall('set_member', { identity: identityOf(tired), ...rights });
    return tired.call('add_note', note('message'));
  },
  forbidden: () => ann.call('create_invite', invite()),
  out_of_scope: () => {
    return ann.call('create_file', { author: '', file: newTextFile('src/a.ts', '') });
  },
  no_such_file: () => ann.call('delete_file', on(999_999)),
  path_taken: async () => {
    const file = newTextFile(newPath(), '');
    await ann.mustCall('create_file', { author: '', file });
    const below = newTextFile(`${file.path}/below`, '');
    return ann.call('create_file', { author: '', file: below });
  },
  bad_path: () => ann.call('create_file', { author: '', file: newTextFile('docs/../a', '') }),
  bad_range: async () => ann.edit(await newFile(ground), 1, replace(99, 'x')),
  bad_text: async () => ann.edit(await newFile(ground), 1, replace(0, 'a\r\n')),
  bad_request: () => ann.send([]),
  op_id_reused: async () => {
    const fileId = await newFile(ground);
    const op = newOp(fileId, 1, replace(0, 'x'));
    await ann.send([op]);
    return ann.send([{ ...op, changes: replace(0, 'y') }]);
  },
  stale_retry: async () => {
    const weekAgo = Date.now() - CALL_MEMORY.rememberedMs - 1;
    return ann.call('delete_file', { ...on(await newFile(ground)), opId: newId(weekAgo) });
  },
  bad_clock: async () => {
    const ahead = Date.now() + CALL_MEMORY.aheadMs + 60_000;
    return ann.call('delete_file', { ...on(await newFile(ground)), opId: newId(ahead) });
  },
  too_large: () => ann.call('add_note', { ...note('message'), text: 'eleven long' }),
  too_many: async () => {
    await claimed(ground, ann);
    return ann.call('acquire_soft_lock', claim(await newFile(ground)));
  },
  quota_exceeded: async () => {
    const { memberMebibytes, worldMebibytes } = DEFAULT_QUOTAS;
    await stage.owner.mustCall('set_quotas', { memberMebibytes, worldMebibytes, memberNotes: 1 });
    const talker = await stage.join('Talker', { role: 'viewer', capabilities: [] });
    await talker.mustCall('add_note', note('message'));
    const result = await talker.call('add_note', note('message'));
    await stage.owner.mustCall('set_quotas', DEFAULT_QUOTAS);
    return result;
  },
  too_much_work: () => {
    const count = Math.ceil(WORK_BUDGETS.import_files / WORK_UNITS.op) + 1;
    const files = Array.from({ length: count }, (_, index) => newTextFile(`docs/${index}`, ''));
    return ann.call('import_files', { batchId: newId(), author: '', files });
  },
  too_stale: async () => {
    const fileId = await newFile(ground);
    for (const version of [1, 2]) await ann.edit(fileId, version, replace(0, 'x'));
    return ann.call('acquire_soft_lock', claim(fileId));
  },
  locked: async () => {
    const { lockId } = await claimed(ground, ground.rival);
    const lock = ground.rival.rows('soft_lock').find((row) => row.lockId === lockId)!;
    const result = await ann.call('acquire_soft_lock', claim(lock.fileId));
    await ground.rival.mustCall('release_soft_lock', { lockId });
    return result;
  },
  no_such_lock: () => ann.call('release_soft_lock', { lockId: 999_999 }),
  no_such_ticket: async () => {
    const decided = await decision(ground, 'accept_head');
    return ann.call('resolve_conflict', { ...decided, ticketId: 999_999 });
  },
  no_such_restoration: () => {
    const answer = { opId: newId(), restorationId: 999_999, answer: 'take' };
    return ann.call('answer_restoration', answer);
  },
  no_such_turn: () => ann.call('end_turn', { opId: newId(), session: 'none' }),
  already_resolved: async () => {
    const decided = await decision(ground, 'accept_head');
    await ann.mustCall('resolve_conflict', decided);
    return ann.call('resolve_conflict', { ...decided, opId: newId() });
  },
  unreviewed: async () => {
    const robot = await stage.join('Exporting robot', { kind: 'agent' });
    const file = newTextFile(newPath(), '');
    const { outcomes } = await robot.mustCall('create_file', { author: '', file });
    await stage.owner.mustCall('set_export_rule', { rule: 'reviewed' });
    const range = { after: 0, upTo: outcomes[0]!.opSeq };
    const kind = { kind: 'export', mode: 'one', branch: 'b', parents: [], message: '', ...range };
    const frame = { folder: '', autoLineEnds: 'false', commit: 'a'.repeat(40) };
    const point = JSON.stringify({ ...kind, ...frame });
    const result = await stage.owner.call('mark_git_point', { opId: newId(), point, text: '' });
    await stage.owner.mustCall('set_export_rule', { rule: 'any' });
    return result;
  },
  head_moved: async () => {
    const decided = await decision(ground, 'rebase');
    const { fileId } = ground.rival.ticket(decided.ticketId);
    await ann.edit(fileId, 2, replace(0, 'Z'));
    return ann.call('resolve_conflict', decided);
  },
  upgrade_needed: async () => {
    return ann.call('resolve_conflict', await decision(ground, 'rebase', LONG));
  },
  no_such_invite: () => {
    return stage.owner.call('revoke_invite', { secretHash: 'ab'.repeat(32) });
  },
  invite_suspended: async () => {
    const host = await stage.join('Host', { capabilities: ['edit', 'invite'] });
    const { secret, secretHash } = newSecret();
    await host.mustCall('create_invite', { ...invite(), secretHash });
    const rights = { role: 'editor', capabilities: [], pathScope: [], paused: true };
    await stage.owner.mustCall('set_member', { identity: identityOf(host), ...rights });
    return redeemed(secret, (await newIdentity(stage.server.uri)).identity);
  },
  invite_outdated: async () => {
    const { identity } = await newIdentity(stage.server.uri);
    const secret = await stage.invite({ uses: 2 });
    await stage.redeem(secret, identity);
    await stage.owner.mustCall('remove_member', { identity: new Identity(identity) });
    return redeemed(secret, identity);
  },
  no_such_member: () => {
    return stage.owner.call('remove_member', { identity: new Identity('ab'.repeat(32)) });
  },
  already_configured: async () => {
    const rules = { policyMode: 'auto', lockPolicy: 'enforce', limits: '', baseCommit: undefined };
    const names = { name: 'again', worldEpoch: 'ab'.repeat(32) };
    return stage.owner.call('configure_world', { ...names, ...rules, ...profile() });
  },
  importing: () => importing.call('rename_world', { name: 'too early' }),
  bad_log: async () => {
    const expectedHead = { opSeq: 1, chainHash: new Uint8Array(32) };
    return importing.call('import_log', { ops: [], parts: [], expectedHead, ...profile() });
  },
};

for (const [code, refused] of Object.entries(REFUSALS)) {
  test(`a world refuses with ${code}`, async () => {
    const told = await refused();
    assert.equal(told.code, code);
  });
}

test('the page on refusals explains every code, and no other', async () => {
  const page = await readFile(path.join(root, 'docs/refusals.md'), 'utf8');
  const explained = [...page.matchAll(/^\| `([a-z_]+)`/gm)].map(([, code]) => code!);
  assert.deepEqual(new Set(explained), new Set(Object.keys(REFUSALS)));
});

/** Its owner, while a log comes into it. */
async function importingWorld(): Promise<Actor> {
  const { uri } = stage.server;
  const self = await newIdentity(uri);
  const database = `world-${randomBytes(6).toString('hex')}`;
  const bundle = new TextEncoder().encode(await moduleBundle());
  await publishModule({ uri, token: self.token, database, bundle });
  const owner = await Actor.connect(uri, database, self);
  const begun = { ops: [], parts: [], expectedHead: undefined, ...profile() };
  await owner.mustCall('import_log', begun);
  return owner;
}

async function callAsStranger(reducer: string): Promise<{ code: string }> {
  const uri = `${stage.server.uri}v1/database/${stage.database}/call/${reducer}`;
  const headers = { 'content-type': 'application/json' };
  const text = await (await fetch(uri, { method: 'POST', headers, body: '[]' })).text();
  return { code: text.split(':')[0]! };
}

async function redeemed(secret: string, identity: string): Promise<{ code: string }> {
  const { text } = await stage.redeem(secret, identity);
  return { code: text.split(':')[0]! };
}

function newSecret(): { secret: string; secretHash: string } {
  const secret = randomBytes(32).toString('hex');
  return { secret, secretHash: createHash('sha256').update(secret).digest('hex') };
}

function identityOf(actor: Actor): Identity {
  return new Identity(actor.identity);
}
