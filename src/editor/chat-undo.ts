/**
 * Owns: what becomes of old text that the editor's chat puts back into an open document over others' work: it is put
 * away again, and asked about with what folders ask. Does not know: how a change is told for the chat's.
 */
import type { IdentityHex } from '../core/op.ts';
import { NO_GIT } from '../mirror/folder-git.ts';
import type { AskedTexts } from '../mirror/restorations/asked-texts.ts';
import { PastJudge } from '../mirror/restorations/past-judge.ts';
import { PastOfAgents } from '../mirror/restorations/past-of-agents.ts';
import type { RestorationDesk } from '../mirror/restorations/restoration-desk.ts';
import { freshIn, type Restored } from '../mirror/restorations/restoration-judge.ts';
import { WorldPast } from '../mirror/restorations/world-past.ts';
import type { DocumentBinding } from '../sync/document-binding.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import type { DoubtedChange } from '../sync/old-text.ts';
import type { SyncLog } from '../sync/ports.ts';
import type { Clock } from '../world/clock.ts';
import type { WorldSession } from '../world/world-session.ts';

export interface ChatUndoParts {
  readonly session: WorldSession;
  readonly clock: Clock;
  readonly desk: Pick<RestorationDesk, 'rule'>;
  readonly asked: AskedTexts;
  readonly chatAgent: () => Promise<IdentityHex | undefined>;
  readonly newId: () => string;
  readonly output: SyncLog;
  readonly signal: AbortSignal;
}

/** A document whose change is looked at. */
export interface LookedAt {
  readonly binding: DocumentBinding;
  readonly fileId: number;
  readonly path: string;
}

/** What cannot be judged within so long is sent as it is. */
const MOST_MS = 5_000;
/** So often it is judged anew because others wrote meanwhile. */
const TRIES = 4;

export class ChatUndo {
  readonly #parts: ChatUndoParts;
  readonly #past: WorldPast;

  constructor(parts: ChatUndoParts) {
    this.#parts = parts;
    this.#past = new WorldPast(parts.session, parts.signal);
  }

  /** Looks at what is in doubt under these numbers; afterwards what remains of it may be sent. Never rejects. */
  async look(document: LookedAt, doubts: ReadonlySet<number>): Promise<void> {
    const { session, clock, signal, desk, output } = this.#parts;
    try {
      // Before that nothing is sent anyway.
      await session.whenOnline(signal);
      if (desk.rule() !== 'ask') return;
      const late = Promise.withResolvers<void>();
      const cancel = clock.after(MOST_MS, () => late.resolve());
      await Promise.race([this.#look(document, doubts), late.promise]);
      cancel();
    } catch (error) {
      output.warn('editor.chat_unjudged', { error: String(error) });
    }
  }

  async #look(document: LookedAt, doubts: ReadonlySet<number>): Promise<void> {
    try {
      for (let left = TRIES; left > 0; left--) {
        const doubted = await document.binding.doubted(doubts);
        if (!doubted || (await this.#isDealtWith(document, doubts, doubted))) return;
      }
    } catch (error) {
      this.#parts.output.warn('editor.chat_unjudged', { error: String(error) });
    }
  }

  async #isDealtWith(
    { binding, fileId, path }: LookedAt,
    doubts: ReadonlySet<number>,
    doubted: DoubtedChange,
  ): Promise<boolean> {
    const { asked, newId } = this.#parts;
    const restored = await this.#judge(fileId, path, doubted);
    if (!restored || restored.restoring.length === 0) return true;
    const { owners } = restored;
    const { old, returned, fresh } = partsOf(restored);
    const askId = newId();
    const { version } = doubted;
    // Before it goes from the document: a crash loses no side of it.
    await asked.keep({
      askId,
      opId: newId(),
      fileId,
      path,
      version,
      changes: old,
      returned,
      owners,
    });
    const isOut = binding.takeOut(doubts, doubted, fresh);
    if (isOut) asked.ask(askId);
    else await asked.forget(askId);
    return isOut;
  }

  async #judge(
    fileId: number,
    path: string,
    { version, before, changes }: DoubtedChange,
  ): Promise<Restored | undefined> {
    const { chatAgent, clock } = this.#parts;
    const agent = await chatAgent();
    const past = new PastOfAgents(this.#past, new Set(agent === undefined ? [] : [agent]));
    const after = before.apply(changes);
    const text = after.toString();
    const bytes = new TextEncoder().encode(text);
    // A whole text has come as one change, though most of it is as it was.
    const write = { path, fileId, version, before, after, bytes, byGit: false };
    const judge = new PastJudge(past, NO_GIT, clock);
    return judge.judge({ ...write, changes: minimalChanges(before, text) });
  }
}

/** What puts others' work away, and the rest. */
function partsOf(restored: Restored): Pick<Restored, 'returned'> & {
  readonly old: Restored['changes'];
  readonly fresh: Restored['changes'];
} {
  const { changes, restoring, returned } = restored;
  const places = new Map(restoring.map((from, to) => [from, to]));
  return {
    old: restoring.map((index) => changes[index]!),
    returned: returned.flatMap((piece) => {
      const change = places.get(piece.change);
      return change === undefined ? [] : [{ ...piece, change }];
    }),
    fresh: freshIn(restored),
  };
}
