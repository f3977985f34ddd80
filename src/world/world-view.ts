import { unpackCaret } from '../core/packed-caret.ts';
import type { OtherEnds } from '../core/other-ends.ts';
import { type InTheWay, PathPlaces } from '../core/path-places.ts';
import { CARETS_LEVEL, LINE_ENDS_LEVEL, PAUSES_LEVEL } from '../core/module-level.ts';
import { tableOf, type Row, type TableName } from './bindings.ts';
import { ExportRuleRow } from './export-rule.ts';
import { Listeners, type StopListening } from './listeners.ts';
import type { Link } from './link.ts';
import { LiveRows } from './live-rows.ts';
import {
  fileHeadOf,
  memberOf,
  noteOf,
  originOf,
  outcomeOf,
  presenceEventOf,
  presenceOf,
  softLockOf,
  ticketOf,
  workspaceOf,
  type FileHead,
  type KnownOrigin,
  type Member,
  type MemberPause,
  pauseOf,
  type Note,
  type Outcome,
  type Presence,
  type PresenceEvent,
  presencePlaceOf,
  type PresencePlace,
  type SoftLock,
  type Ticket,
  type Workspace,
} from './world-rows.ts';
import { NoteReader } from './note-reader.ts';
import { OpenTurnRows } from './open-turn-rows.ts';
import { PathClaimRows } from './path-claim-rows.ts';
import { RestorationRows } from './restoration-rows.ts';
import type { FirstSight } from './self-check.ts';
import { UnreviewedRows } from './unreviewed-rows.ts';
import { UsageRows } from './usage-rows.ts';

/** A ticket was opened, extended, resolved or withdrawn. */
export interface ConflictEvent {
  readonly ticketId: number;
  readonly opId: string;
  readonly fileId: number;
  readonly what: string;
}

/** The small tables of a world, which every session watches, across connections. */
export class WorldView {
  readonly members: LiveRows<string, Member>;
  /** By whose invite members came; none where the history does not tell. */
  readonly origins: LiveRows<string, KnownOrigin>;
  /** Who is paused by whom; none where the world does not tell. */
  readonly pauses: LiveRows<string, MemberPause>;
  /** By file id; deleted files included. */
  readonly files: LiveRows<number, FileHead>;
  readonly locks: LiveRows<number, SoftLock>;
  /** Open tickets only. */
  readonly tickets: LiveRows<number, Ticket>;
  readonly notes: LiveRows<number, Note>;
  /** By connection id. */
  readonly presence: LiveRows<string, Presence>;
  /** What is used of the quotas. */
  readonly usage: UsageRows;
  /** What folders ask before old text is taken from them, and whose folders ask. */
  readonly restorations: RestorationRows;
  /** Claims on whole files and folders, and which claims are leases. */
  readonly pathClaims: PathClaimRows;
  /** Files in which agents did something that nobody has looked at. */
  readonly unreviewed: UnreviewedRows;
  /** What an export needs. */
  readonly exportRule: ExportRuleRow;
  /** What agents are at. */
  readonly openTurns: OpenTurnRows;
  readonly #places: LiveRows<number, PresencePlace>;
  /** By file id; none for files whose line ends are all alike. */
  readonly #otherEnds = new Map<number, OtherEnds>();
  readonly #lastMovements = new Map<string, PresenceEvent>();
  readonly #workspaces: LiveRows<number, Workspace>;
  readonly #outcomes: Listeners<Outcome>;
  readonly #movements: Listeners<PresenceEvent>;
  readonly #firstMovements: Listeners<PresenceEvent>;
  readonly #conflicts: Listeners<ConflictEvent>;
  readonly #ops: Listeners<Row<'file_op'>>;
  readonly #ticketOfOp = new Map<string, number>();
  /** Living files only. */
  readonly #fileAtPath = new Map<string, number>();
  readonly #pathPlaces = new PathPlaces();

