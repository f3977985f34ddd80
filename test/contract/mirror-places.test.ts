// Where an agent writes that has no hooks and asks no server: its folder's mirror shows it to others.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ShownWrites } from '../../src/agents/shown-writes.ts';
import type { WrittenPlace } from '../../src/mirror/told-writes.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { until } from '../harness/until.ts';
import { ManualClock } from '../unit/agents/manual-clock.ts';
import { whenever, WorldLab } from './world-lab.ts';

test('what is only written to a file shows others where, and for half a minute', async (t) => {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const clock = new ManualClock();
  const agent = await lab.agent({ kind: 'agent' }, { clock });
  const { session } = agent;
  const shown = new ShownWrites(agent);
  const places: WrittenPlace[] = [];
  const kept = await KeptFolder.keep(session, lab.folder, {
    onWritten: (place) => {
      places.push(place);
      shown.wrote(place);
    },
  });
  lab.endsFirst(() => kept.close());
  const file = path.join(kept.folder, 'a.txt');
  const isIn = (fileId: number): boolean =>
    [...owner.view.presence.values()].some(
      (each) => each.identity === session.identity && each.fileId === fileId,
    );

  await writeFile(file, 'one\ntwo\nthree\n');
  await kept.look();
  await until(() => owner.view.fileAt('a.txt') !== undefined);
  const { fileId } = owner.view.fileAt('a.txt')!;
  await whenever(owner, () => isIn(fileId));
  await writeFile(file, 'one\ntwo\n3\n');
  await kept.look();
  await until(() => owner.view.fileAt('a.txt')?.version === 2);
  assert.deepEqual(places, [
    { fileId, version: 1, line: 0 },
    { fileId, version: 2, line: 2 },
  ]);

  clock.pass(31_000);
  await whenever(owner, () => !isIn(fileId));
  shown.dispose();
});

test('what a hook has announced is left to the agent’s server to show', async (t) => {
  const lab = await WorldLab.open(t);
  const { session } = await lab.agent({ kind: 'agent' });
  const places: WrittenPlace[] = [];
  const onWritten = (place: WrittenPlace): void => void places.push(place);
  const kept = await KeptFolder.keep(session, lab.folder, { onWritten });
  lab.endsFirst(() => kept.close());
  const file = path.join(kept.folder, 'a.txt');
  await kept.log.append({ tag: 'writing', path: 'a.txt', atMs: Date.now() });
  await writeFile(file, 'one\n');
  await kept.look();
  await until(() => session.view.fileAt('a.txt') !== undefined);
  assert.deepEqual(places, []);
});
