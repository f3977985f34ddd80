// A folder that cannot start is known as failed, and holds up no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailedStart, FolderStarts } from '../../../src/editor/folder-starts.ts';

test('what fails in one folder neither stops nor delays the others', async () => {
  const never = new Promise<void>(() => undefined);
  const lab = openLab({
    broken: () => Promise.reject(new Error('no rights')),
    slow: () => never,
    fine: () => Promise.resolve(),
  });
  void lab.starts.run(['broken', 'slow', 'fine']);
  await turn();
  assert.deepEqual(lab.started, ['broken', 'slow', 'fine']);
  assert.deepEqual(lab.told, ['broken: no rights']);
  assert.deepEqual(failedIn(lab.starts), ['broken']);
  const open = ['broken', 'slow', 'fine'].filter((each) => lab.starts.isOpen(each));
  assert.deepEqual(open, ['broken', 'slow'], 'these may be in a world');
});

test('a folder that is tried again has failed no more, unless it fails again', async () => {
  let isBroken = true;
  const lab = openLab({
    broken: () => (isBroken ? Promise.reject(new Error('no rights')) : Promise.resolve()),
  });
  await lab.starts.run(['broken']);
  await lab.starts.run(['broken']);
  assert.deepEqual(lab.told, ['broken: no rights', 'broken: no rights']);
  isBroken = false;
  await lab.starts.run(['broken']);
  assert.deepEqual(failedIn(lab.starts), []);
});

test('a folder that is under way is not begun twice', async () => {
  const end = Promise.withResolvers<void>();
  const lab = openLab({ slow: () => end.promise });
  const first = lab.starts.run(['slow']);
  await lab.starts.run(['slow']);
  end.resolve();
  await first;
  assert.deepEqual(lab.started, ['slow']);
});

test('a folder that left the window has failed no more', async () => {
  const lab = openLab({ broken: () => Promise.reject(new Error('no rights')) });
  await lab.starts.run(['broken']);
  lab.starts.forget('broken');
  assert.deepEqual(failedIn(lab.starts), []);
});

test('a folder that leaves the window while it starts does not stay as failed', async () => {
  const end = Promise.withResolvers<void>();
  const lab = openLab({ slow: () => end.promise });
  const run = lab.starts.run(['slow']);
  lab.starts.forget('slow');
  end.reject(new Error('no rights'));
  await run;
  assert.deepEqual(lab.told, []);
  assert.deepEqual(failedIn(lab.starts), []);
});

test('a folder that is back in the window before its start has failed is told of', async () => {
  const end = Promise.withResolvers<void>();
  const lab = openLab({ slow: () => end.promise });
  const run = lab.starts.run(['slow']);
  lab.starts.forget('slow');
  await lab.starts.run(['slow']);
  end.reject(new Error('no rights'));
  await run;
  assert.deepEqual(failedIn(lab.starts), ['slow']);
});

test('a folder that is back in the window when what was started is given up is started once more', async () => {
  const end = Promise.withResolvers<void>();
  const lab = openLab({ slow: () => end.promise });
  const run = lab.starts.run(['slow']);
  lab.starts.forget('slow');
  await lab.starts.run(['slow']);
  end.resolve();
  await run;
  assert.deepEqual(lab.started, ['slow', 'slow']);
});

test('one that came into its world all the same is not', async () => {
  const end = Promise.withResolvers<void>();
  const lab = openLab({ slow: () => end.promise });
  const run = lab.starts.run(['slow']);
  lab.starts.forget('slow');
  await lab.starts.run(['slow']);
  lab.inWorld.add('slow');
  end.resolve();
  await run;
  assert.deepEqual(lab.started, ['slow']);
});

test('a folder that came into its world another way has failed no more, and what fails then is told', async () => {
  const end = Promise.withResolvers<void>();
  const lab = openLab({ slow: () => end.promise });
  const run = lab.starts.run(['slow']);
  lab.starts.started('slow');
  end.reject(new Error('no view'));
  await run;
  assert.deepEqual(lab.told, ['slow: no view']);
});

function openLab(folders: Readonly<Record<string, () => Promise<void>>>) {
  const started: string[] = [];
  const told: string[] = [];
  const inWorld = new Set<string>();
  const starts = new FolderStarts<string>({
    keyOf: (folder) => folder,
    start: (folder) => {
      started.push(folder);
      return folders[folder]!();
    },
    onFailed: ({ folder, error }: FailedStart<string>) =>
      void told.push(`${folder}: ${(error as Error).message}`),
    isOutside: (folder) => !inWorld.has(folder),
  });
  return { starts, started, told, inWorld };
}

function failedIn({ failed }: FolderStarts<string>): readonly string[] {
  return failed.map(({ folder }) => folder);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