  constructor(onError: (error: unknown) => void) {
    this.members = new LiveRows((member) => member.identity, onError);
    this.origins = new LiveRows((origin) => origin.identity, onError);
    this.pauses = new LiveRows((pause) => pause.identity, onError);
    this.files = new LiveRows((file) => file.fileId, onError);
    this.locks = new LiveRows((lock) => lock.lockId, onError);
    this.tickets = new LiveRows((ticket) => ticket.ticketId, onError);
    this.notes = new LiveRows((note) => note.noteId, onError);
    this.presence = new LiveRows((presence) => presence.connectionId, onError);
    this.usage = new UsageRows(onError);
    this.restorations = new RestorationRows(onError);
    this.pathClaims = new PathClaimRows(onError);
    this.unreviewed = new UnreviewedRows(onError);
    this.exportRule = new ExportRuleRow(onError);
    this.openTurns = new OpenTurnRows(onError);
    this.#places = new LiveRows(({ place }) => place, onError);
    this.#workspaces = new LiveRows(() => THE_WORKSPACE, onError);
    this.#outcomes = new Listeners(onError);
    this.#ops = new Listeners(onError);
    this.#movements = new Listeners(onError);
    this.#firstMovements = new Listeners(onError);
    this.#conflicts = new Listeners(onError);
    // Before any other listener, which may look for a path.
    this.files.onChange(({ before, after }) => {
      if (before && this.#fileAtPath.get(before.path) === before.fileId) {
        this.#fileAtPath.delete(before.path);
      }
      if (after && !after.deleted) this.#fileAtPath.set(after.path, after.fileId);
      const [former, now] = [before, after].map((file) => (file?.deleted ? undefined : file?.path));
      if (former === now) return;
      if (former !== undefined) this.#pathPlaces.remove(former);
      if (now !== undefined) this.#pathPlaces.add(now);
    });
    this.presence.onChange(({ before, after }) => {
      if (before && !after) this.#lastMovements.delete(before.connectionId);
    });
  }

  get workspace(): Workspace | undefined {
    return this.#workspaces.get(THE_WORKSPACE);
  }

  /** The last movement of each connection that is here, as far as it was told, by connection id. */
  get movements(): ReadonlyMap<string, PresenceEvent> {
    return this.#lastMovements;
  }

  /** The living file at a path, spelled as it is in the world. */
  fileAt(path: string): FileHead | undefined {
    const fileId = this.#fileAtPath.get(path);
    return fileId === undefined ? undefined : this.files.get(fileId);
  }

  /** A path as the world spells it, where it has that file or its folders in another case. */
  spelling(path: string): string {
    return this.#pathPlaces.spelling(path);
  }

  /** What keeps a file from being at a path, as far as this session was told. */
  inTheWay(path: string): InTheWay | undefined {
    return this.#pathPlaces.inTheWay(path);
  }

  /** The ticket that an op of ours went into, as far as this session was told. */
  ticketOfOp(opId: string): number | undefined {
    return this.#ticketOfOp.get(opId);
  }

