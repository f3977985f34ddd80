import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/core/op-payload.ts';
import { packCaret } from '../../src/core/packed-caret.ts';
import { DEFAULT_QUOTAS } from '../../src/core/quota.ts';
import { RESTORATION_ITEMS, RESTORATION_OWNERS } from '../../src/core/restoration.ts';
import { ENDED_RESTORATIONS, STANDING_RESTORATIONS } from '../../src/core/restoration-action.ts';
import { REVIEW_TOLD } from '../../src/core/review.ts';
import type { BudgetedCall } from '../../src/core/work.ts';
import { type Arguments, EPOCH, identity, TestWorld } from '../../test/unit/module/test-world.ts';
import {
  audited,
  behind,
  changedTogether,
  checkpointed,
  claimedPaths,
  turned,
  created,
  crowded,
  everywhere,
  type HeavyCall,
  imported,
  invited,
  inviteOf,
  largeFiles,
  longTexts,
  manyChanges,
  manyKeys,
  manyOps,
  manyPlaces,
  type Measured,
  MIB,
  movedTogether,
  plain,
  released,
  removed,
  replaced,
  replayed,
  resolved,
  returned,
  reviewed,
  shown,
  spreadOverLargeFile,
  tended,
  typed,
} from './heavy-worlds.ts';

const RIGHTS = { role: 'editor', capabilities: ['edit'], pathScope: [], paused: false };
const POLICY = { policyMode: 'auto', lockPolicy: 'enforce', limits: '' };
const NAMES = { displayName: 'x', gitName: '', gitEmail: '', color: '' };

/** All that has a budget, but what begins a world and ends a connection, which have nothing to go through. */
type MeasuredCall = Exclude<BudgetedCall, 'init' | 'client_disconnected'>;

/**
 * For each reducer the slowest calls that a world takes, or keeps as a ticket, as far as anybody found
 * them: where a budget ends, and beyond it. What a reducer does with nothing that can be large is one call.
 */
