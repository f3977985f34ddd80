import { Timestamp } from 'spacetimedb';
import type { Changes } from '../../src/core/change.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { Batch } from '../../src/core/op.ts';
import { shortEditOf } from '../../src/core/short-edit.ts';
import { changing, textContent } from '../../test/unit/module/change-files-kit.ts';
import { REVIEW_FILES, REVIEW_RANGES, REVIEW_WORDS } from '../../src/core/review.ts';
import { ENDED_TURNS, PROMPT_LENGTH, SALT_BYTES } from '../../src/core/turn-mark.ts';
import { logOf } from '../../test/unit/module/imported-world.ts';
import { review, reviewing } from '../../test/unit/module/review-kit.ts';
import {
  type Arguments,
  change,
  type CallResult,
  identity,
  insert,
  TestWorld,
} from '../../test/unit/module/test-world.ts';

/** What became of a call: `ok`, or the code of a refusal. */
export type Measured = Pick<CallResult, 'code'>;

/** Makes a world ready, and returns the call that is measured. */
export type HeavyCall = () => Promise<() => Measured>;

export const MIB = 1024 * 1024;

/** As many changes as an op may have, one a line. */
const EVERY_LINE = Array.from({ length: 5000 }, (_, at) => change(at, 0, at, 0, 'y'));

export async function plain(call: (world: TestWorld) => Measured): Promise<() => Measured> {
  const world = await TestWorld.create();
  return () => call(world);
}

/** Ops on every second line, over as many others on the lines between. */
export async function everywhere(places: number, count: number): Promise<() => Measured> {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const fileId = world.createFile(world.owner, 'a.txt', numbered(2 * places + 2));
  write(world, fileId, places, (at) => insert(((at * 7) % places) * 2, 0, 'x'));
  const changes = Array.from({ length: places }, (_, at) =>
    change(2 * at + 1, 0, 2 * at + 1, 0, 'y'),
  );
  const ops = Array.from({ length: count }, (_, at) => world.op(fileId, at === 0 ? 1 : 0, changes));
  return () => send(world, ann, ops);
}

export async function manyKeys(count: number, fileBytes: number): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', textOf(fileBytes));
  const ops = Array.from({ length: count }, (_, at) => {
    return world.op(fileId, at === 0 ? 1 : 0, insert((at * 31) % 40_000, 0, 'x'));
  });
  return () => send(world, world.owner, ops);
}

/** As many changes as an op may have, all over a file as large as one may be. */
export async function spreadOverLargeFile(): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', textOf(4 * MIB - 65_536));
  const changes = Array.from({ length: 5000 }, (_, at) =>
    change(at * 8, 0, at * 8, 3, 'new\nlines'),
  );
  return () => send(world, world.owner, [world.op(fileId, 1, changes)]);
}

export async function longTexts(): Promise<() => Measured> {
  const world = await TestWorld.create();
  const ops = Array.from({ length: 4 }, (_, at) => {
    const fileId = world.createFile(world.owner, `${at}.txt`, '');
    return world.op(fileId, 1, insert(0, 0, textOf(4 * MIB - 65_536)));
  });
  return () => send(world, world.owner, ops);
}

export async function created(bytes: number, kind: 'text' | 'binary'): Promise<() => Measured> {
  const world = await TestWorld.create();
  const { content, ...file } = world.newFile('a', kind === 'text' ? textOf(bytes - 64) : '');
  const sent =
    kind === 'text' ? content : { ...content, kind, bytes: new Uint8Array(bytes).fill(7) };
  return () =>
    world.call(world.owner, 'create_file', { author: '', file: { ...file, content: sent } });
}

export async function imported(count: number, bytes: number): Promise<() => Measured> {
  const world = await TestWorld.create();
  const text = textOf(bytes - 64);
  const files = Array.from({ length: count }, (_, at) =>
    world.newFile(`src/${at}.txt`, `${at} ${text}`),
  );
  const args = { batchId: world.nextId(), author: '', files };
  return () => world.call(world.owner, 'import_files', args);
}

/** A folder of files gets another name. */
export async function movedTogether(count: number): Promise<() => Measured> {
  const world = await TestWorld.create();
  const files = Array.from({ length: count }, (_, at) => ({
    opId: world.nextId(),
    fileId: world.createFile(world.owner, `one/two/three/${at}.txt`, 'one'),
    expectedBaseVersion: 1,
    fromPath: `one/two/three/${at}.txt`,
    path: `other/two/three/${at}.txt`,
  }));
  const args = { batchId: world.nextId(), author: '', files };
  return () => world.call(world.owner, 'rename_files', args);
}

