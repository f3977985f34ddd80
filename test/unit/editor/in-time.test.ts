// The editor drops a listener that it waited for in vain four times: none of ours lets it come to that.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { FILES_ANSWER_MS, inTime, SAVE_ANSWER_MS } from '../../../src/editor/in-time.ts';

/** What VS Code takes as an answer, in milliseconds: of a save, and of files by the default of its setting. */
const VSCODE_SAVE_MS = 1_500;
const VSCODE_FILES_MS = 60_000;

test('the editor has its answer well before it gives up', () => {
  assert.ok(SAVE_ANSWER_MS <= (2 / 3) * VSCODE_SAVE_MS);
  assert.ok(FILES_ANSWER_MS <= VSCODE_FILES_MS / 10);
});

test('work that is done is not waited for any longer', async () => {
  let isDone = false;
  const work = async (): Promise<void> => {
    await Promise.resolve();
    isDone = true;
  };
  await inTime(60_000, work, fail);
  assert.ok(isDone);
});

test('work that takes too long is answered for, and goes on', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const end = Promise.withResolvers<void>();
  let isDone = false;
  const work = async (): Promise<void> => {
    await end.promise;
    isDone = true;
  };
  const answered = inTime(SAVE_ANSWER_MS, work, fail);
  t.mock.timers.tick(SAVE_ANSWER_MS);
  await answered;
  assert.ok(!isDone);
  end.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isDone);
});

test('work that fails, at once, later or after the answer, fails for nobody', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const tell = (error: unknown): void => void told.push((error as Error).message);
  const throwing = (): Promise<void> => {
    throw new Error('at once');
  };
  await inTime(1, throwing, tell);
  await inTime(1, () => Promise.reject(new Error('later')), tell);
  const end = Promise.withResolvers<void>();
  const answered = inTime(1, () => end.promise, tell);
  t.mock.timers.tick(1);
  await answered;
  end.reject(new Error('after the answer'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ['at once', 'later', 'after the answer']);
});

test('whatever the editor waits for is bounded so', async () => {
  const folder = path.join(projectRoot, 'src');
  const found: string[] = [];
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const source = await readFile(path.join(folder, file), 'utf8');
    for (const [call] of source.matchAll(/\bwaitUntil\(\s*\w*/g)) {
      found.push(file);
      assert.match(call, /\binTime$/, file);
    }
  }
  assert.equal(found.length, 7);
});

function fail(error: unknown): void {
  assert.fail(String(error));
}
