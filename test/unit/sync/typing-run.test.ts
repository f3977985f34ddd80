import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, replace } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import {
  EMPTY_STACK,
  recordOthers,
  recordOwn,
  takeStep,
  type UndoStack,
} from '../../../src/sync/undo-stack.ts';
import { at } from './binding-rig.ts';

/** Somebody at a keyboard; `|` in a text is the cursor. */
class Keyboard {
  text: Text;
  stack: UndoStack = EMPTY_STACK;
  line = 0;
  character: number;

  constructor(picture: string) {
    this.character = picture.indexOf('|');
    this.text = Text.of(picture.replace('|', ''));
  }

  type(keys: string): this {
    for (const key of keys) {
      this.edit(at(this.line, this.character, key));
      if (key === '\n') {
        this.line++;
        this.character = 0;
      } else {
        this.character += key.length;
      }
    }
    return this;
  }

  backspace(count: number): this {
    for (; count > 0; count--) {
      this.edit(at(this.line, this.character - 1, '', this.character));
      this.character--;
    }
    return this;
  }

  deleteRight(count: number): this {
    for (; count > 0; count--) this.edit(at(this.line, this.character, '', this.character + 1));
    return this;
  }

  paste(text: string): this {
    this.edit(at(this.line, this.character, text));
    this.character += text.length;
    return this;
  }

  moveTo(character: number): this {
    this.character = character;
    return this;
  }

  edit(changes: Changes): this {
    this.stack = recordOwn(this.stack, changes, this.text);
    this.text = this.text.apply(changes);
    return this;
  }

  others(changes: Changes): this {
    this.stack = recordOthers(this.stack, changes, () => this.text);
    this.text = this.text.apply(changes);
    return this;
  }

  /** The texts that undo leads to, one after the other. */
  undone(): string[] {
    const texts: string[] = [];
    for (;;) {
      const taken = takeStep(this.stack, 'undo', this.text);
      if (!taken) return texts;
      this.text = this.text.apply(taken.changes);
      this.stack = taken.stack;
      texts.push(this.text.toString());
    }
  }
}

test('S7: a word and the space before it are one step', () => {
  const texts = new Keyboard('|').type('one two  three').undone();
  assert.deepEqual(texts, ['one two  ', 'one two', 'one', '']);
});

test('S7: a line break begins a step, which what is typed there belongs to', () => {
  assert.deepEqual(new Keyboard('|').type('one\ntwo').undone(), ['one', '']);
});

test('S7: deletions before and behind the cursor are runs of their own', () => {
  assert.deepEqual(new Keyboard('abcd|').type('ef').backspace(3).undone(), ['abcdef', 'abcd']);
  assert.deepEqual(new Keyboard('a|bcd').deleteRight(2).backspace(1).undone(), ['ad', 'abcd']);
});

test('S7: a jump of the cursor, and a paste, begin a step and end one', () => {
  assert.deepEqual(new Keyboard('x|').type('ab').moveTo(0).type('cd').undone(), ['xab', 'x']);
  assert.deepEqual(new Keyboard('|').type('a').paste('pasted').type('b').undone(), [
    'apasted',
    'a',
    '',
  ]);
});

test('S7: brackets that come in pairs belong to the word typed inside', () => {
  const keyboard = new Keyboard('f|')
    .edit(at(0, 1, '()'))
    .moveTo(2)
    .type('ab');
  assert.deepEqual(keyboard.undone(), ['f']);
});

test('S7: typing at several cursors is one step', () => {
  const two = (at0: number, text: string): Changes => [
    replace({ line: 0, character: at0 }, { line: 0, character: at0 }, text),
    replace({ line: 1, character: at0 }, { line: 1, character: at0 }, text),
  ];
  const keyboard = new Keyboard('x|');
  keyboard.text = Text.of('x\ny');
  keyboard.edit(two(1, 'a')).edit(two(2, 'b'));
  assert.deepEqual(keyboard.undone(), ['x\ny']);
});

test('S7: somebody who types elsewhere does not cut a word in two', () => {
  const keyboard = new Keyboard('x|').type('a');
  keyboard.others(at(0, 0, '>>'));
  keyboard.moveTo(4).type('b');
  keyboard.others(at(0, 0, '>>'));
  keyboard.moveTo(7).type('c');
  assert.deepEqual(keyboard.undone(), ['>>>>x']);
});

test('S7: what an input method exchanges while it composes is one step', () => {
  const keyboard = new Keyboard('|').edit(at(0, 0, 'k')).edit(at(0, 0, 'か', 1));
  keyboard.moveTo(1).type('な');
  assert.deepEqual(keyboard.undone(), ['']);
});
