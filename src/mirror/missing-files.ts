/**
 * Owns: what becomes of a file of the folder that is not on disk: it may be on its way to another name, be
 * about to be written anew, have to be put, or be deleted. Does not know: how each is done.
 */
import { type DiskIntake, isPaused } from './disk-intake.ts';
import type { DiskPuts } from './disk-puts.ts';
import { removedPut } from './folder-log-entry.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { MirrorWaits } from './mirror-waits.ts';
import type { Newcomers } from './newcomers.ts';
import { isAt, type PathHeads } from './path-heads.ts';
import type { PathOutcomes } from './path-outcomes.ts';
import { GONE, type HeldWrites } from './held-writes.ts';
import { LinkInTheWay } from './pinned-folder.ts';
import type { FolderRestorations } from './restorations/folder-restorations.ts';

/** A file that vanished may be on its way to another name, or about to be written anew. */
const VANISHED_MS = 300;

export interface MissingFilesParts extends Pick<
  FolderMirrorParts,
  'files' | 'world' | 'log' | 'isGathering' | 'searchStrangers'
> {
  readonly heads: PathHeads;
  readonly held: HeldWrites;
  readonly intake: DiskIntake;
  readonly newcomers: Newcomers;
  readonly outcomes: PathOutcomes;
  readonly puts: DiskPuts;
  readonly restorations: FolderRestorations | undefined;
  readonly waits: MirrorWaits;
  readonly isHolding: () => boolean;
  /** True while paths wait to be looked at that may be another name of a file. */
  readonly hasStrangers: () => boolean;
  readonly again: (path: string) => void;
}

export class MissingFiles {
  readonly #parts: MissingFilesParts;

  constructor(parts: MissingFilesParts) {
    this.#parts = parts;
  }

  async look(path: string): Promise<void> {
    const { log, world, waits, newcomers, heads, again } = this.#parts;
    const last = log.lastPut(path);
    const head = await heads.of(path, last);
    const isHere = isAt(head, path);
    if (last === undefined) {
      const isJudged = !isHere && log.judged(path) !== undefined;
      if (isJudged && waits.isWithin(path, VANISHED_MS)) return;
      // It has another name by now, or is known to be gone.
      waits.isOver(path);
      if (isJudged) await newcomers.gone(path);
      else if (isHere && log.holders(path).length === 0 && !this.#parts.isHolding()) {
        await this.#parts.puts.put(path, head, undefined);
      }
      return;
    }
    if (newcomers.isMoving(path)) return;
    if (isHere && (await newcomers.hasStrayed(path))) return waits.isOver(path);
    if (waits.isWithin(path, VANISHED_MS)) return;
    // That it has another name now may become known later than that it is gone.
    if (waits.askOnce(path)) this.#parts.searchStrangers();
    // One of the new files may be this one under another name, also of those that came just now.
    if (this.#parts.isGathering() || this.#parts.hasStrangers()) {
      return waits.lookLater(path, VANISHED_MS);
    }
    if (!isHere) {
      this.#parts.restorations?.wentToo(path);
      waits.isOver(path);
      await log.append(removedPut(path, last));
      if (world.fileAt(path)) again(path);
      return;
    }
    // What a link took the place of is kept for others: the link says nothing about it.
    if (await this.#parts.files.isLinked(path)) throw new LinkInTheWay();
    const held = await this.#parts.held.reason(path, GONE);
    if (held) {
      waits.isOver(path);
      if (!held.isTold) await this.#parts.outcomes.tell(path, held.refused, undefined);
      return;
    }
    await heads.caughtUp();
    const isStillHere = isAt(world.file(head.fileId), path);
    const fate = isStillHere ? await this.#parts.restorations?.fateOf(path, last, head) : undefined;
    if (fate?.tag === 'later') return waits.lookLater(path, fate.delayMs);
    waits.isOver(path);
    if (fate?.tag === 'waits' || fate?.tag === 'folder') return;
    if (isStillHere) {
      const result = await this.#parts.intake.vanished(path, last, head);
      await this.#parts.outcomes.tell(path, result, undefined);
      if (isPaused(result)) return;
    }
    again(path);
  }
}
