import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import type { GitPlace } from './git-place.ts';

/** One time that HEAD came to be another commit, as the log of HEAD tells it. */
export interface HeadMove {
  readonly from: string;
  readonly to: string;
  /** Unix seconds. */
  readonly seconds: number;
  /** The command, by the first word that it logs. */
  readonly by: string;
  /**
   * What the commit holds was new then, or came from elsewhere: a commit, a merge, a pull. Otherwise
   * HEAD went to what had been there before, as by a checkout or a reset.
   */
  readonly isNew: boolean;
}

/** The newest moves of HEAD in a work tree, the newest first; empty where no log is kept. */
export function readHeadMoves({ gitFolder }: Pick<GitPlace, 'gitFolder'>): readonly HeadMove[] {
  const lines = readEnd(logIn(gitFolder)).split('\n');
  return lines.flatMap((line) => moveOf(line) ?? []).reverse();
}

function moveOf(line: string): HeadMove | undefined {
  const [, from, to, seconds, what] =
    /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) .*> (\d+) [+-]\d{4}\t(.*)$/.exec(line) ?? [];
  if (!from || !to || what === undefined) return undefined;
  const by = /^[a-z-]*/.exec(what)![0];
  return { from, to, seconds: Number(seconds), by, isNew: NEW.has(by) && !BACK.test(what) };
}

/** Commands that bring text. */
const NEW = new Set(['commit', 'merge', 'pull', 'rebase', 'cherry-pick', 'revert', 'am']);
/** What is given up ends where it began. */
const BACK = /\(abort\)/;

/**
 * Commits that HEAD was at before a file was written, or went back to: what they hold of it is old
 * text. The newest first, at most `most`.
 */
export function oldHeads(
  place: GitPlace,
  head: string | undefined,
  writtenMs: number,
  most: number,
): readonly string[] {
  const moves = readHeadMoves(place);
  const fresh = freshHeads(place, moves, writtenMs);
  const all = [head ?? '', ...moves.flatMap(({ to, from }) => [to, from])];
  const old = all.filter((id) => /[1-9a-f]/.test(id) && !fresh.has(id));
  return [...new Set(old)].slice(0, most);
}

/** Commits that brought text after the file was written, or in writing it. */
function freshHeads(
  { gitFolder, commonFolder }: GitPlace,
  moves: readonly HeadMove[],
  writtenMs: number,
): ReadonlySet<string> {
  const fresh = new Set<string>();
  const writtenSecond = Math.floor(writtenMs / 1000);
  const isLogNewer = (statusOf(logIn(gitFolder))?.mtimeMs ?? 0) >= writtenMs;
  let newer: HeadMove | undefined;
  for (const move of moves) {
    const { to, by, seconds, isNew } = move;
    if (seconds < writtenSecond) break;
    // The log tells seconds only; the file of a commit, and that of the log, tell more.
    const isSince =
      seconds > writtenSecond ||
      (newer === undefined && isLogNewer) ||
      // A rebase moves HEAD many times, from its beginning on.
      (by === 'rebase' && newer?.by === by && fresh.has(newer.to)) ||
      (statusOf(looseObject(commonFolder, to))?.birthtimeMs ?? 0) >= writtenMs;
    if (isNew && isSince) fresh.add(to);
    newer = move;
  }
  return fresh;
}

function logIn(gitFolder: string): string {
  return path.join(gitFolder, 'logs', 'HEAD');
}

/** Where an object is while it is not packed. */
export function looseObject(commonFolder: string, id: string): string {
  return path.join(commonFolder, 'objects', id.slice(0, 2), id.slice(2));
}

function statusOf(file: string) {
  return statSync(file, { throwIfNoEntry: false });
}

function readEnd(file: string): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if (systemCode(error) !== undefined) return '';
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const length = Math.min(size, MOST_BYTES);
    const bytes = Buffer.alloc(length);
    readSync(handle, bytes, 0, length, size - length);
    return bytes.toString('latin1');
  } finally {
    closeSync(handle);
  }
}

/** Some hundred moves: what is older stands for nothing that a tool has just done. */
const MOST_BYTES = 64 * 1024;
