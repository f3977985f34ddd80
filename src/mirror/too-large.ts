/**
 * Owns: which files of a folder are larger than its world takes, and that each is told once. They stay as they
 * are on disk, the world keeps what it had, and everything else goes on. Does not know: how files are read.
 */
import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import { detectContent } from '../world/text-format.ts';
import { type DiskFile, FileTooLarge } from './disk-files.ts';
import type { Refused } from './mirror-world.ts';
import type { MirrorEvent } from './mirror-event.ts';

export interface TooLargeParts {
  /** What the world takes; the defaults where it has not said. */
  readonly limits?: (() => Limits) | undefined;
  readonly onOutside: (path: string, refusal: Refused) => void;
  /** A file that was too large is not any more. */
  readonly onInside?: ((path: string) => void) | undefined;
  readonly report: (event: MirrorEvent) => void;
}

export class TooLarge {
  readonly #parts: TooLargeParts;
  readonly #paths = new Set<string>();

  constructor(parts: TooLargeParts) {
    this.#parts = parts;
  }

  /** Those that are too large as far as it is known. */
  get paths(): Iterable<string> {
    return this.#paths;
  }

  /** Nothing longer needs to be read. */
  get mostBytes(): number {
    return mostBytesOf(this.#limits);
  }

  /** Throws `FileTooLarge` for what the world would refuse, before anything is made of it. */
  demandFits(disk: DiskFile): void {
    demandFits(disk, this.#limits);
  }

  /** `isInWorld`: the world has a file there, which it keeps as it is. */
  found(path: string, { message }: FileTooLarge, isInWorld: boolean): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    const code = 'too_large';
    this.#parts.onOutside(path, { tag: 'refused', code, message });
    if (isInWorld) this.#parts.report({ tag: 'refused', path, code, message, copy: '' });
  }

  fits(path: string): void {
    if (this.#paths.delete(path)) this.#parts.onInside?.(path);
  }

  get #limits(): Limits {
    return this.#parts.limits?.() ?? DEFAULT_LIMITS;
  }
}

export function demandFits(
  { bytes }: Pick<DiskFile, 'bytes'>,
  { textFileBytes, binaryFileBytes }: Limits,
): void {
  if (bytes.length <= Math.min(textFileBytes, binaryFileBytes)) return;
  const { kind } = detectContent(bytes);
  const most = kind === 'text' ? textFileBytes : binaryFileBytes;
  if (bytes.length > most) throw new FileTooLarge(bytes.length, most);
}

/** Nothing longer is taken, whatever it is. */
export function mostBytesOf({ textFileBytes, binaryFileBytes }: Limits): number {
  return Math.max(textFileBytes, binaryFileBytes);
}
