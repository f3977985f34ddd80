/**
 * Owns: what is told of what became of a path, taken, refused or failed, and when what failed is tried again.
 * Does not know: what was done.
 */
import { systemCode } from '../host/host-error.ts';
import { diskFaultOf, FileTooLarge } from './disk-files.ts';
import { type IntakeResult, isPaused } from './disk-intake.ts';
import { DiskTroubles } from './disk-troubles.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { HeldWrites } from './held-writes.ts';
import type { MirrorEvent } from './mirror-event.ts';
import type { Refused } from './mirror-world.ts';
import type { MirrorWaits } from './mirror-waits.ts';
import type { Obstacles } from './obstacles.ts';
import { TooLarge } from './too-large.ts';

export interface PathOutcomesParts extends Pick<
  FolderMirrorParts,
  'limits' | 'onInside' | 'onOutside' | 'report' | 'keepCopy' | 'output' | 'world'
> {
  readonly waits: MirrorWaits;
  readonly obstacles: Obstacles;
  readonly held: HeldWrites;
}

/** `copy`: where the bytes are that were not taken; empty for nowhere. */
export type ToldResult = IntakeResult & { readonly copy?: string };

/** What is held and need not be is looked at again after this time. */
const HELD_MS = 3_000;
/** So many paths are remembered for whoever asks what became of them. */
const MOST_RESULTS = 256;

const FINISHED = {
  tag: 'refused',
  code: 'half_written',
  message:
    'A program that wrote there was ended half-way. It is finished now; what was there is kept.',
} as const;

export class PathOutcomes {
  readonly tooLarge: TooLarge;
  readonly #parts: PathOutcomesParts;
  /** What became last of what was found at a path. */
  readonly #last = new Map<string, ToldResult>();
  /** Paths that the disk refused at the last look. */
  readonly #troubles = new DiskTroubles();

  constructor(parts: PathOutcomesParts) {
    this.#parts = parts;
    this.tooLarge = new TooLarge(parts);
  }

  /** `bytes` are about to give way to the world's: what it did not take of them is copied first. */
  async tell(path: string, result: IntakeResult, bytes: Uint8Array | undefined): Promise<void> {
    const { report, keepCopy } = this.#parts;
    this.#remember(path, result);
    if (isPaused(result)) return this.#tellPaused(path, result);
    if (result.tag === 'taken' && result.isEvened) report({ tag: 'evened', path });
    if (result.tag === 'ticketed') report({ tag: 'ticketed', path, ticketId: result.ticketId });
    if (result.tag !== 'refused') return;
    const copy = bytes === undefined ? '' : await keepCopy(path, bytes);
    this.#remember(path, { ...result, copy });
    report({ ...result, path, copy });
  }

  /** What is at a path stays there for as long as whoever wrote it is paused. */
  async #tellPaused(path: string, { message, details }: Refused): Promise<void> {
    const { held, waits, world } = this.#parts;
    held.add(path);
    // They may have been let go on before this was known here: then nothing tells of it any more.
    if (!(await world.pausedAt(path))) waits.lookLater(path, HELD_MS);
    const text = `${message}. It stays on disk, and is judged when they may write again.`;
    const said = { path, code: 'paused', message: text, copy: '', ...(details && { details }) };
    this.#parts.report({ tag: 'refused', ...said });
  }

  /** A write in place that a killed process began is about to be finished. */
  async finishes(path: string, bytes: Uint8Array): Promise<void> {
    const { report, keepCopy } = this.#parts;
    report({ ...FINISHED, path, copy: await keepCopy(path, bytes) });
  }

  /** What became last of what a tool wrote at a path, once. */
  takeLast(path: string): ToldResult | undefined {
    const result = this.#last.get(path);
    this.#last.delete(path);
    return result;
  }

  /** A file that was away for a moment is not waited for any longer. */
  isInStep(path: string): void {
    this.#parts.waits.isOver(path);
    this.isWell(path);
  }

  isWell(path: string): void {
    this.#troubles.isWell(path);
    this.tooLarge.fits(path);
  }

  /** Nothing is given up: the path is looked at again, the later the longer it fails. */
  failed(path: string, error: unknown): void {
    const { output, world, waits, obstacles } = this.#parts;
    // It is known what happened there: that it fails.
    waits.isOver(path);
    if (error instanceof FileTooLarge) {
      return this.tooLarge.found(path, error, world.fileAt(path) !== undefined);
    }
    const fault = diskFaultOf(error);
    const code = fault ?? 'mirror_failed';
    const cause = error instanceof Error ? systemCode(error.cause) : undefined;
    output.warn('mirror.failed', { path, code, error: String(error), ...(cause && { cause }) });
    waits.lookLater(path, this.#troubles.failed(path, fault));
    if (fault === 'disk_in_the_way' || fault === 'disk_link') obstacles.wait(path, path);
  }

  #remember(path: string, result: ToldResult): void {
    if (result.tag === 'nothing') return;
    this.#last.delete(path);
    this.#last.set(path, result);
    const [oldest] = this.#last.keys();
    if (this.#last.size > MOST_RESULTS && oldest !== undefined) this.#last.delete(oldest);
  }

  /** What the disk has refused since this was last called. */
  takeUntold(): readonly MirrorEvent[] {
    return this.#troubles.takeUntold();
  }
}
