import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf, startOf } from '../../../../src/core/change.ts';
import type { Restored } from '../../../../src/mirror/restorations/restoration-judge.ts';
import { BOT, ToldPast } from './told-past.ts';

const FIRST = 'one of all\ntwo of all\n';
const BY_ADA = 'one of all\nfirst line of Ada\nsecond line of Ada\ntwo of all\n';

/** Ada puts two lines in, and the bot takes them out, as when its folder’s text was taken. */
function told(): ToldPast {
  return new ToldPast(FIRST).by('ada', BY_ADA).by(BOT, FIRST);
}

test('lines that the folder’s own work took out and git brings back come from where they stood', async () => {
  const past = told();
  const found = await past.judges(BY_ADA, { byGit: true });
  assert.deepEqual(found?.restoring, [], 'nothing of others goes away');
  assert.deepEqual(found?.owners, []);
  assert.deepEqual(found?.returned, [{ change: 0, line: 0, lines: 2, version: 2, fromLine: 1 }]);
  assert.equal(past.text.apply(found.changes).toString(), BY_ADA);
});

test('so do those beside what is new', async () => {
  const past = told();
  const after = BY_ADA.replace('two of all', 'two of the bot');
  const found = await past.judges(after, { byGit: true });
  assert.ok(found);
  assert.deepEqual(found.restoring, []);
  assert.deepEqual(
    found.returned.map(({ lines, version }) => [lines, version]),
    [[2, 2]],
  );
  assert.equal(past.text.apply(found.changes).toString(), after);
});

test('so do some of the lines that went together, each from where it stood', async () => {
  const linesOf = (numbers: string): string =>
    [...numbers].map((number) => `line number ${number} of somebody\n`).join('');
  const past = new ToldPast(linesOf('09'))
    .by('ada', linesOf('01239'))
    .by('ada', linesOf('012349'))
    .by(BOT, linesOf('09'));
  const after = linesOf('01x349');
  const found = await past.judges(after, { byGit: true });
  assert.ok(found);
  assert.deepEqual(found.restoring, []);
  assert.equal(past.text.apply(found.changes).toString(), after);
  assert.deepEqual(found.returned, [
    { change: 0, line: 0, lines: 1, version: 3, fromLine: 1 },
    { change: 0, line: 2, lines: 2, version: 3, fromLine: 3 },
  ]);
});

test('so do those in a text that git had and the world never did, in the place of others’', async () => {
  const linesOf = (numbers: string): string =>
    [...numbers].map((number) => `line number ${number} of somebody\n`).join('');
  const past = new ToldPast(linesOf('09')).by('ada', linesOf('01239')).by('bob', linesOf('0459'));
  const after = linesOf('0y1x39');
  const found = await past.judges(after, { byGit: true, git: [after] });
  assert.ok(found);
  assert.deepEqual(found.owners, ['bob']);
  assert.equal(past.text.apply(found.changes).toString(), after);
  assert.deepEqual(
    found.returned.map(({ lines, version, fromLine }) => [lines, version, fromLine]),
    [
      [1, 2, 1],
      [1, 2, 3],
    ],
  );
});

test('what is not written by git is whoever’s it is that wrote it', async () => {
  assert.equal(await told().judges(BY_ADA), undefined);
});

test('of a file that nobody else has written to there is nothing to say', async () => {
  const past = new ToldPast(FIRST).by(BOT, BY_ADA).by(BOT, FIRST);
  assert.equal(await past.judges(BY_ADA, { byGit: true }), undefined);
});

test('lines that stay between those that a whole old text brings back are not put in anew', async () => {
  const linesOf = (numbers: string): string =>
    [...numbers].map((number) => `line number ${number} of somebody\n`).join('');
  const past = new ToldPast(linesOf('012345'), undefined, { madeBy: 'ada' })
    .by('bob', linesOf('041345'))
    .by(BOT, linesOf('0413455'))
    .by('ada', linesOf('0134545'))
    .by('bob', linesOf('01343545'))
    .by(BOT, linesOf('0143545'));
  const after = linesOf('041345');
  const found = await past.judges(after, { byGit: true, git: [after], isOfAnyText: true });
  assert.ok(found);
  assertNoneAnew(past, found, after);
});

test('nor are those that stay where the whole old text is one of the world’s, and one of its lines was brought back since', async () => {
  const linesOf = (numbers: string): string =>
    [...numbers].map((number) => `line number ${number} of somebody\n`).join('');
  const past = new ToldPast(linesOf('120'))
    .by(BOT, linesOf('10'))
    .by('bob', linesOf('130'))
    .by('ada', linesOf('41230'));
  const after = linesOf('120');
  const found = await past.judges(after, { byGit: true, git: [after] });
  assert.ok(found);
  assert.equal(found.whole, 1);
  assertNoneAnew(past, found, after);
});

/** What the changes do is what was written, and no line goes that comes back. */
function assertNoneAnew(past: ToldPast, { changes }: Restored, after: string): void {
  assert.equal(past.text.apply(changes).toString(), after);
  for (const change of changes) {
    const gone = past.text.slice(startOf(change), endOf(change)).split('\n');
    const both = change.text.split('\n').filter((line) => line !== '' && gone.includes(line));
    assert.deepEqual(both, []);
  }
}
