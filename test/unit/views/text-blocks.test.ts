import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstDifference, textBlocks } from '../../../src/views/run-agent/text-blocks.ts';

const PIECES = ['\n', '\n\n', '```\n', '```ts\n', '~~~~\n', 'a', '<b>', '  ', '\r', '`'];
const markdown = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((all) => all.join(''));

test('paragraphs end at an empty line, code at its fence, and each is text as it was written', () => {
  const text = 'One\nstill one\n\n\nTwo <b>\n```ts\nlet a;\n\nlet b;\n```\nThree';
  assert.deepEqual(textBlocks(text), [
    { isCode: false, text: 'One\nstill one' },
    { isCode: false, text: 'Two <b>' },
    { isCode: true, text: 'let a;\n\nlet b;' },
    { isCode: false, text: 'Three' },
  ]);
});

test('code that is still being written goes to the end, and only a fence as long ends it', () => {
  assert.deepEqual(textBlocks('````\n```\ncode'), [{ isCode: true, text: '```\ncode' }]);
  assert.deepEqual(textBlocks('```\na\n``` not\nb\n'), [{ isCode: true, text: 'a\n``` not\nb\n' }]);
});

test('no word is lost, and blocks before the last two stay while a text grows', () => {
  fc.assert(
    fc.property(markdown, markdown, (text, more) => {
      const before = textBlocks(text);
      const after = textBlocks(text + more);
      for (const word of ['a', '<b>']) {
        const inText = text.split(word).length;
        const inBlocks = before
          .map((block) => block.text)
          .join(' ')
          .split(word).length;
        // What names the language of a block is no text of it.
        assert.ok(inBlocks <= inText);
        if (!/[`~]/.test(text)) assert.equal(inBlocks, inText);
      }
      assert.ok(firstDifference(before, after) >= before.length - 2);
    }),
  );
});
