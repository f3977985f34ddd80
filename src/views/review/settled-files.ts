/**
 * Owns: telling a world that asks for review of files in which nothing is left to look at. Does not know: who found
 * them, or how that is shown.
 */
import type { Disposable } from '../../editor/disposable-store.ts';
import { mayTellSettled } from '../../review/export-review.ts';
import type { FileDecision } from '../../review/file-decision.ts';
import { sendDecisions } from '../../review/send-decisions.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { WorldError } from '../../world/world-error.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { Coalescer, type Schedule, within } from '../coalescer.ts';

/**
 * What is told cannot be taken back. So a text stands still for so long at least: what somebody cuts out and brings back
 * at once is still to be looked at.
 */
const STILL_MS = 5_000;

export interface SettledFilesOptions {
  readonly session: WorldSession;
  readonly randomBytes: RandomBytes;
  /** The world was not told, and why: it is when the files are found again. */
  readonly onRefused: (code: string) => void;
  readonly schedule?: Schedule;
}

interface Found {
  readonly decision: FileDecision;
  /** It was like this a while ago, too. */
  isStill: boolean;
  /** Once for a version: an answer to what was told is nothing new. */
  isTold: boolean;
}

export class SettledFiles implements Disposable {
  readonly #options: SettledFilesOptions;
  readonly #ending = new AbortController();
  readonly #later: Coalescer<'look'>;
  /** By the ids of the files that were found last. */
  #found: ReadonlyMap<number, Found> = new Map();

  constructor(options: SettledFilesOptions) {
    this.#options = options;
    this.#later = new Coalescer(options.schedule ?? within(STILL_MS), () => this.#look());
  }

  /** All files in which nothing is left, as they were read last. */
  set(decisions: readonly FileDecision[]): void {
    const before = this.#found;
    this.#found = new Map(
      decisions.map((decision) => {
        const { fileId, version } = decision.head;
        const known = before.get(fileId);
        const isSame = known?.decision.head.version === version;
        const { isStill, isTold } = isSame ? known : { isStill: false, isTold: false };
        return [fileId, { decision, isStill, isTold }];
      }),
    );
    this.#lookLater(this.#found.values());
  }

  dispose(): void {
    this.#ending.abort();
    this.#later.dispose();
  }

  #lookLater(found: Iterable<Found>): void {
    const isOpen = [...found].some(({ isTold }) => !isTold);
    if (isOpen && mayTellSettled(this.#options.session)) this.#later.mark('look');
  }

  /** Tells of files that are as they were at the last look. */
  #look(): void {
    const open = [...this.#found.values()].filter(({ isTold }) => !isTold);
    const due = open.filter(({ isStill, decision }) => isStill && this.#isNewest(decision));
    const fresh = open.filter(({ isStill }) => !isStill);
    for (const found of fresh) found.isStill = true;
    this.#lookLater(fresh);
    if (due.length > 0 && mayTellSettled(this.#options.session)) void this.#tell(due);
  }

  async #tell(due: readonly Found[]): Promise<void> {
    const { session, randomBytes, onRefused } = this.#options;
    const { signal } = this.#ending;
    for (const found of due) found.isTold = true;
    try {
      const decisions = due.map(({ decision }) => decision);
      const sent = await sendDecisions(session, decisions, randomBytes, { signal });
      this.#reopen([...sent.late, ...sent.refused.map(({ decision }) => decision)]);
      for (const code of new Set(sent.refused.map(({ refusal }) => refusal.code))) onRefused(code);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof LinkFailure) && !(error instanceof WorldError)) throw error;
      this.#reopen(due.map(({ decision }) => decision));
      onRefused(error instanceof WorldError ? error.code : 'unreachable');
    }
  }

  /** They are told when they are found again, and not before: nothing is tried over and over. */
  #reopen(decisions: readonly FileDecision[]): void {
    for (const { head } of decisions) {
      const found = this.#found.get(head.fileId);
      if (found?.decision.head.version === head.version) found.isTold = false;
    }
  }

  #isNewest({ head: { fileId, version } }: FileDecision): boolean {
    return this.#options.session.view.files.get(fileId)?.version === version;
  }
}
