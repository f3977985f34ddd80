/** Stable codes of what a world refuses; each leaves everything as it was. */
export type RefusalCode =
  | 'not_a_member'
  | 'paused'
  | 'forbidden'
  | 'out_of_scope'
  | 'no_such_file'
  | 'path_taken'
  | 'bad_path'
  | 'bad_range'
  | 'bad_text'
  | 'bad_request'
  | 'op_id_reused'
  | 'stale_retry'
  | 'bad_clock'
  | 'too_large'
  | 'too_many'
  | 'too_much_work'
  | 'quota_exceeded'
  | 'too_stale'
  | 'locked'
  | 'no_such_lock'
  | 'no_such_ticket'
  | 'no_such_restoration'
  | 'no_such_turn'
  | 'already_resolved'
  | 'head_moved'
  | 'unreviewed'
  | 'upgrade_needed'
  | 'no_such_invite'
  | 'invite_suspended'
  | 'invite_outdated'
  | 'no_such_member'
  | 'already_configured'
  | 'importing'
  | 'bad_log';

/**
 * An expected refusal. Callers get `code: message` and, where there are details, a JSON object on
 * the next line.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly details: object | undefined;

  constructor(code: RefusalCode, message: string, details?: object) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** What the caller is sent. */
  toWire(): string {
    const text = `${this.code}: ${this.message}`;
    return this.details ? `${text}\n${JSON.stringify(this.details)}` : text;
  }
}

/**
 * The refusal to tell again what became of a call. The call itself was taken, so it is not remembered as a
 * refused one: who may ask again later is told the truth.
 */
export class RepeatRefusal extends Refusal {}

/** Refuses unless the condition holds. */
export function demand(condition: boolean, code: RefusalCode, message: string): asserts condition {
  if (!condition) throw new Refusal(code, message);
}
