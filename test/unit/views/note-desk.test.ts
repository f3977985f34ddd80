// What is read of messages, also of single ones that others stand before.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { FolderWorld } from '../../../src/editor/folder-world.ts';
import { NoteDesk } from '../../../src/views/notes/note-desk.ts';
import { silentLog } from '../../../src/world/log.ts';
import { LiveRows } from '../../../src/world/live-rows.ts';
import type { Note } from '../../../src/world/world-rows.ts';

const ME = 'b';

test('a message is read while one before it is not, and for other windows once all before it are', async (t) => {
  const { desk, again } = await scene(t, [said(1), said(2), said(3), said(4)]);
  const unread = (at = desk): readonly number[] => at.unread.map(({ noteId }) => noteId);
  await desk.markNotesRead([said(3)]);
  assert.deepEqual(unread(), [1, 2, 4]);
  assert.deepEqual(unread(await again()), [1, 2, 3, 4]);
  await desk.markNotesRead([said(1)]);
  assert.deepEqual(
    [unread(), unread(await again())],
    [
      [2, 4],
      [2, 3, 4],
    ],
  );
  await desk.markNotesRead([said(2)]);
  assert.deepEqual([unread(), unread(await again())], [[4], [4]]);
  await desk.markNotesRead([said(4), said(1)]);
  assert.deepEqual([unread(), unread(await again())], [[], []]);
});

async function scene(t: TestContext, notes: readonly Note[]) {
  const home = await mkdtemp(path.join(os.tmpdir(), 'agent-world-desk-'));
  const rows = new LiveRows<number, Note>(({ noteId }) => noteId, assert.ifError);
  for (const note of notes) rows.put(note);
  const members = new LiveRows<string, { readonly identity: string; joinedAtMs: number }>(
    ({ identity }) => identity,
    assert.ifError,
  );
  members.put({ identity: ME, joinedAtMs: 0 });
  const view = { notes: rows, members };
  const current = {
    session: { identity: ME, view, log: silentLog },
    world: { database: 'd' },
  } as unknown as FolderWorld;
  const open = async (): Promise<NoteDesk> => {
    const desk = await NoteDesk.open(current, { home, onChange: () => {}, onNews: () => {} });
    t.after(() => desk.dispose());
    return desk;
  };
  const desk = await open();
  t.after(() => rm(home, { recursive: true, force: true }));
  return { desk, again: open };
}

function said(noteId: number): Note {
  return { noteId, kind: 'message', author: 'a', to: ME, text: `${noteId}`, madeAtMs: 1 };
}
