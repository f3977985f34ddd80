import { REVIEWS_LEVEL } from '../core/module-level.ts';
import { type Row, tableOf } from './bindings.ts';
import type { Link } from './link.ts';
import { LiveRows } from './live-rows.ts';

/** A file in which agents did something that nobody has kept or taken back. */
export interface UnreviewedFile {
  readonly fileId: number;
  /** What came with this op, or before it, is not to be looked at. */
  readonly sinceSeq: number;
  /** The file's version then; 0 where it was not there yet. */
  readonly sinceVersion: number;
  /** The op that decided about it last, or with which there is something to look at. */
  readonly changedSeq: number;
}

/** Follows which files of a world have something to look at; none in one whose module does not keep that. */
export class UnreviewedRows {
  /** By file id; deleted files included. */
  readonly files: LiveRows<number, UnreviewedFile>;

  constructor(onError: (error: unknown) => void) {
    this.files = new LiveRows(({ fileId }) => fileId, onError);
  }

  static queriesFor({ moduleLevel }: Link): readonly string[] {
    return moduleLevel < REVIEWS_LEVEL ? [] : ['SELECT * FROM unreviewed_file'];
  }

  /** Reads what the link's subscription brought, and follows it. */
  attach(link: Link): void {
    if (link.moduleLevel < REVIEWS_LEVEL) return;
    const rows = tableOf(link.connection, 'unreviewed_file');
    this.files.reset(Array.from(rows.iter(), unreviewedOf));
    const put = (row: Row<'unreviewed_file'>): void => {
      if (link.isAlive) this.files.put(unreviewedOf(row));
    };
    rows.onInsert((_, row) => put(row));
    rows.onUpdate((_, _before, row) => put(row));
    rows.onDelete((_, row) => link.isAlive && this.files.remove(unreviewedOf(row)));
  }
}

function unreviewedOf(row: Row<'unreviewed_file'>): UnreviewedFile {
  const { fileId, sinceSeq, sinceVersion, changedSeq } = row;
  return { fileId, sinceSeq, sinceVersion, changedSeq };
}