/** A quarter each of edits, new files, moves and deletions; edits and new files have so many bytes. */
export async function changedTogether(count: number, bytes = 3): Promise<() => Measured> {
  const world = await TestWorld.create();
  const text = 'x'.repeat(bytes);
  const steps = Array.from({ length: count }, (_, at) => {
    const kind = (['edit', 'create', 'rename', 'delete'] as const)[at % 4]!;
    const fromPath = `one/two/three/${at}.txt`;
    const path = `other/two/three/${at}.txt`;
    if (kind === 'create') return { kind, path, content: textContent(text) };
    const fileId = world.createFile(world.owner, fromPath, 'one');
    const changes = kind === 'edit' ? insert(0, 0, text) : [];
    return { kind, fileId, expectedBaseVersion: 1, fromPath, path, changes };
  });
  const args = changing(world, ...steps);
  return () => world.call(world.owner, 'change_files', args);
}

/** As many files as a call decides about, an edit of each taken back, and so many agents told. */
export async function reviewed(tells = 0): Promise<() => Measured> {
  const world = await TestWorld.create();
  const robot = world.join('robot', { kind: 'agent' });
  const fileIds = Array.from({ length: REVIEW_FILES }, (_, at) => {
    const fileId = world.createFile(world.owner, `${at}.txt`, numbered(1000));
    world.edit(robot, fileId, 1, insert(0, 0, 'x'));
    return fileId;
  });
  const lines = Array.from({ length: REVIEW_RANGES }, (_, at) => {
    return { firstLine: 2 * at, lastLine: 2 * at };
  });
  const taken = { does: 'take', lines, words: 'x'.repeat(REVIEW_WORDS) };
  const reviews = fileIds.map((fileId) => review(world, fileId, taken));
  const steps = fileIds.map((fileId) => {
    return { kind: 'edit', fileId, expectedBaseVersion: 2, changes: insert(0, 0, 'y') };
  });
  const args = reviewing(world, reviews, ...steps);
  if (tells === 0) return () => world.call(world.owner, 'review_files', args);
  const told = Array.from({ length: tells }, (_, at) => {
    const to = world.join(`told ${at}`, { kind: 'agent' });
    return { opId: world.nextId(), to, text: 'x'.repeat(DEFAULT_LIMITS.noteLength) };
  });
  return () => world.call(world.owner, 'review_and_tell', { ...args, told });
}

export async function replaced(bytes: number): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a', '');
  const data = {
    kind: 'binary',
    eol: 'lf',
    bom: false,
    text: '',
    bytes: new Uint8Array(bytes).fill(9),
  };
  return () =>
    world.call(world.owner, 'replace_content', { ...wholeFile(world, fileId), content: data });
}

/** Pieces that came back from as many versions, each of a large file and with many ops behind it. */
export async function returned(count: number): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', numbered(100_000));
  write(world, fileId, 1900, (at) => insert(((at * 7) % 1900) * 2, 0, 'x'));
  const { version } = world.headOf(fileId);
  const text = 'one\ntwo\n'.repeat(count);
  const op = world.op(fileId, version, insert(0, 0, text));
  const pieces = Array.from({ length: count }, (_, at) => ({
    op: 0,
    change: 0,
    at: at * 8,
    length: 8,
    version: 1 + at,
    fromLine: at,
    fromCharacter: 0,
  }));
  const batch = { batchId: world.nextId(), extends: 0, ops: [op] };
  return () => world.call(world.owner, 'return_text', { batch, returned: pieces });
}

/** A text in the place of a ticket's, moved over many others' ops. */
export async function resolved(
  reducer: 'resolve_conflict' | 'resolve_ticket',
): Promise<() => Measured> {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const fileId = world.createFile(world.owner, 'a.txt', numbered(4002));
  world.edit(world.owner, fileId, 1, [change(4001, 0, 4001, 4, 'ours')]);
  world.edit(ann, fileId, 1, [change(4001, 0, 4001, 4, 'mine')]);
  const [ticket] = world.rows('conflict_ticket');
  write(world, fileId, 1900, (at) => insert(((at * 7) % 1900) * 2, 0, 'x'));
  const changes = Array.from({ length: 1900 }, (_, at) =>
    change(2 * at + 1, 0, 2 * at + 1, 0, 'y'),
  );
  return () =>
    world.call(world.owner, reducer, {
      opId: world.nextId(),
      ticketId: ticket!.ticketId,
      expectedHeadVersion: 2,
      resolution: 'patch',
      parts: [{ fileId, expectedHeadVersion: 2, changes: [...changes] }],
    });
}

