import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanName, freeName, nameKey } from '../../../src/core/member-name.ts';

test('a name keeps its letters and loses what turns or hides them', () => {
  const kept = [
    'Ada',
    'Ada Lovelace',
    'José',
    'Łukasz',
    'ليلى',
    'משה',
    'می‌خواهم',
    '李小龍',
    'Ада',
    '👩‍💻 Ada',
    '❤️',
    'O’Neill-Smith, Jr.',
  ];
  for (const name of kept) assert.equal(cleanName(name), name);
  const cleaned = [
    ['\u202eadA', 'adA'],
    ['Ada\u200e', 'Ada'],
    ['\u2066Ada\u2069', 'Ada'],
    ['A\u200bd\u2060a', 'Ada'],
    ['A\u200dd\ufe0fa', 'Ada'],
    ['  Ada \u00a0\u2003 Lovelace\t', 'Ada Lovelace'],
    ['\u3164\u2800\u200d', ''],
  ] as const;
  for (const [name, clean] of cleaned) assert.equal(cleanName(name), clean);
});

test('names that look alike count as one', () => {
  const alike = [
    [
      'Ada',
      'ada',
      'ADA',
      'Ａｄａ',
      '𝒜𝒹𝒶',
      'Аdа',
      'Α\u200dda',
      ' A\u200cda ',
      'ада'.replace('д', 'd'),
    ],
    ['Ada Lovelace', 'Ada\u00a0Lovelace', 'ada  lovelace', 'Ada\u2028Lovelace'],
    ['Straße', 'STRASSE'],
    ['José', 'Jose\u0301'],
    ['Bill', 'BiII', 'Bi11'],
    ['Noël', 'Nоёl'],
    ['Nina', 'Νina'],
    ['ВЕРА', 'Вера'],
  ];
  for (const [first, ...others] of alike) {
    for (const other of others) assert.equal(nameKey(other), nameKey(first!), other);
  }
  const apart = [
    'Ada',
    'Adam',
    'Ada 2',
    'Ida',
    'José',
    'Jose',
    'A da',
    'Ада Л',
    '李',
    '季',
    '👩',
    '👨',
  ];
  assert.equal(new Set(apart.map(nameKey)).size, apart.length);
});

test('who comes with a name that is there gets the next that is free, and never a longer one', () => {
  const taken = new Set<string>();
  const given = ['Ada', 'ada', 'АDA', 'Ada 2', 'Ada'].map((name) => {
    const free = freeName(name, 200, (key) => taken.has(key));
    taken.add(nameKey(free));
    return free;
  });
  assert.deepEqual(given, ['Ada', 'ada 2', 'АDA 3', 'Ada 2 2', 'Ada 4']);
  assert.equal(
    freeName('', 200, () => true),
    '',
    'no name is nobody’s',
  );
});

test('any names at all come out distinct, short enough, and clean', () => {
  const letter = fc.constantFrom('A', 'a', 'А', ' ', '\u200d', '\u202e', '1', 'l', '2', '😀', 'ß');
  const names = fc.array(
    fc
      .string({ unit: letter, minLength: 1, maxLength: 8 })
      .map((name) => name.slice(0, 8).toWellFormed()),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(names, (wanted) => {
      const taken = new Set<string>();
      for (const name of wanted) {
        const free = freeName(name, 8, (key) => taken.has(key));
        assert.equal(cleanName(free), free);
        assert.ok(free.length <= 8 && free.isWellFormed());
        const key = nameKey(free);
        assert.ok(key === '' || !taken.has(key));
        taken.add(key);
      }
    }),
  );
});
