import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type * as vscode from 'vscode';
import { Text } from '../../../src/core/text.ts';
import { changesOfEvent } from '../../../src/editor/document-changes.ts';

type ContentChange = vscode.TextDocumentContentChangeEvent;

test('changes listed from the last place to the first are all relative to the text before', () => {
  const event = [insertAt(2, 0, 'c'), insertAt(0, 0, 'a')];
  assert.deepEqual(Text.of('1\n2\n3').apply(changesOfEvent(event)).toString(), 'a1\n2\nc3');
});

test('line ends of the document become line feeds', () => {
  assert.equal(changesOfEvent([insertAt(0, 1, 'x\r\ny\r\n')])[0]?.text, 'x\ny\n');
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
