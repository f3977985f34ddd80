// Modules that a later version may bring, under clients that know this one. A table more is no matter:
// who is connected stays at work. A column more, be it where no client looks, sends everybody away for
// a moment, so nobody is sent away unless the publisher says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishModule } from '../../src/world/publish.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { writeNote } from '../../src/world/write-note.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { prePublish, publish } from '../../src/contract/engine-http.ts';
import { bundle, WorldLab, whenever } from './world-lab.ts';

test('clients of the version before go on in an upgraded world, with what they were sending', async (t) => {
  const lab = await WorldLab.open(t);
  const early = await lab.agent();
  const states: string[] = [];
  early.session.onState(({ tag }) => states.push(tag));
  await early.create('notes.md', 'one\n');
  await whenever(early.session, () => early.session.view.fileAt('notes.md') !== undefined);
  await writeNote(early.session, { kind: 'message', to: '', text: 'before' }, systemRandomBytes);
  await early.read('notes.md');
  const [edited] = await Promise.all([
    early.replace('notes.md', [{ search: 'one', replacement: 'two' }]),
    publishModule({
      uri: lab.server.uri,
      token: lab.owner.token,
      database: lab.database,
      bundle: new TextEncoder().encode(withMoreTables(await source())),
    }),
  ]);
  assert.equal(edited.tag, 'applied');
  await writeNote(early.session, { kind: 'message', to: '', text: 'after' }, systemRandomBytes);
  await whenever(early.session, () => texts(early.session).length === 2);
  assert.deepEqual(texts(early.session), ['before', 'after']);
  assert.deepEqual(states, [], 'it never lost its connection');

  const late = await lab.agent();
  const read = await late.read('notes.md');
  assert.equal(read.tag === 'text' && read.text.toString(), 'two\n');
  assert.deepEqual(texts(late.session), ['before', 'after']);
});

test('a change that breaks clients needs its token, and then everybody comes back', async (t) => {
  const lab = await WorldLab.open(t);
  const { server, owner, database } = lab;
  const early = await lab.agent();
  await early.create('notes.md', 'one\n');
  const later = withMoreColumns(withMoreTables(await source()));
  const refused = await publish(server.uri, database, owner.token, later);
  assert.equal(refused.status, 400);
  const { plan } = await prePublish(server.uri, database, owner.token, later);
  assert.equal(plan.AutoMigrate?.break_clients, true);
  const policy = `&policy=BreakClients&token=${encodeURIComponent(plan.AutoMigrate.token)}`;
  const away = new Promise<void>((resolve) => {
    early.session.onState(({ tag }) => {
      if (tag !== 'online') resolve();
    });
  });
  const answer = await publish(server.uri, database, owner.token, later, policy);
  assert.equal(answer.status, 200, await answer.text());
  await away;
  await early.session.whenOnline();
  await early.read('notes.md');
  const edited = await early.replace('notes.md', [{ search: 'one', replacement: 'two' }]);
  assert.equal(edited.tag, 'applied');
  // The invite that it comes by has the new column.
  const late = await lab.agent();
  const read = await late.read('notes.md');
  assert.equal(read.tag === 'text' && read.text.toString(), 'two\n');
});

async function source(): Promise<string> {
  return new TextDecoder().decode(await bundle());
}

function withMoreTables(source: string): string {
  const [, table, types] = /note: (\w+)\(\s*\{ name: "note"[^]+?noteId: (\w+)\./.exec(source) ?? [];
  return changed(source, [
    [
      /(note: \w+\(\s*\{ name: "note", public)/,
      `flag: ${table}({ name: "flag", public: true }, { flagId: ${types}.u32().primaryKey() }),\n$1`,
    ],
  ]);
}

function withMoreColumns(source: string): string {
  return changed(source, [
    [
      /(\{ name: "invite" \},[^]+?createdBy: (\w+)\.identity\(\))/,
      '$1, hint: $2.string().default("")',
    ],
    [/(\.invite\.insert\()(\w+)\)/, '$1{ ...$2, hint: "a friend" })'],
  ]);
}

function changed(source: string, changes: readonly (readonly [RegExp, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    const next = text.replace(from, to);
    assert.notEqual(next, text, `the module has no ${String(from)}`);
    return next;
  }, source);
}

function texts({ view }: WorldSession): readonly string[] {
  return [...view.notes.values()].map(({ text }) => text);
}
