import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MirrorWorld, mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { newTextFile } from '../harness/world-stage.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

test('two who set different things of a file’s form in one instant both have their way', async (t) => {
  const lab = await WorldLab.open(t);
  const [ada, bob] = [await lab.enter(await lab.join()), await lab.enter(await lab.join())];
  const file = newTextFile('run', 'one\n');
  await ada.judge('create_file', { author: '', file }, [file.opId]);
  await caughtUp(ada, bob);
  const signal = new AbortController().signal;
  const newId = (): string => newUuid(Date.now(), systemRandomBytes);
  const worlds = [ada, bob].map((session) => mirrorWorldOf(session, newId, signal));
  const [adas, bobs] = worlds as [MirrorWorld, MirrorWorld];
  for (const [mode, eol] of [
    ['executable', 'crlf'],
    ['regular', 'lf'],
  ] as const) {
    const head = adas.fileAt('run')!;
    const { bom } = head;
    await Promise.all([
      adas.setMode(head, { mode, eol: head.eol, bom }),
      bobs.setMode(head, { mode: head.mode, eol, bom }),
    ]);
    await caughtUp(ada, bob);
    for (const world of worlds) {
      const after = world.fileAt('run')!;
      assert.deepEqual([after.mode, after.eol], [mode, eol]);
    }
  }
});