export const HEAVY_CALLS: Readonly<Record<MeasuredCall, readonly HeavyCall[]>> = {
  apply_file_ops: [
    () => everywhere(1900, 40),
    () => everywhere(1900, 3),
    () => manyKeys(4096, 4 * MIB - 8192),
    () => spreadOverLargeFile(),
    () => longTexts(),
    () => manyChanges(70),
    () => manyChanges(260),
  ],
  create_file: [() => created(16 * MIB, 'binary'), () => created(4 * MIB, 'text')],
  import_files: [() => imported(7, 4 * MIB), () => imported(2000, 8000)],
  replace_content: [() => replaced(16 * MIB)],
  type_text: [() => typed()],
  return_text: [() => returned(256)],
  resolve_conflict: [() => resolved('resolve_conflict')],
  resolve_ticket: [() => resolved('resolve_ticket')],
  import_log: [() => replayed(largeFiles), () => replayed(manyOps), () => replayed(manyPlaces)],
  rename_file: [
    () =>
      behind((world, on) =>
        world.call(world.owner, 'rename_file', { ...on, fromPath: 'a.txt', path: 'b.txt' }),
      ),
  ],
  rename_files: [() => movedTogether(2000)],
  change_files: [() => changedTogether(2000), () => changedTogether(500, 8000)],
  review_files: [() => reviewed()],
  review_and_tell: [() => reviewed(REVIEW_TOLD)],
  delete_file: [() => behind((world, on) => world.call(world.owner, 'delete_file', on))],
  restore_file: [
    () => behind((world, on) => world.call(world.owner, 'restore_file', { ...on, path: '' })),
  ],
  set_file_mode: [
    () =>
      behind((world, on) =>
        world.call(world.owner, 'set_file_mode', {
          ...on,
          mode: 'executable',
          eol: 'lf',
          bom: true,
        }),
      ),
  ],
  set_line_ends: [
    () =>
      behind((world, on) => world.call(world.owner, 'set_line_ends', { ...on, crlf: '0', lf: '' })),
  ],
  checkpoint_file: [() => checkpointed()],
  rebuild_file_from_snapshot: [() => audited()],
  acquire_soft_lock: [
    () =>
      behind((world, { fileId }) => {
        const lines = { firstLine: 0, lastLine: 0, reason: '', durationMs: 1000 };
        const claim = { requestId: world.nextId(), fileId, version: 1, ...lines };
        return world.call(world.owner, 'acquire_soft_lock', claim);
      }),
  ],
  release_soft_lock: [() => released()],
  lease_lines: [
    () =>
      behind((world, { fileId }) => {
        const lines = { firstLine: 0, lastLine: 0, reason: '', durationMs: 1000 };
        const claim = { requestId: world.nextId(), fileId, version: 1, ...lines };
        return world.call(world.owner, 'lease_lines', claim);
      }),
  ],
  claim_path: [
    () =>
      claimedPaths((world, claim) =>
        world.call(world.owner, 'claim_path', { ...claim, pattern: `**/z*/${claim.pattern}` }),
      ),
  ],
  release_path: [
    () =>
      claimedPaths((world, _claim, claimId) =>
        world.call(world.owner, 'release_path', { claimId }),
      ),
  ],
  renew_leases: [() => claimedPaths((world) => world.call(world.owner, 'renew_leases', {}))],
  update_presence: [() => shown()],
  take_place: [
    () =>
      crowded((world, member) => {
        world.lifecycle('connect', member);
        return world.call(member, 'take_place', {});
      }),
  ],
  move_caret: [() => moved()],
  create_invite: [
    () =>
      crowded((world) => {
        return world.call(world.owner, 'create_invite', inviteOf(world, 'cd'.repeat(32)));
      }),
  ],
  revoke_invite: [
    () =>
      crowded((world, _member, secretHash) =>
        world.call(world.owner, 'revoke_invite', { secretHash }),
      ),
  ],
  end_invite: [
    () =>
      crowded((world, _member, secretHash) =>
        world.call(world.owner, 'end_invite', { inviteId: inviteIdOf(secretHash) }),
      ),
  ],
  set_member: [
    () =>
      crowded((world, member) =>
        world.call(world.owner, 'set_member', { ...RIGHTS, identity: identity(member) }),
      ),
  ],
  join: [() => invited()],
  hello: [
    () =>
      crowded((world) => {
        const { status } = world.get('hello', '');
        return { code: status === 200 ? 'ok' : String(status) };
      }),
  ],
  client_connected: [() => crowded((world, member) => world.lifecycle('connect', member))],
  mark_git_point: [() => marked(), () => markedReviewed()],
  begin_turn: [() => turned((world, robot, args) => world.call(robot, 'begin_turn', args))],
  end_turn: [
    () =>
      turned((world, robot, { opId, session }) => world.call(robot, 'end_turn', { opId, session })),
  ],
  erase_prompt: [
    () =>
      turned((world, _robot, { opId }) => {
        const turnId = world.rows('turn').at(-1)!.turnId;
        return world.call(world.owner, 'erase_prompt', { opId, turnId });
      }),
  ],
  take_session: [
    () => turned((world, robot, { session }) => world.call(robot, 'take_session', { session })),
  ],
  configure_world: [() => configured()],
  remove_member: [() => removed()],
  add_note: [
    () =>
      plain((world) => {
        const note = { kind: 'message', to: '', text: 'é'.repeat(4000) };
        return world.call(world.owner, 'add_note', { opId: world.nextId(), ...note });
      }),
  ],
  set_policy: [() => plain((world) => world.call(world.owner, 'set_policy', POLICY))],
  set_quotas: [() => plain((world) => world.call(world.owner, 'set_quotas', DEFAULT_QUOTAS))],
  set_restorations: [
    () =>
      plain((world) =>
        world.call(world.owner, 'set_restorations', { agents: 'ask', people: 'take' }),
      ),
  ],
  set_export_rule: [
    () => plain((world) => world.call(world.owner, 'set_export_rule', { rule: 'reviewed' })),
  ],
  ask_restoration: [() => asked((world, args) => world.call(world.owner, 'ask_restoration', args))],
  answer_restoration: [
    () =>
      asked((world, { opId }, restorationId) =>
        world.call(world.owner, 'answer_restoration', { opId, restorationId, answer: 'take' }),
      ),
  ],
  withdraw_restoration: [
    () =>
      asked((world, { opId }, restorationId) =>
        world.call(world.owner, 'withdraw_restoration', { opId, restorationId }),
      ),
  ],
  set_profile: [() => plain((world) => world.call(world.owner, 'set_profile', NAMES))],
  rename_world: [() => plain((world) => world.call(world.owner, 'rename_world', { name: 'y' }))],
  maintain: [() => tended()],
};

