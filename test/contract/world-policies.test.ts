import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Changes } from '../../src/core/change.ts';
import type { PolicyMode } from '../../src/core/policy.ts';
import { type Actor, textOf, WorldStage } from '../harness/world-stage.ts';

const TEXT = 'alpha beta\ngamma delta\nepsilon zeta\n';

/** Two edits made on `TEXT`: the first is committed, the second is judged. */
const MEETINGS = {
  apart: { first: replaced(0, 0, 5, 'ALPHA'), second: replaced(2, 0, 7, 'EPSILON') },
  characters: { first: replaced(0, 0, 5, 'ALPHA'), second: replaced(0, 3, 8, '--') },
  line: { first: replaced(0, 0, 5, 'ALPHA'), second: replaced(0, 6, 10, 'BETA') },
  tie: { first: replaced(0, 5, 5, '<1>'), second: replaced(0, 5, 5, '<2>') },
  twin: { first: replaced(0, 0, 5, 'ALPHA'), second: replaced(0, 0, 5, 'ALPHA') },
  wholeLines: { first: replaced(1, 0, 5, 'GAMMA'), second: replaced(1, 0, 0, 'new\n') },
} as const satisfies Record<string, { first: Changes; second: Changes }>;
type Meeting = keyof typeof MEETINGS;

/** The first line, or lines, after both edits; a ticket leaves what the first one made. */
const BOTH: Record<Meeting, string> = {
  apart: 'ALPHA beta\ngamma delta\nEPSILON zeta\n',
  characters: 'ALPHA--ta\ngamma delta\nepsilon zeta\n',
  line: 'ALPHA BETA\ngamma delta\nepsilon zeta\n',
  tie: 'alpha<1><2> beta\ngamma delta\nepsilon zeta\n',
  twin: 'ALPHA beta\ngamma delta\nepsilon zeta\n',
  wholeLines: 'alpha beta\nnew\nGAMMA delta\nepsilon zeta\n',
};
const FIRST: Record<Meeting, string> = {
  apart: 'ALPHA beta\ngamma delta\nepsilon zeta\n',
  characters: 'ALPHA beta\ngamma delta\nepsilon zeta\n',
  line: 'ALPHA beta\ngamma delta\nepsilon zeta\n',
  tie: 'alpha<1> beta\ngamma delta\nepsilon zeta\n',
  twin: 'ALPHA beta\ngamma delta\nepsilon zeta\n',
  wholeLines: 'alpha beta\nGAMMA delta\nepsilon zeta\n',
};

type Verdict = 'applied' | 'overwrites' | 'overlap' | 'concurrent';
type Column = Record<Meeting, Verdict>;

const BY_LINE: Column = {
  apart: 'applied',
  characters: 'overlap',
  line: 'overlap',
  tie: 'overlap',
  twin: 'applied',
  wholeLines: 'applied',
};
const BY_CHARACTER: Column = { ...BY_LINE, line: 'applied', tie: 'applied' };
const STRICT: Column = {
  apart: 'concurrent',
  characters: 'overlap',
  line: 'overlap',
  tie: 'overlap',
  twin: 'concurrent',
  wholeLines: 'concurrent',
};
const LAST_WRITE: Column = { ...BY_CHARACTER, characters: 'overwrites' };

const TABLE: Record<PolicyMode, { typing: Column; patch: Column }> = {
  strict: { typing: STRICT, patch: STRICT },
  line: { typing: BY_LINE, patch: BY_LINE },
  auto: { typing: BY_CHARACTER, patch: BY_LINE },
  last_write_wins: { typing: LAST_WRITE, patch: LAST_WRITE },
};

let stage: WorldStage;
let ann: Actor;
let bob: Actor;
let robot: Actor;
let counter = 0;

before(async () => {
  stage = await WorldStage.open();
  ann = await stage.join('Ann');
  bob = await stage.join('Bob');
  robot = await stage.join('Robot', { kind: 'agent' });
});

after(() => stage.close());

for (const policyMode of Object.keys(TABLE) as PolicyMode[]) {
  for (const intent of ['typing', 'patch'] as const) {
    test(`${policyMode} judges ${intent} by its table`, async () => {
      await setPolicy(policyMode);
      for (const meeting of Object.keys(MEETINGS) as Meeting[]) {
        await meet(bob, intent, meeting, TABLE[policyMode][intent][meeting]);
      }
    });
  }
}

