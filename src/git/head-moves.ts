import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { MOST_WORK_MS } from './git-work.ts';
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

/** From which commit to which a work tree was brought by a merge, a pull or the like. */
export interface BroughtRange {
  readonly from: string;
  readonly to: string;
}

/** Commands that bring what others committed. */
const BRINGING = new Set(['merge', 'pull', 'rebase', 'cherry-pick', 'am']);

/** Commands that may take many commits, one after the other. */
const SEQUENCES = new Set(['rebase', 'cherry-pick', 'am']);

/** The log of HEAD of a work tree. It is read again when it has changed. */
export class HeadLog {
  readonly #place: GitPlace;
  readonly #file: string;
  #read = '';
  #moves: readonly HeadMove[] = [];

  constructor(place: GitPlace) {
    this.#place = place;
    this.#file = path.join(place.gitFolder, 'logs', 'HEAD');
  }

  /**
   * Commits that HEAD was at before a file was written, or went back to: what they hold of it is old
   * text. The newest first, at most `most`. `head`: where it is now.
   */
  oldHeads(head: string | undefined, writtenMs: number, most: number): readonly string[] {
    const fresh = new Set(this.#freshMoves(writtenMs).map(({ to }) => to));
    const all = [head ?? '', ...this.#moves.flatMap(({ to, from }) => [to, from])];
    const old = all.filter((id) => /[1-9a-f]/.test(id) && !fresh.has(id));
    return [...new Set(old)].slice(0, most);
  }

  /** What was brought when a file was written; undefined where it was written otherwise. */
  broughtRange(writtenMs: number): BroughtRange | undefined {
    const fresh = this.#freshMoves(writtenMs);
    // Somebody may have committed since.
    const first = fresh.findIndex(({ by }) => BRINGING.has(by));
    if (first < 0 || fresh.slice(0, first).some(({ by }) => by !== 'commit')) return undefined;
    const after = fresh.findIndex(({ by }, index) => index > first && !BRINGING.has(by));
    const last = after < 0 ? fresh.length - 1 : after - 1;
    return { from: fresh[last]!.from, to: fresh[first]!.to };
  }

  /** Those that brought text after the file was written, or in writing it. The newest first. */
  #freshMoves(writtenMs: number): readonly HeadMove[] {
    const loggedMs = this.#readAgain();
    const writtenSecond = Math.floor(writtenMs / 1000);
    const fresh: HeadMove[] = [];
    let newer: HeadMove | undefined;
    for (const move of this.#moves) {
      const { to, by, seconds, isNew } = move;
      // What takes several commits moves HEAD at each of them, from its beginning on.
      const goesOn =
        SEQUENCES.has(by) && newer?.by === by && fresh.at(-1) === newer && isSoonAfter(newer, move);
      if (seconds < writtenSecond && !goesOn) break;
      // The log tells seconds only; the file of a commit, and that of the log, tell more.
      const isSince = (): boolean =>
        goesOn ||
        seconds > writtenSecond ||
        (newer === undefined && loggedMs >= writtenMs) ||
        (statusOf(looseObject(this.#place.commonFolder, to))?.birthtimeMs ?? 0) >= writtenMs;
      if (isNew && isSince()) fresh.push(move);
      newer = move;
    }
    return fresh;
  }

  /** Returns when it was written last. */
  #readAgain(): number {
    const status = statusOf(this.#file);
    const { mtimeMs = 0, size = 0, ino = 0 } = status ?? {};
    const read = `${ino} ${mtimeMs} ${size}`;
    if (read !== this.#read) {
      this.#read = read;
      const lines = readEnd(this.#file).split('\n');
      this.#moves = lines.flatMap((line) => moveOf(line) ?? []).reverse();
    }
    return mtimeMs;
  }
}

/** A mirror waits for so long until git rests, and looks at all of it together. */
function isSoonAfter(newer: HeadMove, older: HeadMove): boolean {
  return (newer.seconds - older.seconds) * 1000 <= MOST_WORK_MS;
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
