import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkpointsOf,
  conversationOf,
  conversationWith,
  NoteBook,
  otherIn,
  type Reader,
} from '../../../src/world/note-book.ts';
import type { Note } from '../../../src/world/world-rows.ts';

const ANN = 'a1';
const BEN = 'b2';
const CLEO = 'c3';

function note(noteId: number, author: string, to: string | undefined, text = `${noteId}`): Note {
  return { noteId, kind: 'message', author, to, text, madeAtMs: noteId * 1000 };
}

function readerOf(identity: string, readUpTo: Reader['readUpTo'] = () => 0): Reader {
  return { identity, joinedAtMs: 0, readUpTo };
}

function bookOf(...notes: readonly Note[]): NoteBook {
  const book = new NoteBook();
  for (const each of notes) book.put(each);
  return book;
}

test('what two members say to each other is one conversation, whoever begins', () => {
  assert.equal(conversationOf(note(1, ANN, BEN)), conversationOf(note(2, BEN, ANN)));
  assert.equal(conversationWith(BEN, ANN), conversationOf(note(1, ANN, BEN)));
  assert.equal(conversationWith(BEN, ''), 'all');
  assert.equal(otherIn(conversationWith(ANN, BEN), ANN), BEN);
  assert.equal(otherIn(conversationWith(ANN, BEN), CLEO), undefined);
  assert.equal(otherIn('all', ANN), undefined);
});

test('the conversation in which something was said last comes first', () => {
  const book = bookOf(note(1, ANN, BEN), note(2, CLEO, undefined), note(3, BEN, ANN));
  const keys = book.conversations().map(({ key }) => key);
  assert.deepEqual(keys, [conversationWith(ANN, BEN), 'all']);
  book.put(note(4, CLEO, undefined));
  assert.equal(book.conversations()[0]?.key, 'all');
});

test('news is what others said to the reader or to all, since they joined, and not read', () => {
  const book = bookOf(
    note(1, BEN, undefined, 'before Ann came'),
    note(2, BEN, ANN),
    note(3, ANN, BEN, 'her own'),
    note(4, BEN, CLEO, 'not for her'),
    note(5, CLEO, undefined),
    note(6, BEN, ANN),
  );
  const ids = (reader: Reader): readonly number[] =>
    book.allUnread(reader).map(({ noteId }) => noteId);
  assert.deepEqual(ids({ ...readerOf(ANN), joinedAtMs: 1500 }), [2, 5, 6]);
  const withBen = conversationWith(ANN, BEN);
  const read = readerOf(ANN, (key) => (key === withBen ? 2 : 0));
  assert.deepEqual(ids({ ...read, joinedAtMs: 1500 }), [5, 6]);
});

test('checkpoints are no messages, and the newest comes first', () => {
  const point = (noteId: number, text: string): Note => ({
    ...note(noteId, ANN, undefined, text),
    kind: 'checkpoint',
  });
  const notes = [point(3, 'before'), note(4, ANN, undefined), point(9, 'after')];
  assert.deepEqual(
    checkpointsOf(notes).map(({ opSeq, name }) => [opSeq, name]),
    [
      [9, 'after'],
      [3, 'before'],
    ],
  );
  const book = bookOf(...notes, ...notes);
  assert.equal(book.checkpoints().length, 2);
  assert.equal(book.conversations().length, 1);
});

test('in whatever order notes come, and come again, the book is the same', () => {
  const member = fc.constantFrom(ANN, BEN, CLEO);
  const notes = fc
    .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 30 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id) =>
          fc
            .tuple(member, fc.option(member, { nil: undefined }))
            .map(([author, to]) => note(id, author, to)),
        ),
      ),
    );
  const shown = (book: NoteBook): unknown => [
    book.conversations(),
    book.allUnread(readerOf(ANN, (key) => (key === 'all' ? 20 : 5))),
  ];
  fc.assert(
    fc.property(
      notes.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      ([all, shuffled]) => {
        const inOrder = [...all].sort((a, b) => a.noteId - b.noteId);
        assert.deepEqual(shown(bookOf(...shuffled, ...all)), shown(bookOf(...inOrder)));
      },
    ),
  );
});