  onWorkspace(listener: (workspace: Workspace) => void): StopListening {
    return this.#workspaces.onChange(({ after }) => {
      if (after) listener(after);
    });
  }

  /** Our own ops' outcomes, from whichever of our connections. */
  onOutcome(listener: (outcome: Outcome) => void): StopListening {
    return this.#outcomes.add(listener);
  }

  /**
   * Ops that some subscription covers, at the moment they come; several may come out of order within
   * one transaction, and again when a subscription is renewed.
   */
  onOp(listener: (row: Row<'file_op'>) => void): StopListening {
    return this.#ops.add(listener);
  }

  /** Everybody's cursor movements, our own included. */
  onMovement(listener: (event: PresenceEvent) => void): StopListening {
    return this.#movements.add(listener);
  }

  /**
   * The first movement of each connection. Movements are not stored, so whoever came after ours knows
   * no place of ours until we say it again; their first movement tells that they hear us.
   */
  onFirstMovement(listener: (event: PresenceEvent) => void): StopListening {
    return this.#firstMovements.add(listener);
  }

  onConflict(listener: (event: ConflictEvent) => void): StopListening {
    return this.#conflicts.add(listener);
  }

  /**
   * Watches through a new connection. `accept` sees what there is first; if it returns false the
   * view keeps what it had.
   */
  async attach(
    link: Link,
    accept: (sight: Omit<FirstSight, 'database'>) => boolean,
  ): Promise<void> {
    const tellsOrigins = link.moduleLevel >= ORIGINS_LEVEL;
    const tellsPauses = link.moduleLevel >= PAUSES_LEVEL;
    const earlierNotes = await NoteReader.open(link);
    const queries = baseQueries(link.identity);
    queries.push(earlierNotes?.query ?? 'SELECT * FROM note');
    if (tellsOrigins) queries.push('SELECT * FROM member_origin');
    if (tellsPauses) queries.push('SELECT * FROM member_pause');
    if (tellsLineEnds(link)) queries.push('SELECT * FROM line_ends');
    queries.push(...UsageRows.queriesFor(link), ...RestorationRows.queriesFor(link));
    queries.push(...PathClaimRows.queriesFor(link), ...UnreviewedRows.queriesFor(link));
    queries.push(...ExportRuleRow.queriesFor(link), ...OpenTurnRows.queriesFor(link));
    if (tellsCarets(link)) queries.push(...CARET_QUERIES);
    let isAccepted = false;
    await link.subscribe(queries, () => {
      const members = [...map(link, 'workspace_member', memberOf)];
      const workspaces = [...map(link, 'workspace', workspaceOf)];
      const self = members.find((member) => member.identity === link.identity);
      isAccepted = accept({ workspaces, self });
      if (!isAccepted) return;
      this.#workspaces.reset(workspaces);
      this.members.reset(members);
      this.origins.reset(map(link, 'member_origin', originOf));
      if (tellsPauses) this.pauses.reset(map(link, 'member_pause', pauseOf));
      this.#readLineEnds(link);
      this.files.reset(map(link, 'file_head', this.#headOf));
      this.locks.reset(map(link, 'soft_lock', softLockOf));
      if (!earlierNotes) this.notes.reset(map(link, 'note', noteOf));
      else for (const note of map(link, 'note', noteOf)) this.notes.put(note);
      this.presence.reset(map(link, 'presence', presenceOf));
      if (tellsCarets(link)) this.#places.reset(map(link, 'presence_place', presencePlaceOf));
      for (const ticket of map(link, 'conflict_ticket', ticketOf)) this.#learn(ticket);
      this.tickets.reset(map(link, 'conflict_ticket', ticketOf));
      this.usage.attach(link);
      this.restorations.attach(link);
      this.pathClaims.attach(link);
      this.unreviewed.attach(link);
      this.exportRule.attach(link);
      this.openTurns.attach(link);
      this.#follow(link);
    });
    if (earlierNotes && isAccepted) await this.#readNotes(earlierNotes);
    // Without an answer others go on telling us movements as they told clients of 0.1.0.
    if (tellsCarets(link)) void link.call('take_place', {});
  }

  /** Everybody has all notes, and nobody gets them in one answer. */
  async #readNotes(reader: NoteReader): Promise<void> {
    for await (const notes of reader.read((noteId) => this.notes.has(noteId))) {
      for (const note of notes) this.notes.put(note);
    }
  }

  #follow(link: Link): void {
    follow(link, 'workspace', workspaceOf, this.#workspaces);
    follow(link, 'workspace_member', memberOf, this.members);
    follow(link, 'member_origin', originOf, this.origins);
    if (link.moduleLevel >= PAUSES_LEVEL) follow(link, 'member_pause', pauseOf, this.pauses);
    follow(link, 'file_head', this.#headOf, this.files);
    if (tellsLineEnds(link)) this.#followLineEnds(link);
    follow(link, 'soft_lock', softLockOf, this.locks);
    // A note stays, whether or not it is watched any more.
    follow(link, 'note', noteOf, { put: (note) => this.notes.put(note), remove: () => {} });
    follow(link, 'presence', presenceOf, this.presence);
    tableOf(link.connection, 'conflict_ticket').onInsert((_, row) => this.#learn(ticketOf(row)));
    // One that is closed may be asked for by its number.
    follow(link, 'conflict_ticket', ticketOf, {
      put: (ticket) =>
        ticket.status === 'open' ? this.tickets.put(ticket) : this.tickets.remove(ticket),
      remove: (ticket) => this.tickets.remove(ticket),
    });
    tableOf(link.connection, 'file_op').onInsert((_, row) => this.#ops.emit(row));
    tableOf(link.connection, 'op_outcome').onInsert((_, row) => {
      const outcome = outcomeOf(row);
      if (outcome.ticketId > 0) this.#ticketOfOp.set(outcome.opId, outcome.ticketId);
      this.#outcomes.emit(outcome);
    });
    tableOf(link.connection, 'presence_event').onInsert((_, row) => {
      this.#moved(presenceEventOf(row));
    });
    if (tellsCarets(link)) {
      follow(link, 'presence_place', presencePlaceOf, this.#places);
      tableOf(link.connection, 'caret_moved').onInsert((_, { place, caret }) => {
        const event = this.#movementOf(place, caret);
        if (event) this.#moved(event);
      });
    }
    tableOf(link.connection, 'conflict_event').onInsert((_, { ticketId, opId, fileId, what }) =>
      this.#conflicts.emit({ ticketId, opId, fileId, what }),
    );
  }

  readonly #headOf = (row: Row<'file_head'>): FileHead => {
    return fileHeadOf(row, this.#otherEnds.get(row.fileId));
  };

  #readLineEnds(link: Link): void {
    this.#otherEnds.clear();
    if (!tellsLineEnds(link)) return;
    const rows = tableOf(link.connection, 'line_ends').iter();
    for (const { fileId, others } of rows) this.#otherEnds.set(fileId, others);
  }

  /** Both rows of a file that one call changes are told before anybody else runs, in either order. */
  #followLineEnds(link: Link): void {
    const ends = tableOf(link.connection, 'line_ends');
    const tell = ({ fileId, others }: Row<'line_ends'>): void => {
      if (!link.isAlive) return;
      if (others === '') this.#otherEnds.delete(fileId);
      else this.#otherEnds.set(fileId, others);
      const head = this.files.get(fileId);
      if (head) this.files.put({ ...head, otherEnds: others });
    };
    ends.onInsert((_, row) => tell(row));
    ends.onUpdate((_, _before, row) => tell(row));
    ends.onDelete((_, row) => tell({ ...row, others: '' }));
  }

  /** A short movement in full: whose it is and in which file, the rows of presence tell. */
  #movementOf(place: number, packed: bigint): PresenceEvent | undefined {
    const presence = this.presence.get(this.#places.get(place)?.connectionId ?? '');
    const head = presence && this.files.get(presence.fileId);
    if (presence === undefined || head === undefined) return undefined;
    const { line, character, version, typing } = unpackCaret(packed, head.version);
    const { connectionId, identity, fileId } = presence;
    const selection = {
      anchorLine: line,
      anchorCharacter: character,
      activeLine: line,
      activeCharacter: character,
    };
    return { connectionId, identity, fileId, version, selections: [selection], typing };
  }

  #moved(event: PresenceEvent): void {
    const isFirst = !this.#lastMovements.has(event.connectionId);
    this.#lastMovements.set(event.connectionId, event);
    this.#movements.emit(event);
    if (isFirst) this.#firstMovements.emit(event);
  }

  #learn(ticket: Ticket): void {
    this.#ticketOfOp.set(ticket.opId, ticket.ticketId);
  }
}

