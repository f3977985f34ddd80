import type { Changes } from '../../src/core/change.ts';
import { DEFAULT_QUOTAS } from '../../src/core/quota.ts';
import type { BudgetedCall } from '../../src/core/work.ts';
import {
  change,
  type CallResult,
  identity,
  insert,
  TestWorld,
} from '../../test/unit/module/test-world.ts';

/** Makes a world ready, and returns the call that is measured. */
export type HeavyCall = () => Promise<() => CallResult>;

const MIB = 1024 * 1024;
const POLICY = { policyMode: 'auto', lockPolicy: 'enforce', limits: '' };
const NAMES = { displayName: 'x', gitName: '', gitEmail: '', color: '' };

/**
 * For each reducer the slowest calls that a world takes, or keeps as a ticket, as far as anybody found
 * them: where a budget ends, and beyond it. What a reducer does with nothing that can be large is one call.
 */
export const HEAVY_CALLS: Readonly<Partial<Record<BudgetedCall, readonly HeavyCall[]>>> = {
  apply_file_ops: [
    () => everywhere(1900, 40),
    () => everywhere(1900, 3),
    () => manyKeys(4096, 4 * MIB - 8192),
    () => spreadOverLargeFile(),
    () => longTexts(),
  ],
  create_file: [() => created(16 * MIB, 'binary'), () => created(4 * MIB, 'text')],
  import_files: [() => imported(7, 4 * MIB), () => imported(2000, 8000)],
  replace_content: [() => replaced(16 * MIB)],
  resolve_conflict: [() => resolved()],
  rename_file: [
    () =>
      behind((world, on) =>
        world.call(world.owner, 'rename_file', { ...on, fromPath: 'a.txt', path: 'b.txt' }),
      ),
  ],
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
  set_profile: [() => plain((world) => world.call(world.owner, 'set_profile', NAMES))],
  rename_world: [() => plain((world) => world.call(world.owner, 'rename_world', { name: 'y' }))],
  maintain: [() => tended()],
};

/** An import of a mebibyte in files of an ordinary size: what all others are compared with. */
export const IMPORT_OF_A_MEBIBYTE: HeavyCall = () => imported(128, 8192);

async function plain(call: (world: TestWorld) => CallResult): Promise<() => CallResult> {
  const world = await TestWorld.create();
  return () => call(world);
}

/** Ops on every second line, over as many others on the lines between. */
async function everywhere(places: number, count: number): Promise<() => CallResult> {
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

async function manyKeys(count: number, fileBytes: number): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', textOf(fileBytes));
  const ops = Array.from({ length: count }, (_, at) => {
    return world.op(fileId, at === 0 ? 1 : 0, insert((at * 31) % 40_000, 0, 'x'));
  });
  return () => send(world, world.owner, ops);
}

/** As many changes as an op may have, all over a file as large as one may be. */
async function spreadOverLargeFile(): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', textOf(4 * MIB - 65_536));
  const changes = Array.from({ length: 5000 }, (_, at) =>
    change(at * 8, 0, at * 8, 3, 'new\nlines'),
  );
  return () => send(world, world.owner, [world.op(fileId, 1, changes)]);
}

async function longTexts(): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const ops = Array.from({ length: 4 }, (_, at) => {
    const fileId = world.createFile(world.owner, `${at}.txt`, '');
    return world.op(fileId, 1, insert(0, 0, textOf(4 * MIB - 65_536)));
  });
  return () => send(world, world.owner, ops);
}

async function created(bytes: number, kind: 'text' | 'binary'): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const { content, ...file } = world.newFile('a', kind === 'text' ? textOf(bytes - 64) : '');
  const sent =
    kind === 'text' ? content : { ...content, kind, bytes: new Uint8Array(bytes).fill(7) };
  return () =>
    world.call(world.owner, 'create_file', { author: '', file: { ...file, content: sent } });
}

async function imported(count: number, bytes: number): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const text = textOf(bytes - 64);
  const files = Array.from({ length: count }, (_, at) =>
    world.newFile(`src/${at}.txt`, `${at} ${text}`),
  );
  const args = { batchId: world.nextId(), author: '', files };
  return () => world.call(world.owner, 'import_files', args);
}

async function replaced(bytes: number): Promise<() => CallResult> {
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

/** A text in the place of a ticket's, moved over many others' ops. */
async function resolved(): Promise<() => CallResult> {
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
    world.call(world.owner, 'resolve_conflict', {
      opId: world.nextId(),
      ticketId: ticket!.ticketId,
      expectedHeadVersion: 2,
      resolution: 'patch',
      parts: [{ fileId, expectedHeadVersion: 2, changes: [...changes] }],
    });
}

/** A call on a version that is as many ops behind as may be. */
async function behind(
  call: (world: TestWorld, on: ReturnType<typeof wholeFile>) => CallResult,
): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', numbered(400));
  const tens = Array.from({ length: 10 }, (_, at) => change(at * 40, 0, at * 40, 0, 'x'));
  write(world, fileId, 1999, () => tens);
  return () => call(world, wholeFile(world, fileId));
}

async function checkpointed(): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', textOf(4 * MIB - 65_536));
  const spread = Array.from({ length: 5000 }, (_, at) => change(at * 8, 0, at * 8, 3, 'new'));
  send(world, world.owner, [world.op(fileId, 1, spread)]);
  return () => world.call(world.owner, 'checkpoint_file', { fileId });
}

async function audited(): Promise<() => CallResult> {
  const limits = '{"versionsPerSnapshot":100000}';
  const world = await TestWorld.create({ limits });
  const fileId = world.createFile(world.owner, 'a.txt', numbered(400));
  write(world, fileId, 20_000, (at) => insert(at % 400, 0, 'x'));
  return () => world.call(world.owner, 'rebuild_file_from_snapshot', { fileId, version: 1 });
}

async function removed(): Promise<() => CallResult> {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  return () => world.call(world.owner, 'remove_member', { identity: identity(ann) });
}

/** Many large files that are due for a snapshot. */
async function tended(): Promise<() => CallResult> {
  const world = await TestWorld.create({ limits: '{"versionsPerSnapshot":10}' });
  for (let file = 0; file < 8; file++) {
    const fileId = world.createFile(world.owner, `${file}.txt`, `${file}${textOf(MIB)}`);
    write(world, fileId, 11, (at) => insert(at * 900, 0, 'x'));
  }
  return () => world.maintain();
}

function wholeFile(world: TestWorld, fileId: number) {
  return { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
}

/** Ops of the owner, one after the other, some hundred a call. */
function write(
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

function send(world: TestWorld, who: string, ops: ReturnType<TestWorld['op']>[]): CallResult {
  return world.call(who, 'apply_file_ops', { batch: { batchId: world.nextId(), extends: 0, ops } });
}

function numbered(lines: number): string {
  return Array.from({ length: lines }, (_, at) => `line ${at}`).join('\n');
}

/** Lines as sources have them. */
function textOf(bytes: number): string {
  const lines: string[] = [];
  for (let length = 0, at = 0; length < bytes; at++) {
    const line = `  const value${at} = compute(${(at * 7919) % 9973}, ${'x'.repeat(at % 60)});`;
    lines.push(line.slice(0, Math.max(0, bytes - length - 1)));
    length += line.length + 1;
  }
  return lines.join('\n');
}
