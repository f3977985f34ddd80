import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../child-process.ts';
import type { FolderRequest, FolderResponse } from '../folder-process.ts';
import { READ_LINE } from '../others-at-work.ts';
import { filesOf, type MirrorProcess, timeGit } from '../switched-clone.ts';

export interface QuestionTimes {
  /** From the start of `git checkout` until a member sees the question. */
  readonly shownMs: number;
  /** What the same switch and `git status` after it take in a clone that no mirror keeps. */
  readonly checkoutMs: number;
  readonly statusMs: number;
  /** From the answer on until the world has all of it. */
  readonly takenMs: number;
  /** What the mirror and the host used of the processor for either. */
  readonly shownCpuMs: readonly [number, number];
  readonly takenCpuMs: readonly [number, number];
  /** What keys of others took: while nothing else happened, until the question came, after its answer. */
  readonly quietKeys: readonly number[];
  readonly switchKeys: readonly number[];
  readonly takeKeys: readonly number[];
}

/**
 * A branch switch that puts older text back over others' work in every file of a clone that a mirror keeps.
 * `place` is a folder for another clone. Throws where that is not one question about all of the files.
 */
export async function measureQuestion(
  child: Child<FolderRequest, FolderResponse>,
  {
    clone,
    place,
    mirror,
  }: { readonly clone: string; readonly place: string; readonly mirror: MirrorProcess },
): Promise<QuestionTimes> {
  const files = await filesOf(clone);
  await child.request({ kind: 'edit' });
  await untilPut(clone, files);
  await timeGit(clone, 'branch', '-f', 'before');
  await timeGit(clone, 'commit', '-qam', 'read');
  const plain = join(place, 'plain');
  await timeGit(place, 'clone', '-q', clone, plain);
  await timeGit(plain, 'branch', 'before', 'origin/before');
  // Somebody types beside git, too: every key is synced to the disk that git writes to.
  const typing = child.request({ kind: 'type', keys: KEYS, files: 0 });
  const checkoutMs = await timeGit(plain, 'checkout', '-q', 'before');
  const statusMs = await timeGit(plain, 'status', '--porcelain');
  await typing;
  const { keyMs: quietKeys } = await child.request({ kind: 'type', keys: KEYS, files: 0 });
  const awaited = child.request({ kind: 'await_question' });
  const startedMs = Date.now();
  const beforeMs = mirror.cpuMs;
  await timeGit(clone, 'checkout', '-q', 'before');
  const { keyMs: switchKeys, asked, hostCpuMs: hostMs } = await awaited;
  const askedMs = mirror.cpuMs;
  if (asked?.questions !== 1 || asked.files !== files.length || asked.owners !== 1) {
    throw new Error(`not one question about all files: ${JSON.stringify(asked)}`);
  }
  const taken = await child.request({ kind: 'take', files: files.length });
  return {
    shownMs: asked.shownMs - startedMs,
    checkoutMs,
    statusMs,
    takenMs: taken.ms,
    shownCpuMs: [askedMs - beforeMs, hostMs],
    takenCpuMs: [mirror.cpuMs - askedMs, taken.hostCpuMs],
    quietKeys,
    switchKeys,
    takeKeys: taken.keyMs,
  };
}

const KEYS = 200;
const LOOK_MS = 100;

/** Resolves when what others did is in each of the files. */
async function untilPut(clone: string, files: readonly string[]): Promise<void> {
  for (const name of files) {
    while (!(await readFile(join(clone, name), 'utf8')).startsWith(READ_LINE)) await delay(LOOK_MS);
  }
}
