// Folders of one world whose git is set up in different ways, with real git and a real world.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { compareFolder } from '../../src/editor/compare-folder.ts';
import { silentLog } from '../../src/world/log.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { GitLab } from '../harness/git-lab.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { newTextFile } from '../harness/world-stage.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const ON_MAIN = { 'a.ts': 'one\ntwo\nthree\n', 'b.ts': 'one\n' };
const ON_BRANCH = { 'a.ts': 'one\nzwei\nthree\n', 'b.ts': 'one\ntwo\n', 'new.ts': 'new\nfile\n' };

test('what git checks out with CRLF in one clone has LF in the others, and edits go both ways', async (t) => {
  const lab = await WorldLab.open(t);
  const sessions: WorldSession[] = [];
  for (let count = 0; count < 3; count++) sessions.push(await lab.enter(await lab.join()));
  const [ada, bob, cleo] = sessions as [WorldSession, WorldSession, WorldSession];
  for (const [name, text] of Object.entries(ON_MAIN)) {
    const file = newTextFile(name, text);
    await ada.judge('create_file', { author: '', file }, [file.opId]);
  }
  await caughtUp(...sessions);
  const git = await cloneIn(path.join(lab.folder, 'ada', 'folder'), 'true');
  await cloneIn(path.join(lab.folder, 'bob', 'folder'), 'false');
  const folders: KeptFolder[] = [];
  for (const [name, session] of Object.entries({ ada, bob, cleo })) {
    const folder = await KeptFolder.keep(session, path.join(lab.folder, name));
    lab.endsFirst(() => folder.close());
    folders.push(folder);
  }
  const areInStep = async (name: string, version: number, text: string): Promise<void> => {
    for (const session of sessions) {
      await whenever(session, () => session.view.fileAt(name)?.version === version);
    }
    for (const folder of folders) await folder.look();
    const found = await Promise.all(folders.map((folder) => folder.texts()));
    assert.deepEqual(
      found.map((texts) => texts[name]),
      [text.replaceAll('\n', '\r\n'), text, text],
      name,
    );
  };
  const [adas, bobs] = folders as [KeptFolder, KeptFolder];

  git.git('checkout', '-q', 'branch');
  await areInStep('a.ts', 2, ON_BRANCH['a.ts']);
  await areInStep('b.ts', 2, ON_BRANCH['b.ts']);
  await areInStep('new.ts', 1, ON_BRANCH['new.ts']);
  assert.deepEqual(await compareFolder(ada, adas.folder, silentLog), [], 'nothing is other there');
  await writeFile(path.join(bobs.folder, 'a.ts'), 'one\nzwei\nthree, by Bob\n');
  await areInStep('a.ts', 3, 'one\nzwei\nthree, by Bob\n');
  await writeFile(path.join(adas.folder, 'a.ts'), 'one, by Ada\r\nzwei\r\nthree, by Bob\r\n');
  await areInStep('a.ts', 4, 'one, by Ada\nzwei\nthree, by Bob\n');

  for (const { fileId, eol } of ada.view.files.values()) {
    assert.equal(eol, 'lf');
    const ops = await readFileOps(await ada.whenOnline(), fileId, 0, 20);
    const kinds = new Set(ops.map(({ kind }) => kind));
    assert.deepEqual(
      [...kinds].filter((kind) => kind !== 'create' && kind !== 'edit'),
      [],
    );
  }
  assert.deepEqual([...ada.view.tickets.values()], []);
  assert.deepEqual(
    folders.flatMap(({ events }) => events),
    [],
  );
});

/** A clone in which both branches are, and main is checked out as it is stored. */
async function cloneIn(folder: string, autocrlf: string): Promise<GitLab> {
  const git = await GitLab.init(folder);
  await git.write(ON_MAIN);
  git.commitAll();
  git.git('checkout', '-q', '-b', 'branch');
  await git.write(ON_BRANCH);
  git.commitAll();
  git.git('checkout', '-q', 'main');
  git.git('config', 'core.autocrlf', autocrlf);
  return git;
}
