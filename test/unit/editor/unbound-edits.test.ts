import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { UnboundEdits } from '../../../src/editor/unbound-edits.ts';
import { openDocument } from './open-document.ts';

test('what is typed while a file is being opened stays typed on the text it was typed on', () => {
  const document = openDocument('one\n');
  const edits = new UnboundEdits(document.port);
  document.type(0, 3, ' and a half');
  const typed = edits.finish([Text.of('zero\none\n'), Text.of('one\n')]);
  assert.equal(typed.world, 1, 'the newer text of the world is still to be judged against');
  assert.equal(Text.of('one\n').apply(typed.changes).toString(), 'one and a half\n');
});

test('S3: what was saved before the file was bound, and is in the world, is not typed again', () => {
  const document = openDocument('');
  const edits = new UnboundEdits(document.port);
  document.type(0, 0, 'saved');
  document.type(0, 5, ' and unsaved');
  const typed = edits.finish([Text.of('saved'), Text.of('')]);
  assert.equal(Text.of('saved').apply(typed.changes).toString(), 'saved and unsaved');
  assert.equal(typed.world, 0);
});

test('a document that only was loaded has no edits, however old its text is', () => {
  const document = openDocument('old\n');
  const edits = new UnboundEdits(document.port);
  assert.deepEqual(edits.finish([Text.of('new\n')]), { world: 0, changes: [] });
});

test('a load from disk takes the place of what was typed before', () => {
  const document = openDocument('one\n');
  const edits = new UnboundEdits(document.port);
  document.type(0, 0, 'x');
  document.load('two\n');
  assert.deepEqual(edits.finish([Text.of('three\n')]), { world: 0, changes: [] });
});

test('a document found dirty keeps what the nearest text of the world has not', () => {
  const document = openDocument('one\ntwo\nthree unsent\n', true);
  const edits = new UnboundEdits(document.port);
  const worlds = [Text.of('one\ntwo, by others\nthree\n'), Text.of('one\ntwo\nthree\n')];
  const typed = edits.finish(worlds);
  assert.equal(worlds[typed.world]!.apply(typed.changes).toString(), 'one\ntwo\nthree unsent\n');
  assert.equal(typed.world, 1);
});

test('S5: what a document was opened with, and is not saved, is an edit', () => {
  const document = openDocument('saved, and not saved\n');
  const edits = new UnboundEdits(document.port);
  edits.becameDirty();
  const typed = edits.finish([Text.of('saved\n')]);
  assert.equal(Text.of('saved\n').apply(typed.changes).toString(), 'saved, and not saved\n');
});

test('what a live document leaves behind is nobody’s typing, though the editor says later that it is not saved', () => {
  const document = openDocument('others wrote\n');
  const edits = new UnboundEdits(document.port, true);
  edits.becameDirty();
  assert.deepEqual(edits.finish([Text.of('they wrote more\n')]), { world: 0, changes: [] });
});

test('a document that is dirty by typing was opened with what the disk had', () => {
  const document = openDocument('tool\n');
  const edits = new UnboundEdits(document.port);
  document.type(0, 4, 's');
  edits.becameDirty();
  assert.equal(edits.loadedText?.toString(), 'tool\n');
});

test('S5: typing a file back to what it once was, before it is bound, is an edit', () => {
  const document = openDocument('of\n');
  const edits = new UnboundEdits(document.port);
  document.type(0, 2, 'f');
  const typed = edits.finish([Text.of('of\n'), Text.of('off\n')]);
  assert.equal(typed.world, 0);
  assert.equal(Text.of('of\n').apply(typed.changes).toString(), 'off\n');
});

test('what the editor’s chat wrote before the file was bound stays in doubt, unless the user typed there, too', () => {
  const document = openDocument('one\n');
  const edits = new UnboundEdits(document.port);
  document.type(0, 0, 'chat ', 7);
  document.type(0, 0, 'the ', 8);
  assert.equal(edits.finish([Text.of('one\n')]).doubt, 8);
  const typedIn = openDocument('one\n');
  const both = new UnboundEdits(typedIn.port);
  typedIn.type(0, 0, 'chat ', 7);
  typedIn.type(0, 0, 'k');
  assert.equal(both.finish([Text.of('one\n')]).doubt, undefined);
});
