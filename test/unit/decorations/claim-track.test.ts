import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClaimTrack } from '../../../src/decorations/claim-track.ts';
import type { Change } from '../../../src/core/change.ts';

const CLAIM = { lockId: 7, firstLine: 2, lastLine: 4 };

function change(start: string, end: string, text: string): Change {
  const [startLine = 0, startCharacter = 0] = start.split(':').map(Number);
  const [endLine = 0, endCharacter = 0] = end.split(':').map(Number);
  return { startLine, startCharacter, endLine, endCharacter, text };
}

function trackOf(): ClaimTrack {
  const track = new ClaimTrack();
  track.put([CLAIM]);
  return track;
}

test('writing in a claimed line, or between claimed lines, touches the claim; beside it does not', () => {
  const cases: readonly [what: string, Change, isTouched: boolean][] = [
    ['a letter in the first line', change('2:1', '2:1', 'x'), true],
    ['a letter in the last line', change('4:9', '4:9', 'x'), true],
    ['a line between two of them', change('3:0', '3:0', 'new\n'), true],
    ['a line before the first', change('2:0', '2:0', 'new\n'), false],
    ['a line after the last', change('5:0', '5:0', 'new\n'), false],
    ['the line break before the first', change('1:3', '2:0', ''), false],
    ['the line break after the last', change('4:3', '5:0', ''), true],
    ['a letter above', change('1:0', '1:0', 'x'), false],
    ['a letter below', change('5:0', '5:0', 'x'), false],
    ['everything', change('0:0', '9:0', ''), true],
  ];
  for (const [what, edit, isTouched] of cases) {
    assert.equal(trackOf().touchedBy([edit]).length > 0, isTouched, what);
  }
});

test('a claim goes along with lines that come and go above it, and grows by those inside', () => {
  const cases: readonly [Change, firstLine: number, lastLine: number, isMoved: boolean][] = [
    [change('0:0', '0:0', 'a\nb\n'), 4, 6, true],
    [change('0:0', '1:0', ''), 1, 3, true],
    [change('3:2', '3:2', '\n'), 2, 5, true],
    [change('3:2', '3:2', 'x'), 2, 4, false],
    [change('7:0', '7:0', 'later\n'), 2, 4, false],
    [change('2:0', '5:0', ''), 2, 2, true],
  ];
  for (const [edit, firstLine, lastLine, isMoved] of cases) {
    const track = trackOf();
    assert.equal(track.move([edit]), isMoved);
    assert.deepEqual(track.claims, [{ lockId: 7, firstLine, lastLine }]);
  }
});
