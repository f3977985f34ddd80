/**
 * Work is counted in units of about 100 ns on a small machine. A call that would need more than its budget
 * is not run to its end: an engine has one thread for each world, the embedded host one for all of them.
 */
export const WORK_UNITS = {
  /** A row read or written, its encoding included. */
  row: 40,
  /** An op written, with its link in the chain. */
  op: 200,
  /** An op that an edit is moved over. */
  crossedOp: 2,
  /** A change looked at while moving it over an op that shares lines with it. */
  change: 1,
} as const;

/** Changes that are only counted along while others are compared. */
const CHANGES_PER_UNIT = 4;
/** Bytes that are hashed, copied or cut into lines. */
const BYTES_PER_UNIT = 4;
/** A change put into a text; most pay for being checked as well. */
const UNITS_PER_CHANGE = 8;
/** Parts of a text that are copied or hashed with every op on it. */
const GROUPS_PER_UNIT = 8;

const HEAVY = 8_000_000;
const MEDIUM = 4_000_000;
const LIGHT = 1_000_000;

/** What one call of each reducer may cost. Each has its place here; a test sees to it. */
export const WORK_BUDGETS = {
  apply_file_ops: HEAVY,
  type_text: HEAVY,
  return_text: HEAVY,
  create_file: HEAVY,
  import_files: HEAVY,
  replace_content: HEAVY,
  rename_files: HEAVY,
  change_files: HEAVY,
  resolve_conflict: HEAVY,
  resolve_ticket: HEAVY,
  rename_file: MEDIUM,
  delete_file: MEDIUM,
  restore_file: MEDIUM,
  set_file_mode: MEDIUM,
  set_line_ends: MEDIUM,
  checkpoint_file: HEAVY,
  rebuild_file_from_snapshot: HEAVY,
  acquire_soft_lock: MEDIUM,
  release_soft_lock: LIGHT,
  lease_lines: MEDIUM,
  claim_path: HEAVY,
  release_path: LIGHT,
  renew_leases: LIGHT,
  update_presence: LIGHT,
  take_place: LIGHT,
  move_caret: LIGHT,
  create_invite: LIGHT,
  revoke_invite: LIGHT,
  end_invite: LIGHT,
  set_member: LIGHT,
  remove_member: MEDIUM,
  set_profile: LIGHT,
  set_policy: LIGHT,
  set_quotas: LIGHT,
  set_restorations: LIGHT,
  set_export_rule: LIGHT,
  begin_turn: LIGHT,
  end_turn: LIGHT,
  erase_prompt: LIGHT,
  take_session: LIGHT,
  rename_world: LIGHT,
  add_note: LIGHT,
  mark_git_point: MEDIUM,
  ask_restoration: LIGHT,
  answer_restoration: LIGHT,
  withdraw_restoration: LIGHT,
  review_files: HEAVY,
  review_and_tell: HEAVY,
  configure_world: LIGHT,
  /** Nobody else is in such a world, and what older versions took without a budget must come in again. */
  import_log: 5 * HEAVY,
  /** Goes on with what is left when it is called again. */
  maintain: MEDIUM,
  init: LIGHT,
  client_connected: LIGHT,
  client_disconnected: LIGHT,
  join: LIGHT,
  hello: LIGHT,
} as const;

export type BudgetedCall = keyof typeof WORK_BUDGETS;

/** What an edit that goes beyond its budget may cost on top, to be kept as a ticket. */
export const TICKET_WORK = 6_000_000;

/**
 * What reading a text may cost on top of a call's budget: without its text, nothing could be done with a
 * file. The world writes snapshots early enough that this is never met by files that it was told of.
 */
export const FOLD_WORK = 60_000_000;

/** What a call may cost to find out whether its text came back; what would cost more is not looked at. */
export const RETURNED_WORK = 4_000_000;

/** A call needs more work than its budget allows. */
export class TooMuchWork extends Error {
  constructor() {
    super('the call needs more work than one call may cost');
  }
}

/** Where work is counted. */
export interface Meter {
  /** Throws `TooMuchWork` when no more may be spent. */
  spend(units: number): void;
}

/** The work of one call. */
export class Work implements Meter {
  #left: number;
  #spent = 0;

  constructor(budget: number) {
    this.#left = budget;
  }

  get spent(): number {
    return this.#spent;
  }

  get left(): number {
    return this.#left;
  }

  spend(units: number): void {
    this.#spent += units;
    this.#left -= units;
    if (this.#left < 0) throw new TooMuchWork();
  }

  /** Goes on with so much and no more, whatever is left. */
  allow(units: number): void {
    this.#left = units;
  }
}

/** What moving changes over others costs when only `shared` of both may be compared with each other. */
export function crossingUnits(changes: number, others: number, shared: number): number {
  return WORK_UNITS.crossedOp + shared * WORK_UNITS.change + (changes + others) / CHANGES_PER_UNIT;
}

export function byteUnits(bytes: number): number {
  return bytes / BYTES_PER_UNIT;
}

/** What so many changes to a text of so many groups cost, with its hash after them. */
export function textUnits(changes: number, groups: number): number {
  return (1 + changes) * (UNITS_PER_CHANGE + groups / GROUPS_PER_UNIT);
}
