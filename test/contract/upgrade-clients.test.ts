// A module that a later version may bring, under clients that know this one: with a table more, and a
// column more where clients do not look. Who is connected stays at work, and who comes may come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishModule } from '../../src/world/publish.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { writeNote } from '../../src/world/write-note.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { bundle, WorldLab, whenever } from './world-lab.ts';

test('clients of the version before go on in an upgraded world, with what they were sending', async (t) => {
  const lab = await WorldLab.open(t);
  const early = await lab.agent();
  await early.create('notes.md', 'one\n');
  await whenever(early.session, () => early.session.view.fileAt('notes.md') !== undefined);
  await writeNote(early.session, { kind: 'message', to: '', text: 'before' }, systemRandomBytes);
  const later = laterModule(new TextDecoder().decode(await bundle()));
  await early.read('notes.md');
  const [edited] = await Promise.all([
    early.replace('notes.md', [{ search: 'one', replacement: 'two' }]),
    publishModule({
      uri: lab.server.uri,
      token: lab.owner.token,
      database: lab.database,
      bundle: new TextEncoder().encode(later),
    }),
  ]);
  assert.equal(edited.tag, 'applied');
  await writeNote(early.session, { kind: 'message', to: '', text: 'after' }, systemRandomBytes);
  await whenever(early.session, () => texts(early.session).length === 2);
  assert.deepEqual(texts(early.session), ['before', 'after']);

  const late = await lab.agent();
  const read = await late.read('notes.md');
  assert.equal(read.tag === 'text' && read.text.toString(), 'two\n');
  assert.deepEqual(texts(late.session), ['before', 'after']);
});

function laterModule(source: string): string {
  const [, table, types] = /note: (\w+)\(\s*\{ name: "note"[^]+?noteId: (\w+)\./.exec(source) ?? [];
  const changes = [
    [
      /(note: \w+\(\s*\{ name: "note", public)/,
      `flag: ${table}({ name: "flag", public: true }, { flagId: ${types}.u32().primaryKey() }),\n$1`,
    ],
    [
      /(\{ name: "invite" \},[^]+?createdBy: (\w+)\.identity\(\))/,
      '$1, hint: $2.string().default("")',
    ],
    [/(\.invite\.insert\(\{)/, '$1 hint: "a friend",'],
  ] as const;
  return changes.reduce((text, [from, to]) => {
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, `the module has no ${String(from)}`);
    return changed;
  }, source);
}

function texts({ view }: WorldSession): readonly string[] {
  return [...view.notes.values()].map(({ text }) => text);
}
