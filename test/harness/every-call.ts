import { createHash, randomBytes } from 'node:crypto';
import { Identity, Timestamp } from 'spacetimedb';
import { DEFAULT_QUOTAS } from '../../src/core/quota.ts';
import type { ReducerArguments, ReducerName } from '../../src/world/bindings.ts';
import { newIdentity } from '../../src/world/identities.ts';
import { type Actor, newId, newOp, newTextFile, type WorldStage } from './world-stage.ts';

/** A call that is ready to be made by anybody, once. */
export type ReadyCall = {
  readonly [Name in ReducerName]: {
    readonly reducer: Name;
    readonly args: ReducerArguments<Name>;
  };
}[ReducerName];

/** What calls are made about: all files lie in `docs/`. */
export interface CallGround {
  readonly stage: WorldStage;
  /** An editor whose edits become tickets, and who holds claims. */
  readonly rival: Actor;
}

/** Prepares a call of `caller`'s that nothing but their rights could forbid. */
export type PrepareCall = (ground: CallGround, caller: Actor) => Promise<ReadyCall>;

type Prepared<Name extends ReducerName> = (
  ground: CallGround,
  caller: Actor,
) => Promise<ReducerArguments<Name>>;

/** One or more calls of every reducer; what follows a slash tells calls of one reducer apart. */
export const EVERY_CALL: ReadonlyMap<string, PrepareCall> = new Map([
  entry('apply_file_ops', async (ground) => {
    const ops = [newOp(await newFile(ground), 1, replace(0, 'x'))];
    return { batch: { batchId: newId(), extends: 0, ops } };
  }),
  entry('return_text', async (ground) => {
    const ops = [newOp(await newFile(ground), 1, replace(0, 'x'))];
    const piece = { op: 0, change: 0, at: 0, length: 1, version: 1, fromLine: 0, fromCharacter: 0 };
    return { batch: { batchId: newId(), extends: 0, ops }, returned: [piece] };
  }),
  entry('type_text', async (ground) => {
    const op = BigInt(`0x${newId().replaceAll('-', '')}`);
    return { op, fileId: await newFile(ground), version: 1, ...replace(0, 'x')[0]! };
  }),
  entry('create_file', async () => ({ author: '', file: newTextFile(newPath(), 'new\n') })),
  entry('import_files', async () => {
    const files = [newTextFile(newPath(), 'new\n'), newTextFile(newPath(), 'new\n')];
    return { batchId: newId(), author: '', files };
  }),
  entry('rename_file', async (ground) => {
    const fromPath = newPath();
    const fileId = await ground.stage.owner.createFile(fromPath, TEXT);
    return { ...on(fileId), fromPath, path: newPath() };
  }),
  entry('rename_files', async (ground) => {
    const fromPath = newPath();
    const fileId = await ground.stage.owner.createFile(fromPath, TEXT);
    const { author, ...file } = { ...on(fileId), fromPath, path: newPath() };
    return { batchId: newId(), author, files: [file] };
  }),
  entry('change_files', async (ground) => changed(await newFile(ground))),
  entry('review_files', async ({ stage }) => (await reviewed(stage)).call),
  entry('review_and_tell', async ({ stage }) => {
    const { call, agent } = await reviewed(stage);
    return { ...call, told: [{ opId: newId(), to: agent, text: 'kept' }] };
  }),
  entry('delete_file', async (ground) => on(await newFile(ground))),
  entry('restore_file', async (ground) => {
    const fileId = await newFile(ground);
    await ground.stage.owner.mustCall('delete_file', on(fileId));
    return { ...on(fileId), path: '' };
  }),
  entry('set_file_mode', async (ground) => {
    return { ...on(await newFile(ground)), mode: 'executable', eol: 'lf', bom: false };
  }),
  entry('set_line_ends', async (ground) => {
    return { ...on(await newFile(ground)), crlf: '0', lf: '' };
  }),
  entry('replace_content', async (ground) => {
    const { content } = newTextFile('', 'another\n');
    return { ...on(await newFile(ground)), content };
  }),
  entry('resolve_conflict/accept_head', (ground) => decision(ground, 'accept_head')),
  entry('resolve_conflict/rebase', (ground) => decision(ground, 'rebase')),
  entry('resolve_conflict/patch', async (ground) => {
    const decided = await decision(ground, 'patch');
    const { fileId } = ground.rival.ticket(decided.ticketId);
    return { ...decided, parts: [{ fileId, expectedHeadVersion: 2, changes: replace(0, 'Z') }] };
  }),
  entry('resolve_ticket/accept_head', (ground) => decision(ground, 'accept_head', LONG)),
  entry('resolve_ticket/rebase', (ground) => decision(ground, 'rebase', LONG)),
  entry('checkpoint_file', async (ground) => {
    const fileId = await newFile(ground);
    await ground.stage.owner.edit(fileId, 1, replace(0, 'x'));
    return { fileId };
  }),
  entry('rebuild_file_from_snapshot', async (ground) => {
    return { fileId: await newFile(ground), version: 1 };
  }),
  entry('update_presence', async (ground) => {
    const place = { fileId: await newFile(ground), version: 1, selections: [] };
    return { ...place, typing: false, activity: '' };
  }),
  entry('take_place', async () => ({})),
  entry('move_caret', async (ground, caller) => {
    await caller.call('take_place', {});
    const place = { fileId: await newFile(ground), version: 1, selections: [] };
    await caller.call('update_presence', { ...place, typing: false, activity: '' });
    return { caret: 0n };
  }),
  entry('acquire_soft_lock', async (ground) => claim(await newFile(ground))),
  entry('release_soft_lock/another’s', (ground) => claimed(ground, ground.rival)),
  entry('lease_lines', async (ground) => claim(await newFile(ground))),
  entry('claim_path', async () => pathClaim()),
  entry('release_path/another’s', (ground) => claimedPath(ground.rival)),
  entry('renew_leases', async () => ({})),
  entry('create_invite', async () => invite()),
  entry('revoke_invite', async ({ stage }) => {
    const made = invite();
    await stage.owner.mustCall('create_invite', made);
    return { secretHash: made.secretHash };
  }),
  entry('end_invite', async ({ stage }) => {
    const guest = await newcomer(stage, 2);
    const isTheirs = ({ identity }: { identity: Identity }) => identity.isEqual(guest);
    await stage.owner.until(() => stage.owner.rows('member_origin').some(isTheirs));
    return { inviteId: stage.owner.rows('member_origin').find(isTheirs)!.inviteId };
  }),
  entry('set_member', async ({ stage }) => {
    const rights = { role: 'editor', capabilities: ['edit'], pathScope: ['docs/**'] };
    return { identity: await newcomer(stage), ...rights, paused: true };
  }),
  entry('remove_member', async ({ stage }) => ({ identity: await newcomer(stage) })),
  entry('set_profile', async () => profile()),
  entry('set_policy', async () => ({ policyMode: 'auto', lockPolicy: 'enforce', limits: '' })),
  entry('set_quotas', async () => DEFAULT_QUOTAS),
  entry('ask_restoration', async (ground) => restoration(await newFile(ground))),
  entry('answer_restoration/another’s', async (ground) => {
    return { opId: newId(), restorationId: await asked(ground), answer: 'leave' };
  }),
  entry('withdraw_restoration/another’s', async (ground) => {
    return { opId: newId(), restorationId: await askedByOneWhoLeft(ground) };
  }),
  entry('set_restorations', async () => ({ agents: 'ask', people: 'take' })),
  entry('set_export_rule', async () => ({ rule: 'any' })),
  entry('begin_turn', async () => turn()),
  entry('end_turn', async (_ground, caller) => {
    const begun = turn();
    await caller.call('begin_turn', begun);
    return { opId: newId(), session: begun.session };
  }),
  entry('erase_prompt/another’s', async ({ stage }) => {
    return { opId: newId(), turnId: await askedTurn(stage) };
  }),
  entry('take_session', async () => ({ session: newId() })),
  entry('rename_world', async () => ({ name: 'another name' })),
  entry('add_note/message', async () => note('message')),
  entry('add_note/checkpoint', async () => note('checkpoint')),
  entry('mark_git_point', async () => {
    const frame = { folder: '', autoLineEnds: 'false', commit: 'ab'.repeat(20), upTo: 1 } as const;
    return { opId: newId(), point: JSON.stringify({ kind: 'base', ...frame }), text: '' };
  }),
  entry('configure_world', async () => {
    const rules = { policyMode: 'auto', lockPolicy: 'enforce', limits: '', baseCommit: undefined };
    return { name: 'mine', worldEpoch: 'ab'.repeat(32), ...rules, ...profile() };
  }),
  entry('import_log', async () => ({ ops: [], parts: [], expectedHead: undefined, ...profile() })),
]);

