import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type * as vscode from 'vscode';
import type { Change } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { changesOfEvent, withNeighbours } from '../../../src/editor/document-changes.ts';

type ContentChange = vscode.TextDocumentContentChangeEvent;

test('changes listed from the last place to the first are all relative to the text before', () => {
  const event = [insertAt(2, 0, 'c'), insertAt(0, 0, 'a')];
  assert.deepEqual(Text.of('1\n2\n3').apply(changesOfEvent(event)).toString(), 'a1\n2\nc3');
});

test('line ends of the document become line feeds', () => {
  assert.equal(changesOfEvent([insertAt(0, 1, 'x\r\ny\r\n')])[0]?.text, 'x\ny\n');
});

test('a change next to half of a pair takes its neighbours along, and puts them back', () => {
  const line = `a${HIGH}bc`;
  const change = { startLine: 0, startCharacter: 1, endLine: 0, endCharacter: 2, text: '' };
  assert.deepEqual(
    withNeighbours(change, () => line),
    { ...change, endCharacter: 3, text: 'b' },
  );
  const insertion = { ...change, startCharacter: 2, text: 'x' };
  assert.deepEqual(
    withNeighbours(insertion, () => line),
    { ...insertion, startCharacter: 1, endCharacter: 3, text: `${HIGH}xb` },
  );
});

test('a change with its neighbours does the same, and VS Code has nothing to widen', () => {
  const unit = fc.constantFrom('a', 'b', HIGH, '\u{1F600}', '\uDE00');
  fc.assert(
    fc.property(fc.array(unit), fc.nat(), fc.nat(), fc.string(), (units, one, other, text) => {
      const line = units.join('');
      const places = [one, other].map((place) => place % (line.length + 1));
      const [startCharacter = 0, endCharacter = 0] = places.toSorted((a, b) => a - b);
      const change = { startLine: 0, startCharacter, endLine: 0, endCharacter, text };
      const widened = withNeighbours(change, () => line);
      const isBehindHigh = (at: number): boolean => /[\uD800-\uDBFF]/.test(line[at - 1] ?? '');
      assert.ok(!isBehindHigh(widened.startCharacter));
      assert.ok(widened.endCharacter === line.length || !isBehindHigh(widened.endCharacter));
      assert.equal(resultOf(line, widened), resultOf(line, change));
    }),
  );
});

test('changes in any order do what they do one after the other', () => {
  const step = fc.record({
    place: fc.nat({ max: 12 }),
    length: fc.nat({ max: 4 }),
    text: fc.constantFrom('', 'x', 'yz', '\n'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
      let text = 'one\ntwo\nthree';
      const event: ContentChange[] = [];
      for (const { place, length, text: inserted } of steps) {
        const start = Math.min(place, text.length);
        const end = Math.min(start + length, text.length);
        event.push(contentChange(text, start, end, inserted));
        text = text.slice(0, start) + inserted + text.slice(end);
      }
      const changes = changesOfEvent(event);
      assert.equal(Text.of('one\ntwo\nthree').apply(changes).toString(), text);
    }),
  );
});

function insertAt(line: number, character: number, text: string): ContentChange {
  const place = { line, character };
  return { range: { start: place, end: place }, text } as ContentChange;
}

function contentChange(text: string, start: number, end: number, inserted: string): ContentChange {
  return {
    range: { start: positionAt(text, start), end: positionAt(text, end) },
    text: inserted,
  } as ContentChange;
}

function positionAt(text: string, offset: number): { line: number; character: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

const HIGH = '\uD83D';

function resultOf(line: string, change: Change): string {
  return line.slice(0, change.startCharacter) + change.text + line.slice(change.endCharacter);
}
