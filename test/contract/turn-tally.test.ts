// What is counted of a turn, and that it costs what happened in the turn and not the history before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import { Review } from '../../src/review/review.ts';
import { tallyTurn } from '../../src/world/turn-tally.ts';
import { beginTurn, endTurn, readTurnsOf } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

const TURN = { session: 's', name: '', client: 'c', title: 'tidying up' };

test('ops, files, lines, conflicts and what a review took back are counted for the turn alone', async (t) => {
  const lab = await WorldLab.open(t);
  const robot = await lab.agent({ kind: 'agent' });
  const ada = await lab.agent({ kind: 'human' });
  const { session } = robot;
  await new SessionTaker(session).take('s');
  await robot.create('a.txt', 'one\ntwo\nthree\nfour\n');
  await caughtUp(ada.session);
  await Promise.all([robot.read('a.txt'), ada.read('a.txt')]);
  const edit = (search: string, replacement: string) =>
    robot.replace('a.txt', [{ search, replacement }]);
  await edit('four', 'before the turn');
  await beginTurn(session, TURN, systemRandomBytes);
  await edit('one', 'eins');
  await edit('two\nthree\n', 'zwei\n');
  await robot.create('b.txt', 'x\ny\n');
  await ada.read('a.txt');
  await ada.replace('a.txt', [{ search: 'zwei', replacement: 'deux' }]);
  assert.equal((await edit('zwei', 'due')).tag, 'ticketed');
  await endTurn(session, 's', systemRandomBytes);
  await robot.read('a.txt');
  await edit('eins', 'after the turn');

  const review = new Review(ada.session, systemRandomBytes);
  await caughtUp(ada.session);
  const made = ada.session.view.fileAt('b.txt')!;
  const hunks = await review.hunks(made.fileId);
  assert.ok((await review.takeBack(hunks.slice(0, 1))).decided > 0);

  const [turn] = await readTurnsOf(ada.session, session.identity);
  assert.deepEqual(await tallyTurn(ada.session, turn!), {
    ops: 3,
    files: 2,
    linesIn: 4,
    linesOut: 3,
    conflicts: 1,
    // The new file, and the lines in it.
    takenBack: 2,
    isCut: false,
  });
});