/** A call on a version that is as many ops behind as may be. */
export async function behind(
  call: (world: TestWorld, on: ReturnType<typeof wholeFile>) => CallResult,
): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', numbered(400));
  const tens = Array.from({ length: 10 }, (_, at) => change(at * 40, 0, at * 40, 0, 'x'));
  write(world, fileId, 1999, () => tens);
  return () => call(world, wholeFile(world, fileId));
}

export async function checkpointed(): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', textOf(4 * MIB - 65_536));
  const spread = Array.from({ length: 5000 }, (_, at) => change(at * 8, 0, at * 8, 3, 'new'));
  send(world, world.owner, [world.op(fileId, 1, spread)]);
  return () => world.call(world.owner, 'checkpoint_file', { fileId });
}

export async function audited(): Promise<() => Measured> {
  const limits = '{"versionsPerSnapshot":100000}';
  const world = await TestWorld.create({ limits });
  const fileId = world.createFile(world.owner, 'a.txt', numbered(400));
  write(world, fileId, 20_000, (at) => insert(at % 400, 0, 'x'));
  return () => world.call(world.owner, 'rebuild_file_from_snapshot', { fileId, version: 1 });
}

export async function removed(): Promise<() => Measured> {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  return () => world.call(world.owner, 'remove_member', { identity: identity(ann) });
}

/** Many large files that are due for a snapshot. */
export async function tended(): Promise<() => Measured> {
  const world = await TestWorld.create({ limits: '{"versionsPerSnapshot":10}' });
  for (let file = 0; file < 8; file++) {
    const fileId = world.createFile(world.owner, `${file}.txt`, `${file}${textOf(MIB)}`);
    write(world, fileId, 11, (at) => insert(at * 900, 0, 'x'));
  }
  return () => world.maintain();
}

export function wholeFile(world: TestWorld, fileId: number) {
  return { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
}

/** Ops of the owner, one after the other, some hundred a call. */
export function write(
  world: TestWorld,
  fileId: number,
  count: number,
  changesOf: (at: number) => Changes,
): void {
  for (let start = 0; start < count; start += 400) {
    const ops = Array.from({ length: Math.min(400, count - start) }, (_, at) => {
      const base = at === 0 ? world.headOf(fileId).version : 0;
      return world.op(fileId, base, changesOf(start + at));
    });
    // Faster than anybody may be: the clock goes on.
    world.nowMicros += 1_000_000n;
    const { code, message } = send(world, world.owner, ops);
    if (code !== 'ok') throw new Error(message);
  }
}

export function send(
  world: TestWorld,
  who: string,
  ops: ReturnType<TestWorld['op']>[],
): CallResult {
  return world.call(who, 'apply_file_ops', { batch: { batchId: world.nextId(), extends: 0, ops } });
}

export function numbered(lines: number): string {
  return Array.from({ length: lines }, (_, at) => `line ${at}`).join('\n');
}

/** Lines as sources have them. */
export function textOf(bytes: number): string {
  const lines: string[] = [];
  for (let length = 0, at = 0; length < bytes; at++) {
    const line = `  const value${at} = compute(${(at * 7919) % 9973}, ${'x'.repeat(at % 60)});`;
    lines.push(line.slice(0, Math.max(0, bytes - length - 1)));
    length += line.length + 1;
  }
  return lines.join('\n');
}

/** A key on a version that is as many ops behind as may be, in the form in which it is sent. */
export async function typed(): Promise<() => Measured> {
  return behind((world, { fileId }) => {
    const op = { ...world.op(fileId, 1, insert(399, 0, 'x')), intent: 'typing' };
    const edit = shortEditOf({ batchId: op.opId, extends: 0, ops: [op] } as Batch);
    if (!edit) throw new Error('a key has no short form');
    return world.call(world.owner, 'type_text', edit);
  });
}

/** An agent with as many turns as have rows, and long prompts; one is open. */
export async function turned(
  call: (world: TestWorld, robot: string, args: Arguments<'begin_turn'>) => Measured,
): Promise<() => Measured> {
  const world = await TestWorld.create();
  const robot = world.join('robot', { kind: 'agent' });
  const args = (): Arguments<'begin_turn'> => ({
    opId: world.nextId(),
    session: 'session',
    name: '',
    client: '',
    title: 'é'.repeat(200),
    prompt: 'é'.repeat(PROMPT_LENGTH),
    salt: new Uint8Array(SALT_BYTES),
  });
  for (let at = 0; at < ENDED_TURNS + 1; at++) {
    world.nowMicros += 1_000_000n;
    world.mustCall(robot, 'begin_turn', args());
  }
  return () => call(world, robot, args());
}

/** Long globs that another member has claimed, as many as may be, and as many leases of one's own. */
export async function claimedPaths(
  call: (world: TestWorld, claim: Arguments<'claim_path'>, claimId: number) => Measured,
): Promise<() => Measured> {
  const world = await TestWorld.create();
  const claimed = (pattern: string): Arguments<'claim_path'> => {
    const requestId = world.nextId();
    return { requestId, pattern, isGlob: true, reason: '', durationMs: 60_000, isLease: true };
  };
  for (let member = 0; member < 2; member++) {
    const holder = member === 0 ? world.owner : world.join(`member ${member}`);
    for (let at = 0; at < 63; at++) {
      const glob = `${'*a'.repeat(100)}/${member}-${at}/${'**/b*/'.repeat(40)}x`;
      world.mustCall(holder, 'claim_path', claimed(glob));
    }
  }
  const [{ claimId } = { claimId: 0 }] = world.rows('path_claim');
  const next = claimed('**/b*/'.repeat(40) + 'y');
  return () => call(world, next, claimId);
}

/** As many claims on one file as a member may have, and the call that ends one. */
export async function released(): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', numbered(400));
  for (let at = 0; at < 64; at++) {
    const lines = { firstLine: at, lastLine: at, reason: '', durationMs: 60_000 };
    const claim = { requestId: world.nextId(), fileId, version: 1, ...lines };
    world.mustCall(world.owner, 'acquire_soft_lock', claim);
  }
  const [lock] = world.rows('soft_lock');
  return () => world.call(world.owner, 'release_soft_lock', { lockId: lock!.lockId });
}

