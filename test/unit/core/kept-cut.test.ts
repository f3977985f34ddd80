import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import { groupCutAs, type KeptCut, keptCutOf, textCutInto } from '../../../src/core/kept-cut.ts';
import { Text } from '../../../src/core/text.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';

const hasher = new ContentHasher(nativeHash);

const lines = fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('', 'é', '}')), {
  minLength: 1,
  maxLength: 600,
});

test('a text from parts whose cuts were kept is the text that was cut, with its hashes', () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.string({ maxLength: 200 }), (all, at, typed) => {
      const text = Text.ofLines(all);
      hasher.text(text);
      const again = textCutInto(partsOf(text).map(({ cut, content }) => groupCutAs(cut, content)))!;
      assert.equal(again.toString(), text.toString());
      assert.equal(again.length, text.length);
      assert.equal(again.lineCount, text.lineCount);
      assert.deepEqual(shapeOf(again), shapeOf(text));
      const line = at % text.lineCount;
      const change = { startLine: line, startCharacter: 0, endLine: line, endCharacter: 0 };
      const changes = [{ ...change, text: typed.replaceAll('\r', '\n') }];
      const edited = again.apply(changes);
      const expected = Text.of(text.apply(changes).toString());
      assert.equal(edited.toString(), expected.toString());
      assert.deepEqual(hasher.text(edited), hasher.text(expected));
    }),
  );
});

test('parts that the rules would cut elsewhere are no text, whatever is known of them', () => {
  const first = partsOf(hashed('no line of this text\nends it by a rule'))[0]!;
  const groups = [first, first].map(({ cut, content }) => groupCutAs(cut, content));
  assert.equal(textCutInto(groups), undefined);
  assert.equal(textCutInto([groups[0]!])?.toString(), first.content);
});

test('a cut that is not known, or of another text, is not taken', () => {
  const { cut, content } = partsOf(hashed('one\ntwo\nthree'))[0]!;
  assert.equal(groupCutAs(undefined, content), undefined);
  assert.equal(groupCutAs(cut, `${content}!`), undefined);
  assert.equal(groupCutAs(cut, content.slice(1)), undefined);
  assert.equal(textCutInto([undefined]), undefined);
  assert.equal(textCutInto([]), undefined);
});

function hashed(content: string): Text {
  const text = Text.of(content);
  hasher.text(text);
  return text;
}

function partsOf(text: Text): { readonly cut: KeptCut; readonly content: string }[] {
  return text.groups.map((group) => ({
    cut: keptCutOf(group),
    content: group.chunks.map(({ content }) => content).join('\n'),
  }));
}

function shapeOf(text: Text) {
  return text.groups.map(({ hash, lineCount, characters, chunks }) => ({
    hash: Buffer.from(hash!),
    lineCount,
    characters,
    chunks: chunks.map((chunk) => ({
      hash: Buffer.from(chunk.hash!),
      lines: chunk.lines,
      marks: chunk.marks,
      characters: chunk.characters,
    })),
  }));
}
