// What members see of each other's carets, by clients and modules of this version and of 0.1.0.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createFile, editFile } from '../../src/world/change-file.ts';
import { connectWorld, type Row, tableOf, type WorldConnection } from '../../src/world/bindings.ts';
import { PresenceTeller, type Shown } from '../../src/world/presence-teller.ts';
import { publishModule } from '../../src/world/publish.ts';
import { systemClock } from '../../src/world/clock.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { PresenceEvent } from '../../src/world/world-rows.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { bundle, caughtUp, WorldLab } from './world-lab.ts';

const EMPTY = { kind: 'text', text: '', eol: 'lf', bom: false } as const;

/** A world with a file, a member who tells where they are, and another who looks. */
async function open(t: TestContext) {
  const lab = await WorldLab.open(t);
  const writer = await lab.enter(await lab.join());
  const changer = { session: writer, randomBytes: systemRandomBytes, author: '' };
  const newFile = async (path: string): Promise<number> =>
    (await createFile(changer, path, { content: EMPTY, mode: 'regular' }))[0]!.opSeq;
  const fileId = await newFile('a.txt');
  const reader = await lab.enter(await lab.join());
  const seen: PresenceEvent[] = [];
  reader.view.onMovement((event) => seen.push(event));
  const type = (version: number) =>
    editFile(changer, {
      fileId,
      version,
      changes: [{ startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'k' }],
    });
  return { lab, writer, reader, seen, fileId, newFile, type, teller: new PresenceTeller(writer) };
}

const at = (fileId: number, version: number, character: number): Shown => ({
  fileId,
  version,
  selections: [
    { anchorLine: 0, anchorCharacter: character, activeLine: 0, activeCharacter: character },
  ],
  typing: true,
  activity: '',
});

/** What was seen, each as file, version and character. */
const placesOf = (seen: readonly PresenceEvent[]) =>
  seen.map(({ fileId, version, selections }) => [fileId, version, selections[0]?.activeCharacter]);

test('a caret is seen where it is, through edits and in whichever file', async (t) => {
  const { writer, reader, seen, fileId, newFile, type, teller } = await open(t);
  const raw = await watchRaw(t, reader);
  const other = await newFile('b.txt');
  await teller.tell(at(fileId, 1, 0));
  await teller.tell(at(fileId, 1, 1));
  await type(1);
  await teller.tell(at(fileId, 2, 2));
  await teller.tell(at(other, 1, 0));
  await teller.tell(at(other, 1, 3));
  await caughtUp(reader, writer);
  assert.deepEqual(placesOf(seen), [
    [fileId, 1, 0],
    [fileId, 1, 1],
    [fileId, 2, 2],
    [other, 1, 0],
    [other, 1, 3],
  ]);
  assert.ok(seen.every(({ identity, typing }) => identity === writer.identity && typing));
  assert.equal(raw.carets.length, 3, 'what stays in its file is told shortly');
});

test('a selection is told in full, and so is what the world has forgotten', async (t) => {
  const { reader, seen, fileId, teller } = await open(t);
  const raw = await watchRaw(t, reader);
  await teller.tell(at(fileId, 1, 0));
  const [caret] = at(fileId, 1, 0).selections;
  await teller.tell({ ...at(fileId, 1, 0), selections: [{ ...caret!, activeLine: 4 }] });
  await caughtUp(reader);
  assert.equal(raw.carets.length, 0);
  assert.equal(seen.at(-1)!.selections[0]!.activeLine, 4);
});

test('a client of 0.1.0 sees every movement in its way', async (t) => {
  const { lab, reader, seen, fileId, teller } = await open(t);
  const old = await connectOld(t, lab);
  await teller.tell(at(fileId, 1, 0));
  await teller.tell(at(fileId, 1, 1));
  await caughtUp(reader);
  await old.until(2);
  assert.deepEqual(
    old.movements.map(({ version, selections }) => [version, selections[0]!.activeCharacter]),
    [
      [1, 0],
      [1, 1],
    ],
  );
  assert.deepEqual(placesOf(seen).at(-1), [fileId, 1, 1]);
});

test('in a world of 0.1.0 carets are told and seen as there', async (t) => {
  const { lab, fileId } = await open(t);
  const source = new TextDecoder().decode(await bundle()).replace(/module_level: \w+,/, '');
  const { uri } = lab.server;
  const { token } = lab.owner;
  const old = new TextEncoder().encode(source);
  await publishModule({ uri, token, database: lab.database, bundle: old });
  const [writer, reader] = [await lab.enter(lab.owner), await lab.enter(lab.owner)];
  const seen: PresenceEvent[] = [];
  reader.view.onMovement((event) => seen.push(event));
  const teller = new PresenceTeller(writer);
  await teller.tell(at(fileId, 1, 0));
  await teller.tell(at(fileId, 1, 1));
  await caughtUp(reader);
  assert.deepEqual(placesOf(seen), [
    [fileId, 1, 0],
    [fileId, 1, 1],
  ]);
});

/** The short movements that come to a session's connection. */
async function watchRaw(t: TestContext, session: WorldSession) {
  const link = await session.whenOnline();
  const carets: Row<'caret_moved'>[] = [];
  tableOf(link.connection, 'caret_moved').onInsert((_, row) => carets.push(row));
  return { carets };
}

/** A client that knows nothing of short movements. */
async function connectOld(t: TestContext, lab: WorldLab) {
  const { token } = await lab.join();
  const { uri } = lab.server;
  const connection = await new Promise<WorldConnection>((resolve, reject) => {
    const made = connectWorld({
      uri,
      database: lab.database,
      token,
      clock: systemClock,
      onRefused: () => {},
      onBroken: () => {},
      onConnect: resolve,
      onEnd: reject,
    });
    t.after(() => made.disconnect());
  });
  const movements: Row<'presence_event'>[] = [];
  let heard = (): void => {};
  tableOf(connection, 'presence_event').onInsert((_, row) => {
    movements.push(row);
    heard();
  });
  await new Promise<void>((resolve) => {
    connection
      .subscriptionBuilder()
      .onApplied(() => resolve())
      .subscribe('SELECT * FROM presence_event');
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      heard = () => {
        if (movements.length >= count) resolve();
      };
      heard();
    });
  return { movements, until };
}
