import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type FileAtWork,
  type Meeting,
  meetingsIn,
  type MembersLines,
} from '../../../src/world/file-meetings.ts';

const ADA = 'ada';
const BOT = 'bot';
const OTHER = 'other';
const lines = (firstLine: number, lastLine = firstLine) => ({ firstLine, lastLine });
const of = (member: string, first: number, last = first): MembersLines => ({
  member,
  lines: lines(first, last),
});

function found(file: Partial<FileAtWork>): readonly string[] {
  const all = { works: [], readings: [], claims: [], own: { member: ADA, lines: [] }, ...file };
  return meetingsIn(all).map(textOf);
}

function textOf({ kind, worker, other, lines: { firstLine, lastLine } }: Meeting): string {
  return `${worker} ${kind} ${other} ${firstLine}-${lastLine}`;
}

function work(...ranges: FileAtWork['works'][number]['lines']): FileAtWork['works'] {
  return [{ agent: BOT, turnId: 7, lines: ranges }];
}

test('somebody who reads what another changes meets it, five lines away at most', () => {
  const works = work(lines(20, 21));
  assert.deepEqual(found({ works, readings: [of(OTHER, 0, 20)] }), ['bot read other 20-21']);
  assert.deepEqual(found({ works, readings: [of(OTHER, 26)] }), ['bot read_near other 20-21']);
  assert.deepEqual(found({ works, readings: [of(OTHER, 14)] }), []);
  assert.deepEqual(found({ works, readings: [of(BOT, 20)] }), [], 'nobody meets themself');
});

test('the nearest of several readings counts, and lines that were changed twice are one place', () => {
  const works = work(lines(20), lines(21), lines(20), lines(40));
  assert.deepEqual(found({ works, readings: [of(OTHER, 25), of(OTHER, 21)] }), [
    'bot read other 20-21',
  ]);
});

test('in one symbol they meet however far away from each other', () => {
  const [long, other] = [{}, {}];
  const symbolAt = (line: number) => (line < 100 ? long : line < 200 ? other : undefined);
  const works = work(lines(10));
  const at = (line: number) => found({ works, readings: [of(OTHER, line)], symbolAt });
  assert.deepEqual(at(90), ['bot read_in_symbol other 10-10']);
  assert.deepEqual(at(110), []);
  assert.deepEqual(
    found({ works: work(lines(300)), readings: [of(OTHER, 390)], symbolAt }),
    [],
    'outside of all symbols they are in none',
  );
});

test('a claim meets the work of others in a turn, and what one has just changed oneself', () => {
  const works = work(lines(20));
  assert.deepEqual(found({ works, claims: [of(ADA, 18, 20)] }), ['bot claimed ada 20-20']);
  assert.deepEqual(found({ works, claims: [of(BOT, 18, 20), of(ADA, 21)] }), []);
  const own = { member: ADA, lines: [lines(3), lines(9)] };
  assert.deepEqual(found({ own, claims: [of(BOT, 0, 4), of(ADA, 9)] }), ['ada claimed bot 3-3']);
});

test('of a file that is disputed all over no more than fifty places are told', () => {
  const works = work(...Array.from({ length: 200 }, (_, index) => lines(index * 10)));
  assert.equal(found({ works, readings: [of(OTHER, 0, Number.MAX_SAFE_INTEGER)] }).length, 50);
});
