// A world of 0.1.0 whose module was brought up to date: members go on at once, and maintenance counts, cuts and
// moves what 0.1.0 wrote while they do, broken off and begun again at any time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apartBytes } from '../../../src/core/ticket-texts.ts';
import { assertSameWorld, restored } from './imported-world.ts';
import { busyWorld, play, steps } from './random-steps.ts';
import { decodeRow, encodeRow, insert, type Row, type TestWorld } from './test-world.ts';
import { wholeTicket } from './whole-ticket.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] === '1' ? 60 : 4;
/** More than a page, and more than is counted at once. */
const OPS_BEFORE = 1_100;

test('whatever is done meanwhile, an upgraded world becomes what its history makes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps(), { minLength: 10, maxLength: 40 }),
      fc.array(steps(['maintain', 'maintain']), { minLength: 10, maxLength: 60 }),
      fc.infiniteStream(fc.nat(9)),
      async (before, meanwhile, restarts) => {
        const { world: today, people } = await busyWorld();
        for (const each of before) play(today, people[each.who]!, each);
        const fileId = today.createFile(today.owner, 'long/history.txt', '');
        for (let version = 1; version <= OPS_BEFORE; version++) {
          today.edit(today.owner, fileId, version, insert(0, 0, 'x'));
        }
        let world = asFirst(today);
        for (const each of meanwhile) {
          play(world, people[each.who]!, each);
          if (restarts.next().value === 0) world = world.reopened();
        }
        for (let run = 0; run < 6; run++) assert.equal(world.maintain().code, 'ok');
        assertSameWorld(await restored(world), world);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});

/** The same world as 0.1.0 kept it: without the tables of today, texts of conflicts in their rows. */
function asFirst(world: TestWorld): TestWorld {
  fc.pre(
    world.rows('conflict_ticket').every((row) => {
      return row.status === 'open' || apartBytes(row.payload) === undefined;
    }),
  );
  return world.reopened(NEW_TABLES, (table, bytes) => {
    if (table !== 'conflict_ticket') return bytes;
    const row = decodeRow('conflict_ticket', bytes);
    const whole = { ...row, ...wholeTicket(world, row) } as Row<'conflict_ticket'>;
    return encodeRow('conflict_ticket', whole);
  });
}

const NEW_TABLES = [
  'ticket_text',
  'tickets_moved',
  'op_page',
  'op_weight',
  'paged_log',
  'world_usage',
  'member_usage',
  'presence_place',
  'invite_time',
  'member_bar',
  'settled_call',
  'member_call_memory',
  'call_memory',
] as const;