test('whatever an agent calls its edits, they are judged as patches', async () => {
  await setPolicy('auto');
  await meet(robot, 'typing', 'line', 'overlap');
  await meet(robot, 'typing', 'apart', 'applied');
});

for (const policyMode of Object.keys(TABLE) as PolicyMode[]) {
  test(`${policyMode} judges an overlap that the author’s side declared`, async () => {
    await setPolicy(policyMode);
    const fileId = await ann.createFile(`carried-${counter++}.txt`, TEXT);
    const { outcomes } = await ann.edit(fileId, 1, MEETINGS.characters.first);
    const overlaps = [outcomes[0]!.opSeq];
    // Moved over the first edit already: relative to version 2.
    const moved = replaced(0, 5, 8, '--');
    const result = await bob.edit(fileId, 2, moved, { carriedFrom: 1, overlaps });
    assert.equal(result.code, 'ok');
    const row = await opOf(bob, result.outcomes[0]!.opSeq);
    assert.deepEqual(row.overlaps, overlaps, 'history keeps what was declared');
    if (policyMode === 'last_write_wins') {
      assert.deepEqual([result.outcomes[0]!.outcome, row.overwrote], ['applied', overlaps]);
    } else {
      assert.equal(result.outcomes[0]!.outcome, 'ticket');
      assert.equal(bob.ticket(result.outcomes[0]!.ticketId).reason, 'overlap');
      assert.deepEqual(bob.ticket(result.outcomes[0]!.ticketId).overlapping, overlaps);
    }
  });
}

test('edits of one author after each other are never in conflict', async () => {
  await setPolicy('strict');
  const fileId = await ann.createFile(`own-${counter++}.txt`, TEXT);
  assert.equal((await ann.edit(fileId, 1, MEETINGS.line.first)).outcomes[0]!.outcome, 'applied');
  assert.equal((await ann.edit(fileId, 2, MEETINGS.line.second)).outcomes[0]!.outcome, 'applied');
  assert.equal(textOf(ann, fileId), BOTH.line);
});

async function setPolicy(policyMode: PolicyMode): Promise<void> {
  await stage.owner.mustCall('set_policy', { policyMode, lockPolicy: 'enforce', limits: '' });
}

async function meet(
  second: Actor,
  intent: 'typing' | 'patch',
  meeting: Meeting,
  expected: Verdict,
): Promise<void> {
  const label = `${meeting}: ${expected}`;
  const fileId = await ann.createFile(`${meeting}-${counter++}.txt`, TEXT);
  const committed = await ann.edit(fileId, 1, MEETINGS[meeting].first, { intent });
  const result = await second.edit(fileId, 1, MEETINGS[meeting].second, { intent });
  assert.equal(result.code, 'ok', result.message);
  const [outcome] = result.outcomes;
  const row = await opOf(second, outcome!.opSeq);
  if (expected === 'applied' || expected === 'overwrites') {
    assert.equal(outcome!.outcome, 'rebased', label);
    assert.equal(textOf(second, fileId), BOTH[meeting], label);
    const overwrote = expected === 'overwrites' ? [committed.outcomes[0]!.opSeq] : [];
    assert.deepEqual(row.overwrote, overwrote, label);
    return;
  }
  assert.equal(outcome!.outcome, 'ticket', label);
  assert.equal(textOf(second, fileId), FIRST[meeting], `${label}: the first stays as it is`);
  const ticket = second.ticket(outcome!.ticketId);
  assert.deepEqual([ticket.reason, ticket.status, ticket.kind], [expected, 'open', 'edit'], label);
  assert.deepEqual(ticket.overlapping, [committed.outcomes[0]!.opSeq], label);
  assert.deepEqual(
    ticket.parts[0]!.proposed,
    MEETINGS[meeting].second,
    `${label}: nothing is lost`,
  );
}

async function opOf(actor: Actor, opSeq: number) {
  const find = () => actor.rows('file_op').find((row) => row.opSeq === opSeq);
  await actor.until(() => find() !== undefined);
  return find()!;
}

function replaced(line: number, from: number, to: number, text: string): Changes {
  return [{ startLine: line, startCharacter: from, endLine: line, endCharacter: to, text }];
}
