import { CAPABILITIES } from './op-payload.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { MOST_RUNS } from './other-ends.ts';
import { PATH_LIMITS } from './path.ts';
import { GLOB_LIMITS } from './path-glob.ts';
import { DEFAULT_QUOTAS } from './quota.ts';
import {
  ENDED_RESTORATIONS,
  RESTORATION_LISTS_BYTES,
  STANDING_RESTORATIONS,
} from './restoration-action.ts';
import { OPEN_TURNS, TURN_NAME_LENGTH } from './turn-mark.ts';
import { TICKET_TEXTS } from './ticket-texts.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * What is written must fit into what carries it: each size here is at most what the one it goes into
 * leaves it, which a test computes. Bytes; texts in UTF-8.
 */
export const SIZES = {
  /** From a client to a server: SpacetimeDB closes the connection above it. */
  message: 32 * MIB,
  /** All ops that one call writes, encoded: a restore sends a batch in one call. */
  batchLog: 28 * MIB,
  /** An answer to a query; a single longer row comes alone. */
  answer: 4 * MIB,
  /** A row that everybody subscribes to. */
  subscribedRow: TICKET_TEXTS.rowBytes,
  /** Rows of a ticket's long texts, and parts of binary files. */
  piece: 256 * KIB,
  /** Globs of a member's scope, together. */
  globs: 8 * KIB,
  /** An entry of an archive. 0.1.0 wrote ops of up to 20 MiB of text, which their JSON can make six times as long. */
  archiveEntry: 160 * MIB,
} as const;

/** How many pieces are asked for together. */
export const PIECES_PER_ANSWER = 15;

/** JSON has a control character as six. */
const JSON_GROWTH = 6;
/** Columns of an op besides its text. */
const OP_FRAME_BYTES = 1 * KIB;
const CHARACTER_BYTES = 3;

/**
 * The most that an owner may set a limit to: above it something would not fit. Of limits that are not
 * here any number will do. What a world of 0.1.0 has above it stays as it is.
 */
export const HIGHEST_LIMITS: Partial<Limits> = {
  textFileBytes: 4 * MIB,
  binaryFileBytes: 24 * MIB,
  batchBytes: 24 * MIB,
  changesPerOp: 20_000,
  overlapsPerOp: 16_384,
  ticketTextBytes: 1 * MIB,
  nameLength: 500,
  noteLength: 5000,
  scopesPerMember: 256,
};

/** The first limit that is higher than it may be and was not so before; undefined when all will do. */
export function tooHigh(limits: Limits, before: Limits): keyof Limits | undefined {
  const names = Object.keys(HIGHEST_LIMITS) as (keyof Limits)[];
  return names.find((name) => limits[name] > Math.max(HIGHEST_LIMITS[name]!, before[name]));
}

/** The longest rows of the tables that everybody subscribes to. */
export function subscribedRowBytes(limits: Limits) {
  const name = 4 + CHARACTER_BYTES * limits.nameLength;
  const capabilities = CAPABILITIES.reduce((sum, each) => sum + 4 + each.length, 0);
  const scope = 4 * (1 + limits.scopesPerMember) + SIZES.globs;
  const path = 4 + PATH_LIMITS.pathBytes;
  const pattern = 4 + Math.max(PATH_LIMITS.pathBytes, CHARACTER_BYTES * GLOB_LIMITS.length);
  const id = 4 + 36;
  return {
    workspace: 3 * 4 + name + 4 * 80 + SMALL_COLUMNS + LIMITS_JSON_BYTES,
    workspace_member: 3 * name + capabilities + scope + 64 + SMALL_COLUMNS,
    file_head: path + CHARACTER_BYTES * path + SMALL_COLUMNS,
    soft_lock: name + id + SMALL_COLUMNS,
    path_claim: pattern + CHARACTER_BYTES * pattern + name + id + SMALL_COLUMNS,
    lock_lease: 64,
    note: 4 + CHARACTER_BYTES * limits.noteLength + SMALL_COLUMNS,
    presence: name + SMALL_COLUMNS,
    conflict_ticket: TICKET_TEXTS.rowBytes,
    restoration: RESTORATION_LISTS_BYTES + name + SMALL_COLUMNS,
    line_ends: 3 * 4 + BYTES_PER_RUN * MOST_RUNS,
    unreviewed_file: 16,
    member_pause: 76,
    turn: 3 * (4 + CHARACTER_BYTES * TURN_NAME_LENGTH) + name + 4 + 64 + SMALL_COLUMNS,
  };
}

/** Two numbers of lines, of which no text has ten millions, and what stands around them. */
const BYTES_PER_RUN = 16;

/**
 * Who left, and what was deleted, goes on having a row, since the history speaks of it: with them there are at
 * most so many times as many as the limits of members and files say.
 */
export const WITH_FORMER = 5;

/** Connections of one member that everybody is shown. */
export const PLACES_PER_MEMBER = 64;

/** How many rows of each there can be for somebody who connects. Notes have a quota of their own. */
export function subscribedRows({ members, files, ...limits }: Limits) {
  const everMembers = WITH_FORMER * members;
  return {
    workspace: 1,
    workspace_member: everMembers,
    file_head: WITH_FORMER * files,
    soft_lock: members * limits.locksPerMember,
    path_claim: members * limits.locksPerMember,
    lock_lease: members * limits.locksPerMember,
    note: everMembers * DEFAULT_QUOTAS.memberNotes,
    presence: members * PLACES_PER_MEMBER,
    conflict_ticket: everMembers * limits.openTicketsPerMember,
    restoration: everMembers * (STANDING_RESTORATIONS + ENDED_RESTORATIONS),
    line_ends: WITH_FORMER * files,
    unreviewed_file: WITH_FORMER * files,
    member_pause: members,
    turn: members * OPEN_TURNS,
  };
}

export type SubscribedTable = keyof ReturnType<typeof subscribedRows>;

/** What connecting to the largest world would bring, and of that what one member can cause. */
export function firstSubscriptionBytes(limits: Limits): {
  readonly table: SubscribedTable;
  readonly rows: number;
  readonly rowBytes: number;
  readonly bytes: number;
}[] {
  const rowBytes = subscribedRowBytes(limits);
  const rows = subscribedRows(limits);
  return (Object.keys(rows) as SubscribedTable[]).map((table) => ({
    table,
    rows: rows[table],
    rowBytes: rowBytes[table],
    bytes: rows[table] * rowBytes[table],
  }));
}

/** The most that an op of one edit takes in the log, as a conflict. */
export function largestOpBytes({ textFileBytes, changesPerOp, overlapsPerOp }: Limits): number {
  const change = 90;
  const number = 11;
  return (
    JSON_GROWTH * textFileBytes +
    changesPerOp * change +
    2 * overlapsPerOp * number +
    OP_FRAME_BYTES
  );
}

/** Paths of files that move together, before and after: what one ticket of them has to hold. */
export const MOVED_PATH_BYTES = 512 * KIB;

export const LARGEST_OP_BYTES = largestOpBytes(DEFAULT_LIMITS);

/** Identities, numbers, times and words of a fixed length. */
const SMALL_COLUMNS = 384;
const LIMITS_JSON_BYTES = 2 * KIB;
