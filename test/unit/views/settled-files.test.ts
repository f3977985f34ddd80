// A world that asks for review is told of files in which nothing is left: once, late enough, and by whom it may be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileDecision } from '../../../src/review/file-decision.ts';
import { SettledFiles } from '../../../src/views/review/settled-files.ts';
import { EXPORT_RULES_LEVEL } from '../../../src/core/module-level.ts';
import { LinkFailure } from '../../../src/world/link-failure.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';

const PERSON = 'ab'.repeat(32);

test('a file is told of once it stood still, and not again for the answer to that', async () => {
  const { settled, told, pass, work } = scene();
  settled.set([work(1), work(2)]);
  await pass();
  assert.deepEqual(told, [], 'somebody may bring it back at once');
  settled.set([work(1), work(2)]);
  await pass();
  assert.deepEqual(told, [[1, 2]], 'in one call');
  settled.set([work(1, 1, 9), work(2, 1, 9)]);
  await pass(4);
  assert.deepEqual(told, [[1, 2]]);
});

test('a text that changes is told of when it stands still again', async () => {
  const { settled, told, pass, work, versions } = scene();
  settled.set([work(1)]);
  await pass();
  versions.set(1, 2);
  await pass(4);
  assert.deepEqual(told, [], 'it was not read again');
  settled.set([work(1, 2)]);
  await pass();
  assert.deepEqual(told, []);
  await pass();
  assert.deepEqual(told, [[1]]);
});

test('what is to be looked at again is not told of', async () => {
  const { settled, told, pass, work } = scene();
  settled.set([work(1)]);
  await pass();
  settled.set([]);
  await pass(4);
  assert.deepEqual(told, []);
});

test('nobody is told by agents, by who may not edit, and where review is not asked for', async () => {
  for (const other of [{ kind: 'agent' }, { role: 'viewer' }, { paused: true }, { rule: 'any' }]) {
    const { settled, told, pass, work } = scene(other);
    settled.set([work(1)]);
    await pass(4);
    assert.deepEqual(told, [], JSON.stringify(other));
  }
});

test('what was not taken is tried again when it is found again, and not before', async () => {
  const answers = [new LinkFailure('gone'), { code: 'rate_limited', message: 'of a.txt' }];
  const { settled, told, pass, work, refused } = scene({ answers });
  settled.set([work(1)]);
  await pass(6);
  assert.deepEqual([told, refused], [[[1]], ['unreachable']]);
  settled.set([work(1)]);
  await pass(6);
  assert.deepEqual([told.length, refused], [2, ['unreachable', 'rate_limited']]);
  settled.set([work(1)]);
  await pass(6);
  settled.set([work(1)]);
  await pass(6);
  assert.equal(told.length, 3);
});

interface Other {
  readonly kind?: string;
  readonly role?: string;
  readonly paused?: boolean;
  readonly rule?: string;
  /** What the world says to calls, one after the other; then it takes them. */
  readonly answers?: readonly (Error | { readonly code: string; readonly message: string })[];
}

function scene({ kind = 'human', role = 'owner', paused = false, rule, answers = [] }: Other = {}) {
  const told: number[][] = [];
  const refused: string[] = [];
  const versions = new Map<number, number>();
  const open = [...answers];
  const member = { kind, role, paused, removed: false, capabilities: [] };
  const session = {
    identity: PERSON,
    moduleLevel: EXPORT_RULES_LEVEL,
    clock: { nowMs: () => 0 },
    view: {
      exportRule: { rule: rule ?? 'reviewed' },
      members: new Map([[PERSON, member]]),
      files: { get: (fileId: number) => ({ version: versions.get(fileId) }) },
    },
    deliver: async (_: string, { reviews }: { reviews: readonly { fileId: number }[] }) => {
      told.push(reviews.map(({ fileId }) => fileId));
      const answer = open.shift();
      if (answer instanceof Error) throw answer;
      return answer ? { tag: 'refused', refusal: answer } : { tag: 'done' };
    },
  } as unknown as WorldSession;
  let fires: (() => void)[] = [];
  const settled = new SettledFiles({
    session,
    randomBytes: (length) => new Uint8Array(length),
    onRefused: (code) => refused.push(code),
    schedule: (fire) => {
      fires.push(fire);
      return () => undefined;
    },
  });
  /** So many waits pass. */
  const pass = async (count = 1): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const due = fires;
      fires = [];
      for (const fire of due) fire();
      await new Promise(setImmediate);
    }
  };
  const work = (fileId: number, version = 1, upTo = 5): FileDecision => {
    versions.set(fileId, version);
    const head = { fileId, version, path: `${fileId}.txt` } as FileDecision['head'];
    const nothing = { hunks: [], lines: [], whole: [], steps: [], whose: {} };
    return { does: 'keep', head, ...nothing, seenSeq: upTo, upTo };
  };
  return { settled, told, refused, versions, pass, work };
}