/** The reducer that a key of `EVERY_CALL` calls. */
export function reducerOf(key: string): ReducerName {
  return key.split('/')[0] as ReducerName;
}

/** Puts `text` in the place of the line's first character. */
export function replace(line: number, text: string) {
  return [{ startLine: line, startCharacter: 0, endLine: line, endCharacter: 1, text }];
}

/** So long that a ticket's row has no room for it. */
export const LONG = 'long '.repeat(5000);

/** An edit and a new file in one call. */
function changed(fileId: number): ReducerArguments<'change_files'> {
  const { path, mode, content } = newTextFile(newPath(), 'new\n');
  const none = { rangeHashes: [], fromPath: '', eol: '', bom: false };
  const edit = { opId: newId(), kind: 'edit', fileId, expectedBaseVersion: 1 };
  const made = { opId: newId(), kind: 'create', fileId: 0, expectedBaseVersion: 0, changes: [] };
  return {
    batchId: newId(),
    author: '',
    turn: '',
    steps: [
      { ...none, ...edit, changes: replace(0, 'x'), path: '', mode: '', content: undefined },
      { ...none, ...made, path, mode, content },
    ],
  };
}

/** A decision on a ticket that the rival's edit of a fresh file became. */
export async function decision(
  ground: CallGround,
  resolution: string,
  text = 'Y',
): Promise<ReducerArguments<'resolve_conflict'>> {
  const { stage, rival } = ground;
  const fileId = await newFile(ground);
  await stage.owner.edit(fileId, 1, replace(0, 'X'));
  const { outcomes } = await rival.edit(fileId, 1, replace(0, text));
  const { ticketId } = outcomes[0]!;
  return { opId: newId(), ticketId, expectedHeadVersion: 2, resolution, parts: [] };
}

