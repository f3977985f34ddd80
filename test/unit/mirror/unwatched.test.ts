// Where the system has no watches left a folder is looked at instead: slower, within bounds, and it says so.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import fs, { type FSWatcher } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import {
  FolderLooks,
  LOOK_EVERY_MS,
  REST_FACTOR,
  SLICE_MS,
} from '../../../src/mirror/folder-looks.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { LogFile } from '../../../src/mirror/log-file.ts';
import { watchFolder } from '../../../src/mirror/node-watch.ts';
import type { WatchPort } from '../../../src/mirror/watch-port.ts';
import { silentLog } from '../../../src/world/log.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

test('what is written, made and deleted in a folder that is not watched is seen at the next look', async (t) => {
  const lab = await openLab(t, { 'a.txt': 'one', 'deep/b.txt': 'one', 'deep/c.txt': 'one' });
  await lab.watch(refusing());
  assert.equal(lab.isUnwatched(), true);
  await lab.look();
  assert.deepEqual(lab.takeTold(), ['missed'], 'whoever compares all begins once all was seen');
  lab.write('deep/b.txt', 'other');
  lab.write('deep/er/d.txt', 'new');
  fs.rmSync(path.join(lab.root, 'a.txt'));
  await lab.look();
  assert.deepEqual(lab.takeTold().sort(), [
    'changed deep/b.txt',
    'changed deep/er/d.txt',
    'vanished a.txt',
  ]);
  await lab.look();
  assert.deepEqual(lab.takeTold(), []);
});

test('what the rules leave out is not looked at', async (t) => {
  const lab = await openLab(t, { '.gitignore': 'out\n', 'out/a.txt': 'one', 'in/a.txt': 'one' });
  await lab.watch(refusing());
  await lab.look();
  lab.takeTold();
  lab.write('out/a.txt', 'other');
  lab.write('in/a.txt', 'other');
  await lab.look();
  assert.deepEqual(lab.takeTold(), ['changed in/a.txt']);
});

test('what the user leaves out, or lets in again, is so from the next look on', async (t) => {
  const lab = await openLab(t, { 'out/a.txt': 'one', 'in/a.txt': 'one' });
  lab.leaveOut('out');
  await lab.watch(refusing());
  await lab.look();
  lab.takeTold();
  lab.leaveOut('in');
  lab.write('out/a.txt', 'other');
  await lab.look();
  assert.deepEqual(lab.takeTold().sort(), ['changed out/a.txt', 'vanished in/a.txt']);
  lab.write('out/a.txt', 'and another');
  await lab.look();
  assert.deepEqual(lab.takeTold(), ['changed out/a.txt']);
});

test('a system that has some watches left gets them back', async (t) => {
  const lab = await openLab(t, { 'a/a.txt': 'one', 'b/b.txt': 'one' });
  const given: FakeWatcher[] = [];
  await lab.watch(() => {
    if (given.length === 2) throw outOfWatches();
    const watcher = new FakeWatcher();
    given.push(watcher);
    return watcher as unknown as FSWatcher;
  });
  assert.equal(lab.isUnwatched(), true);
  assert.deepEqual(
    given.map(({ isClosed }) => isClosed),
    [true, true],
  );
});

test('watches that the system takes back later are missed as well', async (t) => {
  const lab = await openLab(t, { 'a.txt': 'one' });
  const watcher = new FakeWatcher();
  await lab.watch(() => watcher as unknown as FSWatcher);
  assert.equal(lab.isUnwatched(), false);
  watcher.emit('error', outOfWatches());
  assert.equal(lab.isUnwatched(), true);
});

