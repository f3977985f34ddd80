// Who is told of a decision: everybody whose work it is about, however many they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOLD_REVIEWS_LEVEL } from '../../../src/core/module-level.ts';
import { REVIEW_TOLD } from '../../../src/core/review.ts';
import type { FileDecision } from '../../../src/review/file-decision.ts';
import { sendDecisions } from '../../../src/review/send-decisions.ts';
import { systemRandomBytes } from '../../../src/world/uuid.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';

const AGENTS = REVIEW_TOLD + 3;
const names = Array.from({ length: AGENTS }, (_, index) => `agent ${index}`);

/** A session that takes every call, except messages to `deaf`, and knows whom each told. */
function recording(deaf: string) {
  const told: string[] = [];
  const session = {
    moduleLevel: TOLD_REVIEWS_LEVEL,
    clock: { nowMs: () => 0 },
    view: { members: new Map(names.map((name) => [name, { removed: false }])) },
    deliver: (name: string, args: { told?: readonly { to: string }[]; to?: string }) => {
      if (args.to === deaf) {
        const refusal = { code: 'too_many', message: 'no room', details: {} };
        return Promise.resolve({ tag: 'refused', refusal });
      }
      told.push(...(args.told ?? []).map(({ to }) => to), ...(args.to ? [args.to] : []));
      assert.ok((args.told ?? []).length <= REVIEW_TOLD, name);
      return Promise.resolve({ tag: 'judged', outcomes: [] });
    },
  };
  return { told, session: session as unknown as WorldSession };
}

const decision = {
  does: 'take',
  head: { path: 'a.txt', fileId: 1 },
  hunks: [{ tag: 'text', lines: [0, 0], works: names.map((agent) => ({ agent, turn: 1 })) }],
  whose: {},
  seenSeq: 1,
  lines: [],
  whole: [],
  upTo: 1,
  steps: [],
} as unknown as FileDecision;

test('of one decision about the work of very many agents each is told once', async () => {
  const { told, session } = recording('');
  const { untold } = await sendDecisions(session, [decision], systemRandomBytes, {});
  assert.deepEqual(told.sort(), [...names].sort());
  assert.deepEqual(untold, []);
});

test('of those behind the first ones, too, it is said whom the world did not let be told', async () => {
  const deaf = names.at(-1)!;
  const { session } = recording(deaf);
  const { untold } = await sendDecisions(session, [decision], systemRandomBytes, {});
  assert.deepEqual(untold, [deaf]);
});
