import assert from 'node:assert/strict';
import { test } from 'node:test';
import { innermostSymbol, type SymbolLines } from '../../../src/world/symbol-lines.ts';

const symbol = (firstLine: number, lastLine: number, ...children: SymbolLines[]): SymbolLines => ({
  firstLine,
  lastLine,
  children,
});
const [first, second] = [symbol(2, 18), symbol(20, 38)];
const whole = symbol(0, 40, first, second);
const FILE = [whole, symbol(50, 60)];

test('a line belongs to the innermost symbol around it', () => {
  assert.equal(innermostSymbol(FILE, 3), first);
  assert.equal(innermostSymbol(FILE, 20), second);
  assert.equal(innermostSymbol(FILE, 19), whole, 'between the functions of a class');
  assert.equal(innermostSymbol(FILE, 45), undefined);
  assert.equal(innermostSymbol([], 1), undefined);
});