/** An import of a mebibyte in files of an ordinary size: what all others are compared with. */
export const IMPORT_OF_A_MEBIBYTE: HeavyCall = () => imported(128, 8192);

async function moved(): ReturnType<HeavyCall> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one');
  world.lifecycle('connect', world.owner);
  world.mustCall(world.owner, 'take_place', {});
  const place = { fileId, version: 1, selections: [], typing: false, activity: '' };
  world.mustCall(world.owner, 'update_presence', place);
  const caret = packCaret({ line: 0, character: 1, version: 1, typing: true }, 1)!;
  world.nowMicros += 1_000_000n;
  return () => world.call(world.owner, 'move_caret', { caret });
}

/** A member with as many questions as may be but one, each as long as may be. */
async function asked(
  call: (world: TestWorld, args: Arguments<'ask_restoration'>, restorationId: number) => Measured,
): ReturnType<HeavyCall> {
  const world = await TestWorld.create();
  const files = Array.from({ length: RESTORATION_ITEMS }, (_, at) => {
    const fileId = world.createFile(world.owner, `${'d'.repeat(200)}/${at}`, '');
    return { fileId, what: 'changed' };
  });
  const owners = Array.from({ length: RESTORATION_OWNERS }, (_, at) => world.join(`owner ${at}`));
  const question = { cause: 'git', folderName: 'clone', files, fileCount: files.length, owners };
  const args = () => ({ opId: world.nextId(), ...question });
  let restorationId = 0;
  for (let count = 1; count < ENDED_RESTORATIONS + STANDING_RESTORATIONS; count++) {
    world.nowMicros += 1_000_000n;
    const done = world.mustCall(world.owner, 'ask_restoration', args());
    restorationId = done.inserted('op_outcome')[0]!.opSeq;
    const isToEnd = count <= ENDED_RESTORATIONS;
    const opId = world.nextId();
    if (isToEnd) world.mustCall(world.owner, 'withdraw_restoration', { opId, restorationId });
  }
  const last = args();
  return () => call(world, last, restorationId);
}

async function marked(): ReturnType<HeavyCall> {
  const world = await TestWorld.create();
  const base = { kind: 'base', folder: '', autoLineEnds: 'false', commit: 'ab'.repeat(20) };
  const point = canonicalJson({ upTo: 1, ...base });
  const text = 'é'.repeat(4000);
  return () => world.call(world.owner, 'mark_git_point', { opId: world.nextId(), point, text });
}

/** An export of a world that asks for review, in which agents have gone on in many files since. */
async function markedReviewed(): ReturnType<HeavyCall> {
  const world = await TestWorld.create();
  const robot = world.join('robot', { kind: 'agent' });
  world.createFile(world.owner, 'a.txt', 'a\n');
  const upTo = world.rows('file_op').length;
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  for (let count = 0; count < FILES_SINCE; count++) {
    world.nowMicros += 1_000_000n;
    world.createFile(robot, `since/${count}.txt`, 'robot\n');
  }
  const kind = { kind: 'export', mode: 'one', branch: 'b', parents: [], message: '' };
  const frame = { folder: '', autoLineEnds: 'false', commit: 'ab'.repeat(20) };
  const point = canonicalJson({ ...kind, ...frame, after: 0, upTo });
  return () => world.call(world.owner, 'mark_git_point', { opId: world.nextId(), point, text: '' });
}

const FILES_SINCE = 2_000;

async function configured(): ReturnType<HeavyCall> {
  const world = await TestWorld.published();
  const rules = { ...POLICY, worldEpoch: EPOCH, baseCommit: undefined };
  return () => world.call(world.owner, 'configure_world', { name: 'w', ...rules, ...NAMES });
}

/** As `open-invites.ts` makes it, which only an engine can load. */
function inviteIdOf(secretHash: string): string {
  return createHash('sha256').update(`invite ${secretHash}`).digest('hex').slice(0, 32);
}