export function claim(fileId: number): ReducerArguments<'acquire_soft_lock'> {
  const lines = { firstLine: 0, lastLine: 0 };
  return { requestId: newId(), fileId, version: 1, ...lines, reason: '', durationMs: 60_000 };
}

export function pathClaim(): ReducerArguments<'claim_path'> {
  const pattern = `docs/${newId()}/**`;
  const times = { durationMs: 60_000, isLease: false };
  return { requestId: newId(), pattern, isGlob: true, reason: '', ...times };
}

export function invite(): ReducerArguments<'create_invite'> {
  return {
    secretHash: createHash('sha256').update(randomBytes(32)).digest('hex'),
    role: 'viewer',
    kind: 'human',
    capabilities: [],
    pathScope: ['src/only/**'],
    expiresAt: new Timestamp(BigInt(Date.now() + 60_000) * 1000n),
    uses: 1,
  };
}

export function note(kind: string): ReducerArguments<'add_note'> {
  return { opId: newId(), kind, to: '', text: 'a word' };
}

export function restoration(fileId: number): ReducerArguments<'ask_restoration'> {
  const files = [{ fileId, what: 'changed' }];
  return { opId: newId(), cause: 'git', folderName: 'clone', files, fileCount: 1, owners: [] };
}

/** A question of the rival's. */
export async function asked(ground: CallGround): Promise<number> {
  const args = restoration(await newFile(ground));
  const { outcomes } = await ground.rival.mustCall('ask_restoration', args);
  return outcomes[0]!.opSeq;
}

