/**
 * Owns: reading the notes that were there before a connection, in answers of bounded size. Does not know:
 * what comes later, what is shown.
 */
import { OP_PAGE, ROW_FRAME_BYTES, shelfOf } from '../core/answer-size.ts';
import type { Row } from './bindings.ts';
import type { Link } from './link.ts';
import { readPagedLog } from './log-pages.ts';
import { inTurn, readRows } from './read-rows.ts';
import { noteOf, type Note } from './world-rows.ts';

type NoteWeight = Pick<Row<'op_weight'>, 'opSeq' | 'bytes'>;

export class NoteReader {
  readonly #link: Link;
  readonly #headSeq: number;

  private constructor(link: Link, headSeq: number) {
    this.#link = link;
    this.#headSeq = headSeq;
  }

  /** Undefined in a world that does not list its notes: there they are watched all at once. */
  static async open(link: Link): Promise<NoteReader | undefined> {
    const log = await readPagedLog(link);
    return log?.isCut ? new NoteReader(link, log.headSeq) : undefined;
  }

  /** Watches the notes that come from now on. */
  get query(): string {
    return `SELECT * FROM note WHERE note_id > ${this.#headSeq}`;
  }

  /** The notes that are there already and not known yet, in order. */
  async *read(isKnown: (noteId: number) => boolean): AsyncGenerator<readonly Note[]> {
    for (let shelf = 0; shelf <= shelfOf(this.#headSeq); shelf++) {
      const listed = await this.#listed(shelf);
      const missing = listed.filter(({ opSeq }) => !isKnown(opSeq));
      yield* inTurn(answersOf(missing), (ids) => this.#notes(ids));
    }
  }

  async #listed(shelf: number): Promise<readonly NoteWeight[]> {
    const rows = await readRows(this.#link, {
      table: 'op_weight',
      // An op that is about no file is listed if it is a note.
      conditions: [`file_id = 0 AND shelf = ${shelf}`],
      isWanted: (row) => row.fileId === 0 && row.shelf === shelf && row.opSeq <= this.#headSeq,
    });
    return rows.sort((a, b) => a.opSeq - b.opSeq);
  }

  async #notes(ids: readonly number[]): Promise<readonly Note[]> {
    const wanted = new Set(ids);
    const rows = await readRows(this.#link, {
      table: 'note',
      conditions: ids.map((noteId) => `note_id = ${noteId}`),
      isWanted: ({ noteId }) => wanted.has(noteId),
    });
    return rows.sort((a, b) => a.noteId - b.noteId).map(noteOf);
  }
}

/** A note is no longer than its op. */
function* answersOf(listed: readonly NoteWeight[]): Generator<readonly number[]> {
  let together: number[] = [];
  let bytes = 0;
  for (const { opSeq, bytes: opBytes } of listed) {
    const size = opBytes + ROW_FRAME_BYTES;
    if (together.length > 0 && (bytes + size > OP_PAGE.bytes || together.length === OP_PAGE.ops)) {
      yield together;
      [together, bytes] = [[], 0];
    }
    together.push(opSeq);
    bytes += size;
  }
  if (together.length > 0) yield together;
}
