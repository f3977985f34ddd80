// An owner raises what a world takes: what was too large until then comes in by itself.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { until } from '../harness/until.ts';
import { WorldLab } from './world-lab.ts';

test('a file that was too large comes in once an owner has raised the limit', async (t) => {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const rules = { policyMode: 'auto', lockPolicy: 'enforce' } as const;
  const setLimit = async (bytes: number): Promise<void> => {
    const limits = JSON.stringify({ textFileBytes: bytes, binaryFileBytes: bytes });
    await owner.call('set_policy', { ...rules, limits });
  };
  await setLimit(1_000);
  const session = await lab.enter(await lab.join());
  const folder = path.join(lab.folder, 'folder');
  await mkdir(folder);
  await writeFile(path.join(folder, 'long.md'), 'long\n'.repeat(1_000));
  // It was there before anybody watched: the disk has nothing to tell of it.
  const kept = await KeptFolder.keep(session, lab.folder);
  lab.endsFirst(() => kept.close());
  await until(() => kept.log.outside().some(({ why }) => why === 'too_large'));
  assert.equal(session.view.fileAt('long.md'), undefined);
  await setLimit(DEFAULT_LIMITS.textFileBytes);
  await until(() => session.view.fileAt('long.md') !== undefined);
});