/** As many cursors as a connection may show. */
export async function shown(): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', numbered(400));
  world.lifecycle('connect', world.owner);
  const selections = Array.from({ length: 64 }, (_, at) => {
    return { anchorLine: at, anchorCharacter: 0, activeLine: at, activeCharacter: 4 };
  });
  const place = { fileId, version: 1, typing: true, activity: 'é'.repeat(200) };
  return () => world.call(world.owner, 'update_presence', { ...place, selections });
}

/** A world with as many members and open invites as most have, and a call on one of them. */
export async function crowded(
  call: (world: TestWorld, member: string, secretHash: string) => Measured,
): Promise<() => Measured> {
  const world = await TestWorld.create();
  for (let at = 0; at < 200; at++) {
    world.nowMicros += 1_000_000n;
    world.join(`member ${at}`);
  }
  const invite = inviteOf(world, 'ab'.repeat(32));
  world.mustCall(world.owner, 'create_invite', invite);
  const [row] = world.rows('workspace_member').filter(({ role }) => role !== 'owner');
  return () => call(world, row!.identity.toHexString(), invite.secretHash);
}

export function inviteOf(world: TestWorld, secretHash: string): Arguments<'create_invite'> {
  const expiresAt = new Timestamp(world.nowMicros + 60_000_000n);
  const pathScope = Array.from({ length: 64 }, (_, at) => `${at}/${'x'.repeat(100)}/**`);
  const rights = { role: 'editor', kind: 'human', capabilities: ['edit'], pathScope };
  return { secretHash, ...rights, expiresAt, uses: 1 };
}

/** As many changes as a batch can have and still be taken. */
export async function manyChanges(count: number): Promise<() => Measured> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', numbered(5000));
  const ops = Array.from({ length: count }, (_, at) => {
    return world.op(fileId, at === 0 ? 1 : 0, EVERY_LINE);
  });
  return () => send(world, world.owner, ops);
}

/** A whole log in one call, into a world without a name. */
export async function replayed(fill: (world: TestWorld) => void): Promise<() => Measured> {
  const source = await TestWorld.create();
  fill(source);
  const copy = await TestWorld.published();
  const log = logOf(source);
  return () => copy.call(copy.owner, 'import_log', log);
}

/** Ops that each change as many places as an op may. */
export function manyPlaces(world: TestWorld): void {
  const fileId = world.createFile(world.owner, 'a.txt', numbered(5000));
  write(world, fileId, 40, () => EVERY_LINE);
}

export function largeFiles(world: TestWorld): void {
  for (let at = 0; at < 6; at++) {
    world.createFile(world.owner, `${at}.txt`, `${at}${textOf(4 * MIB - 65_536)}`);
  }
}

/** As many as `import_log` takes at once. */
export function manyOps(world: TestWorld): void {
  const fileId = world.createFile(world.owner, 'a.txt', numbered(400));
  write(world, fileId, 4000, (at) => insert(at % 400, 0, 'x'));
}

/** Lets somebody in who has an invite, over HTTP. */
export async function invited(): Promise<() => Measured> {
  return crowded((world) => {
    const { status } = world.joining('newcomer');
    return { code: status === 200 ? 'ok' : String(status) };
  });
}
