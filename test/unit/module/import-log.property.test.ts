import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { apartBytes, TICKET_TEXTS, ticketRowBytes } from '../../../src/core/ticket-texts.ts';
import { assertSameWorld, restored } from './imported-world.ts';
import { busyWorld, decisionOf, play, type Step, steps } from './random-steps.ts';
import type { TestWorld } from './test-world.ts';
import { wholeTicket } from './whole-ticket.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
const RUNS = isSoak ? 400 : 25;

const seen = new Set<string>();

test('any history restores to the same world, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps(), { minLength: 20, maxLength: 120 }),
      fc.infiniteStream(fc.boolean()),
      async (done, cuts) => {
        const world = await played(done);
        const copy = await restored(world, () => cuts.next().value);
        assertSameWorld(copy, world);
        for (const ticket of world.rows('conflict_ticket')) {
          const isAdded = ticket.extends > 0 ? ' extends' : '';
          seen.add(`${ticket.kind} ${ticket.reason} ${ticket.status}${isAdded}`);
          if (apartBytes(ticket.payload) !== undefined) seen.add(`apart ${ticket.status}`);
        }
        assertRowsShort(world);
        assertGoesOnAlike(copy, world);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});

after(() => {
  // So few histories at random may well be without one of them.
  if (!isSoak) return;
  const wantedAll = [
    'edit overlap open',
    'edit overlap resolved',
    'create path_taken open',
    'apart open',
  ];
  for (const wanted of wantedAll) {
    assert.ok(seen.has(wanted), `no ticket ${wanted} in ${[...seen].sort().join(', ')}`);
  }
});

/** A ticket's texts are in its row exactly when that is short enough with them. */
function assertRowsShort(world: TestWorld): void {
  for (const ticket of world.rows('conflict_ticket')) {
    if (ticket.status !== 'open') continue;
    const bytes = ticketRowBytes(wholeTicket(world, ticket));
    const apart = apartBytes(ticket.payload);
    assert.equal(apart, bytes > TICKET_TEXTS.rowBytes ? bytes : undefined);
  }
}

/** Open tickets are as usable as before: deciding them does the same in both. */
function assertGoesOnAlike(copy: TestWorld, world: TestWorld): void {
  for (const { ticketId } of world.rows('conflict_ticket')) {
    // What was decided before may have ended it, or added to it.
    const ticket = world.rows('conflict_ticket').find((row) => row.ticketId === ticketId);
    if (ticket?.status !== 'open') continue;
    world.nowMicros = copy.nowMicros;
    const decision = decisionOf(world, ticket, 'rebase');
    const outcome = world.call(world.owner, 'resolve_ticket', decision);
    assert.equal(copy.call(copy.owner, 'resolve_ticket', decision).code, outcome.code);
  }
  assertSameWorld(copy, world);
}

async function played(done: readonly Step[]): Promise<TestWorld> {
  const { world, people } = await busyWorld();
  for (const each of done) play(world, people[each.who]!, each);
  return world;
}
