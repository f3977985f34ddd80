/**
 * Owns: what each member did last, as far as this session was told: from the newest ops, read once,
 * and from then on from the rows that are watched anyway. Does not know: how it is shown.
 */
import type { IdentityHex, OpKind } from '../core/op.ts';
import { LinkFailure } from './link-failure.ts';
import type { StopListening } from './listeners.ts';
import { readHeadSeq } from './read-head.ts';
import { opsBetween } from './read-ops.ts';
import type { FileHead } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

export interface LastAction {
  readonly kind: OpKind;
  /** 0 when it was about no file. */
  readonly fileId: number;
  readonly atMs: number;
}

export class LastActions {
  readonly #session: WorldSession;
  readonly #onChange: (identity: IdentityHex) => void;
  readonly #last = new Map<IdentityHex, LastAction>();
  readonly #stops: readonly StopListening[];

  constructor(session: WorldSession, onChange: (identity: IdentityHex) => void) {
    const { view } = session;
    this.#session = session;
    this.#onChange = onChange;
    for (const head of view.files.values()) this.#fileMoved(undefined, head);
    this.#stops = [
      view.files.onChange(({ before, after }) => {
        if (after) this.#fileMoved(before, after);
      }),
      view.notes.onChange(({ after }) => {
        if (after) this.#did(after.author, { kind: 'note', fileId: 0, atMs: after.madeAtMs });
      }),
    ];
  }

  of(identity: IdentityHex): LastAction | undefined {
    return this.#last.get(identity);
  }

  /** Looks through the newest ops: heads alone tell only who was at each file last. */
  async readNewest(): Promise<void> {
    const link = await this.#session.whenOnline();
    try {
      const headSeq = await readHeadSeq(link);
      const after = Math.max(0, headSeq - NEWEST_OPS);
      for await (const ops of opsBetween(this.#session, after, headSeq)) {
        for (const { author, kind, fileId, madeAtMicros } of ops) {
          this.#did(author, { kind, fileId, atMs: Number(madeAtMicros / 1000n) });
        }
      }
    } catch (error) {
      // What is watched goes on telling.
      if (!(error instanceof LinkFailure)) throw error;
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #fileMoved(before: FileHead | undefined, after: FileHead): void {
    const { fileId, updatedBy, updatedAtMs } = after;
    this.#did(updatedBy, { kind: kindOf(before, after), fileId, atMs: updatedAtMs });
  }

  #did(identity: IdentityHex, action: LastAction): void {
    const known = this.#last.get(identity);
    if (known && known.atMs >= action.atMs) return;
    this.#last.set(identity, action);
    this.#onChange(identity);
  }
}

const NEWEST_OPS = 1000;

function kindOf(before: FileHead | undefined, after: FileHead): OpKind {
  if (after.deleted) return 'delete';
  if (before === undefined) return after.version <= 1 ? 'create' : 'edit';
  if (before.deleted) return 'restore';
  if (before.path !== after.path) return 'rename';
  return before.version === after.version ? 'mode' : 'edit';
}
