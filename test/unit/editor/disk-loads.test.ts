import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { BoundDocument } from '../../../src/editor/bound-document.ts';
import { DiskLoads } from '../../../src/editor/disk-loads.ts';
import { DiskFiles, hashOf } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';

test('nothing of the world enters an editor that has loaded a tool’s writing before that is in the world', async (context) => {
  const lab = await openLab(context);
  const over = lab.loads.loaded(lab.bound);
  assert.equal(lab.holds, 1, 'at once');
  await lab.log.append({ tag: 'put', path: 'a.md', fileId: 1, version: 1, hash: hashOf(OTHER) });
  assert.equal(lab.holds, 1, 'what is put there is something else');
  await lab.log.append({ tag: 'put', path: 'a.md', fileId: 1, version: 2, hash: hashOf(WRITTEN) });
  await over;
  assert.equal(lab.holds, 0);
});

test('what waits for an answer gives way to the world’s text in the editor', async (context) => {
  const lab = await openLab(context);
  const over = lab.loads.loaded(lab.bound);
  const base = { path: 'a.md', fileId: 1, version: 1, hash: hashOf(OTHER) };
  const file = {
    path: 'a.md',
    fileId: 1,
    what: 'changed',
    kept: '',
    owners: [],
    cause: 'git',
  } as const;
  await lab.log.append({ tag: 'waits', ...file, base, hash: hashOf(WRITTEN), event: 'e' });
  await over;
  assert.equal(lab.holds, 0);
});

test('an editor with something unsaved, which loads nothing, is not kept waiting', async (context) => {
  const lab = await openLab(context);
  lab.document.isDirty = true;
  const disk = { bytes: WRITTEN, hash: hashOf(WRITTEN), isExecutable: false };
  await lab.loads.found(lab.bound, disk);
  assert.equal(lab.mostHolds, 0);
});

const WRITTEN = Buffer.from('by a tool\n');
const OTHER = Buffer.from('something else\n');

async function openLab(context: TestContext) {
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-loads-')));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  fs.mkdirSync(path.join(scratch, 'folder'));
  fs.writeFileSync(path.join(scratch, 'folder', 'a.md'), WRITTEN);
  const log = await FolderLog.open(path.join(scratch, 'state'));
  const session = { link: undefined } as unknown as WorldSession;
  const files = new DiskFiles(path.join(scratch, 'folder'));
  const document = { isDirty: false };
  const lab = {
    log,
    document,
    loads: new DiskLoads({ session, files, folderLog: log }),
    holds: 0,
    mostHolds: 0,
    bound: undefined as unknown as BoundDocument,
  };
  lab.bound = {
    path: 'a.md',
    document,
    port: { text: () => WRITTEN.toString(), onChange: () => () => undefined },
    holdEntering: () => {
      lab.holds += 1;
      lab.mostHolds = Math.max(lab.mostHolds, lab.holds);
      return Promise.resolve(() => void (lab.holds -= 1));
    },
  } as unknown as BoundDocument;
  return lab;
}