const THE_WORKSPACE = 1;
/** The first module level with a table of members' origins. */
const ORIGINS_LEVEL = 2;

/** Modules of 0.1.0 know no short movements. */
function tellsCarets({ moduleLevel }: Link): boolean {
  return moduleLevel >= CARETS_LEVEL;
}

/** Earlier modules know texts whose line ends are all alike. */
function tellsLineEnds({ moduleLevel }: Link): boolean {
  return moduleLevel >= LINE_ENDS_LEVEL;
}

const CARET_QUERIES = ['SELECT * FROM presence_place', 'SELECT * FROM caret_moved'];

function baseQueries(identity: string): string[] {
  return [
    'SELECT * FROM workspace',
    'SELECT * FROM workspace_member',
    'SELECT * FROM file_head',
    'SELECT * FROM soft_lock',
    'SELECT * FROM presence',
    `SELECT * FROM conflict_ticket WHERE status = 'open'`,
    `SELECT * FROM op_outcome WHERE actor = 0x${identity}`,
    'SELECT * FROM presence_event',
    'SELECT * FROM conflict_event',
  ];
}

function* map<Name extends TableName, Value>(
  link: Link,
  name: Name,
  convert: (row: Row<Name>) => Value,
): Generator<Value> {
  for (const row of tableOf(link.connection, name).iter()) yield convert(row);
}

/** The library also reports, right after the subscription, the rows that `reset` took: no change. */
function follow<Name extends TableName, Value extends object>(
  link: Link,
  name: Name,
  convert: (row: Row<Name>) => Value,
  rows: Pick<LiveRows<unknown, Value>, 'put' | 'remove'>,
): void {
  const table = tableOf(link.connection, name);
  table.onInsert((_, row) => link.isAlive && rows.put(convert(row)));
  table.onUpdate((_, _before, row) => link.isAlive && rows.put(convert(row)));
  table.onDelete((_, row) => link.isAlive && rows.remove(convert(row)));
}
