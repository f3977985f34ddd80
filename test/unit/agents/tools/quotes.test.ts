import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findQuotes, type QuoteEdit } from '../../../../src/agents/tools/quotes.ts';
import { Text } from '../../../../src/core/text.ts';

function made(content: string, ...edits: readonly QuoteEdit[]) {
  const text = Text.of(content);
  const found = findQuotes(text, edits);
  if (found.tag !== 'found') return found.tag;
  return { text: text.apply(found.changes).toString(), notes: found.notes.length };
}

const CODE = 'if (a) {\n    one();\n    two();\n}\n';

test('exact quotes need no note', () => {
  assert.deepEqual(made(CODE, { search: 'one();', replacement: '1();' }), {
    text: 'if (a) {\n    1();\n    two();\n}\n',
    notes: 0,
  });
});

test('line ends of another kind are found, and told', () => {
  assert.deepEqual(made(CODE, { search: 'one();\r\n    two();', replacement: 'x();\r\ny();' }), {
    text: 'if (a) {\n    x();\ny();\n}\n',
    notes: 1,
  });
});

test('white space at the ends of lines is found, and what is not edited keeps it', () => {
  const edit = { search: 'a\nb\nc', replacement: 'a\nB\nc' };
  assert.deepEqual(made('a  \nb\t\nc \nd', edit), { text: 'a  \nB\nc \nd', notes: 1 });
  assert.deepEqual(made('a\nb\nc', { search: 'a  \nb ', replacement: 'x' }), {
    text: 'x\nc',
    notes: 1,
  });
});

test('indentation that differs by the same on every line is found, and given to the new text', () => {
  const edit = { search: 'one();\n  two();', replacement: 'one();\n  if (b) {\n    two();\n  }' };
  const less = { search: '  one();\n  two();', replacement: '  one();\n  three();\n  two();' };
  assert.deepEqual(made(CODE, less), {
    text: 'if (a) {\n    one();\n    three();\n    two();\n}\n',
    notes: 1,
  });
  const more = {
    search: '        one();\n        two();',
    replacement: '        three();\n\n          four();',
  };
  assert.deepEqual(made(CODE, more), {
    text: 'if (a) {\n    three();\n\n      four();\n}\n',
    notes: 1,
  });
  assert.equal(made(CODE, edit), 'not_found', 'by another amount on each line');
});

test('tabs in place of spaces are found, and the new text is indented as the file is', () => {
  const tabbed = 'f() {\n\tif (a) {\n\t\tb();\n\t}\n}\n';
  const edit = {
    search: '    if (a) {\n        b();\n    }',
    replacement: '    if (a) {\n        b();\n        c();\n    }',
  };
  assert.deepEqual(made(tabbed, edit), {
    text: 'f() {\n\tif (a) {\n\t\tb();\n\t\tc();\n\t}\n}\n',
    notes: 1,
  });
});

test('a small mismatch that fits twice is ambiguous, and counts as occurrences do', () => {
  const twice = '  x();\n\n  x();\n';
  assert.equal(made(twice, { search: 'x();  ', replacement: 'y();' }), 'ambiguous');
  assert.deepEqual(made(twice, { search: 'x();  ', replacement: 'y();', occurrence: 2 }), {
    text: '  x();\n\n  y();\n',
    notes: 1,
  });
});

test('a quote of lines that ends with a line end takes them whole', () => {
  assert.deepEqual(made('a \nb\nc', { search: 'a\n', replacement: '' }), {
    text: 'b\nc',
    notes: 1,
  });
});

test('two edits of the same text are told', () => {
  const edits = [
    { search: 'one();\n', replacement: '' },
    { search: 'e();', replacement: 'x' },
  ];
  assert.equal(made(CODE, ...edits), 'overlapping');
});

test('a quote is replaced where it stands, or every place is told; nothing else changes', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'ab', ' a', 'a ', ''), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(lines, fc.nat(), fc.nat(), (content, start, length) => {
      const text = content.join('\n');
      const from = start % (text.length + 1);
      const search = text.slice(from, from + 1 + (length % 4));
      fc.pre(search.trim() !== '');
      const found = findQuotes(Text.of(text), [{ search, replacement: 'X' }]);
      const places: number[] = [];
      for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + search.length)) {
        places.push(text.slice(0, at).split('\n').length);
      }
      if (found.tag === 'found') {
        assert.equal(places.length, 1);
        assert.equal(Text.of(text).apply(found.changes).toString(), text.replace(search, 'X'));
      } else {
        assert.ok(found.tag === 'ambiguous');
        assert.deepEqual(found.lines, places);
      }
    }),
  );
});
