/**
 * Owns: what git left unfinished in a work tree, and how old its lock is. Does not know: how it is told.
 */
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import type { GitOperation } from '../mirror/folder-git.ts';
import { GitError } from './git-error.ts';
import { operationIn } from './git-operation.ts';
import { findGitPlace } from './git-place.ts';
import { askGit } from './run-git.ts';

export interface StandingWork {
  readonly operation: GitOperation | undefined;
  /** Of an operation of several steps: the one that it stands at, and how many there are. */
  readonly step: { readonly at: number; readonly of: number } | undefined;
  /** Files in conflict, by their paths from the folder. */
  readonly inConflict: readonly string[];
  readonly lock: StandingLock | undefined;
}

export interface StandingLock {
  readonly file: string;
  readonly ageMs: number;
  /** Whose file it is; a number where the system tells no name. */
  readonly owner: string;
  /** The process that has it open; undefined where none does, or where the system does not tell. */
  readonly holder: { readonly pid: number; readonly command: string } | undefined;
}

/** Undefined where git has left nothing, or is not there. */
export async function readStandingWork(
  folder: string,
  nowMs: number,
): Promise<StandingWork | undefined> {
  const place = findGitPlace(folder);
  if (place === undefined) return undefined;
  const operation = operationIn(place.gitFolder);
  const lock = lockAt(path.join(place.gitFolder, 'index.lock'), nowMs);
  // A stash that was popped leaves files in conflict, and no operation.
  const inConflict = await filesInConflict(folder);
  if (operation === undefined && lock === undefined && inConflict.length === 0) return undefined;
  return { operation, step: stepIn(place.gitFolder), inConflict, lock };
}

const STEPS = [
  ['rebase-merge/msgnum', 'rebase-merge/end'],
  ['rebase-apply/next', 'rebase-apply/last'],
] as const;

function stepIn(gitFolder: string): StandingWork['step'] {
  for (const [atFile, ofFile] of STEPS) {
    const [at, of] = [
      numberIn(path.join(gitFolder, atFile)),
      numberIn(path.join(gitFolder, ofFile)),
    ];
    if (at > 0 && of > 0) return { at, of };
  }
  return undefined;
}

function numberIn(file: string): number {
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) || 0 : 0;
}

async function filesInConflict(folder: string): Promise<readonly string[]> {
  try {
    const question = ['diff', '--name-only', '--diff-filter=U', '--relative', '-z'];
    const listed = (await askGit(folder, question)).split('\0');
    return [...new Set(listed)].filter((name) => name !== '');
  } catch (error) {
    // The repository is not trusted, or broken: git says so to whoever works in it.
    if (error instanceof GitError) return [];
    throw error;
  }
}

function lockAt(file: string, nowMs: number): StandingLock | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const ageMs = Math.max(0, nowMs - status.mtimeMs);
  return { file, ageMs, owner: ownerOf(status.uid), holder: holderOf(file) };
}

function ownerOf(uid: number): string {
  const { uid: own, username } = userInfo();
  return uid === own || process.platform === 'win32' ? username : `user ${uid}`;
}

/** Linux tells which process has a file open, of those that one may look at. */
function holderOf(file: string): StandingLock['holder'] {
  if (process.platform !== 'linux') return undefined;
  const real = realpathSync(file);
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry) && opensOf(entry).includes(real)) {
      return { pid: Number(entry), command: commandOf(entry) };
    }
  }
  return undefined;
}

function opensOf(pid: string): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return orNothing(() => readdirSync(folder), []).map((fd) =>
    orNothing(() => readlinkSync(path.join(folder, fd)), ''),
  );
}

/** The program and what it was told to do first: no more, since arguments may hold anything. */
function commandOf(pid: string): string {
  const words = orNothing(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').split('\0');
  return [path.basename(words[0] ?? ''), words[1] ?? ''].join(' ').trim();
}

/** It may have ended meanwhile, or be somebody else's. */
function orNothing<Found>(look: () => Found, nothing: Found): Found {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) !== undefined) return nothing;
    throw error;
  }
}