test('looking takes a twentieth of one processor at most, however large the folder is', async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`f${index % 7}/${index}.txt`, 'one']),
  );
  const lab = await openLab(t, files);
  // Each question about the time finds it a little later: as if every file took so long.
  let nowMs = 0;
  let lookedMs = 0;
  let restedMs = 0;
  const passes: number[] = [];
  let sinceMs = 0;
  const looks = new FolderLooks({
    files: new DiskFiles(lab.root),
    news: { changed: () => undefined, vanished: () => undefined, missed: () => undefined },
    counts: () => Promise.resolve(true),
    nowMs: () => (nowMs += 0.9),
    after: (delayMs, fire) => {
      passes.push(nowMs - sinceMs);
      lookedMs += nowMs - sinceMs;
      restedMs += delayMs;
      nowMs += delayMs;
      sinceMs = nowMs;
      setImmediate(fire);
      return () => undefined;
    },
    output: silentLog,
  });
  t.after(() => looks.stop());
  while (passes.length < 200) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(Math.max(...passes) < SLICE_MS + 4, `a slice took ${Math.max(...passes)} ms`);
  assert.ok(lookedMs / (lookedMs + restedMs) < 1.3 / (REST_FACTOR + 1), `${lookedMs} ${restedMs}`);
});

test('a small folder is looked at every five seconds', async (t) => {
  const lab = await openLab(t, { 'a.txt': 'one' });
  const waits: number[] = [];
  const looks = new FolderLooks({
    files: new DiskFiles(lab.root),
    news: { changed: () => undefined, vanished: () => undefined, missed: () => undefined },
    counts: () => Promise.resolve(true),
    nowMs: () => 0,
    after: (delayMs, fire) => {
      waits.push(delayMs);
      if (waits.length < 3) setImmediate(fire);
      return () => undefined;
    },
    output: silentLog,
  });
  t.after(() => looks.stop());
  while (waits.length < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(waits, [LOOK_EVERY_MS, LOOK_EVERY_MS, LOOK_EVERY_MS]);
});

test('what other processes write into a log that is not watched is read all the same', async (t) => {
  const file = path.join(await temporaryFolder(t), 'some.log');
  const read: unknown[] = [];
  const log = new LogFile<object>(file, (entry) => read.push(entry), refusing());
  await log.open();
  t.after(log.follow((error) => assert.fail(String(error))));
  const grown = log.growth(60_000);
  fs.appendFileSync(file, '{"tag":"other"}\n');
  await grown;
  assert.deepEqual(read, [{ tag: 'other' }]);
});

test('whoever else has the folder knows that it is not watched, until it is', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await FolderLog.open(folder);
  const other = await FolderLog.open(folder);
  assert.equal(log.isUnwatched, false);
  await log.tellWatched('refused');
  await other.refresh();
  assert.equal(other.isUnwatched, true);
  await other.tellWatched('given');
  await log.refresh();
  assert.equal(log.isUnwatched, false);
});

class FakeWatcher extends EventEmitter {
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

function refusing(): WatchPort {
  return () => {
    throw outOfWatches();
  };
}

function outOfWatches(): Error {
  const message = 'ENOSPC: System limit for number of file watchers reached';
  return Object.assign(new Error(message), { code: 'ENOSPC' });
}

/** A folder, what is told of it, and its looks, one at a time. */
async function openLab(t: TestContext, files: Readonly<Record<string, string>>) {
  const root = path.join(await temporaryFolder(t), 'folder');
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  let told: string[] = [];
  let isUnwatched = false;
  let exclude: readonly string[] = [];
  let wake: (() => void) | undefined;
  let hasLooked = false;
  let rested = Promise.withResolvers<void>();
  const watch = async (port: WatchPort): Promise<void> => {
    const stop = await watchFolder({
      files: new DiskFiles(root),
      news: {
        changed: (name) => void told.push(`changed ${name}`),
        vanished: (name) => void told.push(`vanished ${name}`),
        missed: () => void told.push('missed'),
      },
      known: () => [],
      exclude: () => exclude,
      onUnwatched: () => {
        isUnwatched = true;
      },
      watch: port,
      times: {
        nowMs: () => 0,
        after: (_delayMs, fire) => {
          wake = fire;
          rested.resolve();
          return () => undefined;
        },
      },
      output: silentLog,
    });
    t.after(stop);
  };
  return {
    root,
    write,
    watch,
    isUnwatched: () => isUnwatched,
    leaveOut: (...patterns: readonly string[]) => void (exclude = patterns),
    /** Resolves when the look that is due, or under way, has come to its end. */
    async look(): Promise<void> {
      if (hasLooked) {
        rested = Promise.withResolvers();
        wake?.();
      }
      hasLooked = true;
      await rested.promise;
    },
    takeTold(): string[] {
      const taken = told;
      told = [];
      return taken;
    },
  };
}