/** Asked over HTTP: whoever is removed while connected is sent away some time later. */
async function askedByOneWhoLeft({ stage }: CallGround): Promise<number> {
  const rights = { role: 'editor', capabilities: ['edit'], uses: 1 };
  const self = await newIdentity(stage.server.uri);
  const joined = await stage.redeem(await stage.invite(rights), self.identity);
  if (joined.status !== 200) throw new Error(joined.text);
  const args = restoration(await newFile({ stage }));
  const uri = `${stage.server.uri}v1/database/${stage.database}/call/ask_restoration`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${self.token}` };
  const body = JSON.stringify(Object.values(args));
  const answer = await fetch(uri, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(await answer.text());
  const identity = new Identity(self.identity);
  await stage.owner.mustCall('remove_member', { identity });
  const isTheirs = ({ folderOf }: { folderOf: Identity }) => folderOf.isEqual(identity);
  await stage.owner.until(() => stage.owner.rows('restoration').some(isTheirs));
  return stage.owner.rows('restoration').find(isTheirs)!.restorationId;
}

/** Keeps what an agent wrote. */
async function reviewed(
  stage: WorldStage,
): Promise<{ readonly call: ReducerArguments<'review_files'>; readonly agent: string }> {
  const agent = await stage.join(`Writer ${newId()}`, { kind: 'agent' });
  const fileId = await agent.createFile(newPath(), TEXT);
  const lines = [{ firstLine: 0, lastLine: 0 }];
  const whose = { agent: '', turn: 0, upTo: 0, words: '' };
  const seen = { fileId, seenSeq: fileId, lines, whole: [] };
  const reviews = [{ opId: newId(), does: 'keep', ...seen, ...whose }];
  const call = { batchId: newId(), reviews, steps: [], returned: [] };
  return { call, agent: agent.identity };
}

export async function newFile({ stage }: Pick<CallGround, 'stage'>): Promise<number> {
  return stage.owner.createFile(newPath(), TEXT);
}

export function newPath(): string {
  return `docs/${newId()}.md`;
}

/** What every call about a whole file names. */
export function on(fileId: number) {
  return { opId: newId(), author: '', fileId, expectedBaseVersion: 1 };
}

export function profile() {
  return { displayName: 'Somebody', gitName: '', gitEmail: '', color: '' };
}

/** A claim of the holder's on a fresh file. */
export async function claimed(ground: CallGround, holder: Actor): Promise<{ lockId: number }> {
  const wanted = claim(await newFile(ground));
  await holder.mustCall('acquire_soft_lock', wanted);
  const isIt = ({ requestId }: { requestId: string }) => requestId === wanted.requestId;
  return { lockId: holder.rows('soft_lock').find(isIt)!.lockId };
}

/** A claim of the holder's on a folder of its own. */
export async function claimedPath(holder: Actor): Promise<{ claimId: number }> {
  const wanted = pathClaim();
  await holder.mustCall('claim_path', wanted);
  const isIt = ({ requestId }: { requestId: string }) => requestId === wanted.requestId;
  return { claimId: holder.rows('path_claim').find(isIt)!.claimId };
}

export function turn(): ReducerArguments<'begin_turn'> {
  const names = { session: newId(), name: '', client: 'a-client', title: 'tidying up' };
  return { opId: newId(), ...names, prompt: '', salt: new Uint8Array() };
}

/** A turn of an agent of the owner's, whose prompt is kept. */
export async function askedTurn(stage: WorldStage): Promise<number> {
  const agent = await stage.join(`Asked ${newId()}`, { kind: 'agent' });
  const asked = { prompt: 'please tidy up', salt: randomBytes(32) };
  const { outcomes } = await agent.mustCall('begin_turn', { ...turn(), ...asked });
  return outcomes[0]!.opSeq;
}

async function newcomer(stage: WorldStage, uses = 1): Promise<Identity> {
  const self = await newIdentity(stage.server.uri);
  const secret = await stage.invite({ uses });
  const answer = await stage.redeem(secret, self.identity);
  if (answer.status !== 200) throw new Error(answer.text);
  return new Identity(self.identity);
}

function entry<Key extends string>(
  key: Key,
  prepare: Key extends `${infer Name extends ReducerName}/${string}`
    ? Prepared<Name>
    : Key extends ReducerName
      ? Prepared<Key>
      : never,
): [string, PrepareCall] {
  return [
    key,
    async (ground, caller) =>
      ({ reducer: reducerOf(key), args: await prepare(ground, caller) }) as ReadyCall,
  ];
}

const TEXT = 'one\ntwo\nthree\n';
