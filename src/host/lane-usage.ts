/** How much of a lane each source has used of late by sending ahead, and who is there at all. */
export class LaneUsage {
  readonly #accounts = new Map<string, Account>();

  /** A source has used the lane for so long until now. */
  note(source: string, micros: number, nowMicros: bigint): void {
    // Never so much that it takes long to be made up for: alone, everybody may use it all.
    const usedMicros = Math.min(MOST_MICROS, this.#usedMicros(source, nowMicros) + micros);
    if (!this.#accounts.has(source) && this.#accounts.size >= ACCOUNTS_KEPT)
      this.#forget(nowMicros);
    this.#accounts.set(source, { usedMicros, atMicros: nowMicros });
  }

  /** Whether a source has used more than its burst and its part of the time since. */
  isOverShare(source: string, nowMicros: bigint): boolean {
    return this.#usedMicros(source, nowMicros) > BURST_MICROS;
  }

  /** Whether anybody but those `except` picks has used the lane within the last second. */
  isAnybodyElse(nowMicros: bigint, except: (source: string) => boolean): boolean {
    for (const [source, { atMicros }] of this.#accounts) {
      if (nowMicros - atMicros < PRESENT_MICROS && !except(source)) return true;
    }
    return false;
  }

  #usedMicros(source: string, nowMicros: bigint): number {
    const account = this.#accounts.get(source);
    if (!account) return 0;
    const elapsedMicros = Number(nowMicros - account.atMicros);
    return Math.max(0, account.usedMicros - elapsedMicros * SHARE);
  }

  #forget(nowMicros: bigint): void {
    for (const [source, { atMicros }] of this.#accounts) {
      if (nowMicros - atMicros >= PRESENT_MICROS) this.#accounts.delete(source);
    }
  }
}

interface Account {
  /** Of the lane's time, less what has become its own again since. */
  readonly usedMicros: number;
  readonly atMicros: bigint;
}

/** What anybody may use at once, such as for an edit of hundreds of files. */
const BURST_MICROS = 25_000;
const MOST_MICROS = 2 * BURST_MICROS;
/** The part of the time that is everybody's own. */
const SHARE = 0.02;
const PRESENT_MICROS = 1_000_000n;
const ACCOUNTS_KEPT = 1000;
