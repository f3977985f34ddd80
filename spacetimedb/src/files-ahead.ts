import { demandScope, type Caller } from './caller.ts';
import { fileAt, keyOf } from './paths.ts';
import { Refusal } from './refusal.ts';
import type { Database, Row } from './world.ts';

/** A file as the steps of a call before one leave it. */
export interface FileAhead {
  /** As it is in the world. */
  readonly row: Row<'file_head'>;
  path: string;
  deleted: boolean;
  /** What earlier steps did to its text. */
  text: 'as it was' | 'edited' | 'replaced';
  /** The first edit finds it living, though it is deleted in the world. */
  wasBack: boolean;
  /** Some step was about it. */
  isTouched: boolean;
}

/** What is at a path: a file of the world's, one that an earlier step makes, or nothing. */
export type Occupant = FileAhead | 'new' | undefined;

/** The files of a call of several steps, as they are after the steps that were looked at; nothing is written. */
export class FilesAhead {
  readonly #db: Database;
  readonly #caller: Caller;
  readonly #files = new Map<number, FileAhead>();
  /** By the keys of paths at which a step did something. */
  readonly #places = new Map<string, FileAhead | 'new' | 'free'>();

  constructor(db: Database, caller: Caller) {
    this.#db = db;
    this.#caller = caller;
  }

  /** Refuses with `no_such_file`, or when the caller may not write there. */
  open(fileId: number): FileAhead {
    const known = this.#files.get(fileId);
    if (known) return known;
    const row = this.#db.file_head.fileId.find(fileId);
    if (!row) throw new Refusal('no_such_file', `there is no file ${fileId}`);
    demandScope(this.#caller, row.path);
    return this.#know(row);
  }

  at(path: string): Occupant {
    const place = this.#places.get(keyOf(this.#db, path));
    if (place !== undefined) return place === 'free' ? undefined : place;
    const row = fileAt(this.#db, path);
    return row && (this.#files.get(row.fileId) ?? this.#know(row));
  }

  move(file: FileAhead, path: string): void {
    this.#leave(file);
    file.path = path;
    this.#places.set(keyOf(this.#db, path), file);
  }

  remove(file: FileAhead): void {
    this.#leave(file);
    file.deleted = true;
  }

  bringBack(file: FileAhead, path: string): void {
    file.deleted = false;
    this.move(file, path);
  }

  make(path: string): void {
    this.#places.set(keyOf(this.#db, path), 'new');
  }

  #know(row: Row<'file_head'>): FileAhead {
    const { path, deleted } = row;
    const file: FileAhead = {
      row,
      path,
      deleted,
      text: 'as it was',
      wasBack: false,
      isTouched: false,
    };
    this.#files.set(row.fileId, file);
    return file;
  }

  /** Whoever took its place before stays there. */
  #leave(file: FileAhead): void {
    if (file.deleted) return;
    const key = keyOf(this.#db, file.path);
    const place = this.#places.get(key);
    if (place === undefined || place === file) this.#places.set(key, 'free');
  }
}
