import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type FileFacts,
  howShown,
  needsSight,
  NOT_LIVE,
  type NotLive,
  whyNotLive,
} from '../../../src/mirror/why-not-live.ts';

const SEEN = { isThere: true, isLinked: false, left: undefined, form: undefined };
/** A text that the world has, and no editor. */
const TEXT: FileFacts = {
  path: 'a.md',
  shown: 'plain',
  head: { kind: 'text' },
  outside: undefined,
  sight: undefined,
  isWaiting: false,
  isPaused: false,
  isKept: true,
};
const BYTES: FileFacts = { ...TEXT, head: { kind: 'binary' } };
const STRANGER: FileFacts = { ...TEXT, head: undefined };

const CASES: readonly (readonly [string, Partial<FileFacts>, NotLive | undefined])[] = [
  ['a text that nobody has open', TEXT, undefined],
  ['a text that is bound', { ...TEXT, shown: 'live' }, undefined],
  [
    'a text that is bound, while the folder pauses',
    { ...TEXT, shown: 'live', isPaused: true },
    undefined,
  ],
  ['a new file that is about to come in', { ...STRANGER, sight: SEEN }, undefined],
  [
    'a new file in a folder that nobody keeps',
    { ...STRANGER, sight: SEEN, isKept: false },
    'unkept',
  ],
  [
    'a notebook in a folder that nobody keeps',
    { ...TEXT, shown: 'notebook', isKept: false },
    'unkept',
  ],
  [
    'a text that is bound in a folder that nobody keeps',
    { ...TEXT, shown: 'live', isKept: false },
    undefined,
  ],
  ['a text that could not be bound', { ...TEXT, shown: 'unbound' }, 'unbound'],
  ['bytes that could not be bound', { ...BYTES, shown: 'unbound', sight: SEEN }, 'binary'],
  ['a new file while the folder pauses', { ...STRANGER, sight: SEEN, isPaused: true }, 'paused'],
  [
    'a file that is not there while the folder pauses',
    { ...STRANGER, sight: { ...SEEN, isThere: false }, isPaused: true },
    undefined,
  ],
  [
    'a new file that rules leave out, while the folder pauses',
    { ...STRANGER, sight: { ...SEEN, left: 'ignored' }, isPaused: true },
    'ignored',
  ],
  ['a file of no folder', { ...TEXT, path: undefined }, 'outside'],
  ['bytes', { ...BYTES, sight: { ...SEEN, form: 'binary' } }, 'binary'],
  ['bytes that cannot be read', { ...BYTES, sight: SEEN }, 'binary'],
  ['mixed line ends', { ...BYTES, sight: { ...SEEN, form: 'mixed_line_ends' } }, 'mixed_line_ends'],
  ['Latin 1', { ...BYTES, sight: { ...SEEN, form: 'other_encoding' } }, 'other_encoding'],
  ['a text that is open in another encoding', { ...TEXT, shown: 'foreign' }, 'other_encoding'],
  ['a notebook', { ...TEXT, shown: 'notebook' }, 'notebook'],
  ['a notebook of bytes', { ...BYTES, shown: 'notebook' }, 'notebook'],
  ['a notebook while the folder pauses', { ...TEXT, shown: 'notebook', isPaused: true }, 'paused'],
  ['a notebook that waits', { ...TEXT, shown: 'notebook', isWaiting: true }, 'waiting'],
  ['a text while the folder pauses', { ...TEXT, isPaused: true }, undefined],
  ['a link', { ...STRANGER, sight: { ...SEEN, isLinked: true } }, 'link'],
  ['a link in the place of a file of the world', { ...TEXT, outside: 'symlink' }, 'link'],
  ['a new file that is too large', { ...STRANGER, outside: 'too_large' }, 'too_large'],
  ['a file that has grown too large', { ...TEXT, outside: 'too_large' }, 'too_large'],
  ['what the world has taken since it refused it', { ...TEXT, outside: 'refused' }, undefined],
  [
    'a notebook that rules leave out',
    { ...STRANGER, shown: 'notebook', sight: { ...SEEN, left: 'ignored' } },
    'ignored',
  ],
];

for (const [what, facts, why] of CASES) {
  test(`${what}: ${why ?? 'live'}`, () => {
    assert.equal(whyNotLive({ ...TEXT, ...facts }), why);
  });
}

test('whatever is outside of the world has its reason', () => {
  const outside: readonly (readonly [NonNullable<FileFacts['outside']>, NotLive])[] = [
    ['special', 'special'],
    ['submodule', 'own_repository'],
    ['twin', 'twin'],
    ['in_the_way', 'in_the_way'],
    ['refused', 'refused'],
    ['strayed', 'strayed'],
    ['was_link', 'was_link'],
    ['not_utf8', 'name'],
    ['reserved_name', 'name'],
    ['excluded', 'excluded'],
    ['temporary', 'temporary'],
  ];
  for (const [outsideBy, why] of outside) {
    assert.equal(whyNotLive({ ...STRANGER, outside: outsideBy }), why);
  }
  const given = [...CASES.map(([, , why]) => why), ...outside.map(([, why]) => why)];
  assert.deepEqual(
    NOT_LIVE.filter((why) => !given.includes(why)),
    [],
    'no reason is without a case',
  );
});

test('the folder’s pause is told of what would be in step without it', () => {
  const paused = { isPaused: true };
  assert.equal(whyNotLive({ ...TEXT, ...paused, shown: 'notebook' }), 'paused');
  assert.equal(whyNotLive({ ...BYTES, ...paused }), 'paused');
  // It is in its editor; what is not in step is the disk.
  assert.equal(whyNotLive({ ...TEXT, ...paused, shown: 'live' }), undefined);
  assert.equal(whyNotLive({ ...STRANGER, ...paused, outside: 'symlink' }), 'link');
});

test('a notebook that is in the text editor, too, is live there and not in the other', () => {
  const both = { isNotebook: true, text: 'live' } as const;
  assert.equal(howShown({ ...both, as: 'text' }), 'live');
  assert.equal(howShown({ ...both, as: 'notebook' }), 'notebook');
  assert.equal(howShown({ ...both, as: undefined }), 'notebook', 'the file itself');
  assert.equal(howShown({ isNotebook: false, text: 'plain', as: 'text' }), 'plain');
});

test('the disk is looked at only where nothing else tells', () => {
  assert.equal(needsSight(TEXT), false);
  assert.equal(needsSight({ ...TEXT, shown: 'notebook' }), false);
  assert.equal(needsSight({ ...STRANGER, outside: 'too_large' }), false);
  assert.equal(needsSight({ ...TEXT, path: undefined }), false);
  assert.equal(needsSight(STRANGER), true);
  assert.equal(needsSight(BYTES), true);
  assert.equal(needsSight({ ...BYTES, sight: SEEN }), false);
});
