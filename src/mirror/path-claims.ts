/**
 * Owns: who may bind, save, put or take in the file at a path, among all windows on a folder: whose claim came
 * first. Does not know: what is done under a claim.
 */
import { isAlive } from './file-holders.ts';
import type { FolderLogEntry } from './folder-log-entry.ts';

/** Nothing that needs a claim takes so long, unless its window hangs or is offline. */
const CLAIM_MS = 3_000;

interface Claim {
  readonly claimId: string;
  readonly pid: number;
  readonly seenAtMs: number;
}

export class PathClaims {
  readonly #claims = new Map<string, Claim[]>();

  apply(entry: FolderLogEntry): void {
    if (entry.tag === 'claim') {
      const claims = this.#claims.get(entry.path) ?? [];
      const seen = { ...entry, seenAtMs: Date.now() };
      const at = claims.findIndex(({ claimId }) => claimId === entry.claimId);
      // One that is made again lasts longer, and keeps its turn.
      this.#claims.set(entry.path, at < 0 ? [...claims, seen] : claims.with(at, seen));
    } else if (entry.tag === 'unclaim') this.#drop(entry.path, entry.claimId);
  }

  /**
   * In how many milliseconds the claim before this one counts no more; undefined when there is none. A claim
   * that lasts for too long, or whose window ended, counts no more.
   */
  waitMs(path: string, claimId: string): number | undefined {
    const first = this.#first(path);
    if (first === undefined || first.claimId === claimId) return undefined;
    return CLAIM_MS - (Date.now() - first.seenAtMs);
  }

  /** The windows that made them have ended. */
  clear(): void {
    this.#claims.clear();
  }

  #first(path: string): Claim | undefined {
    const claims = this.#claims.get(path) ?? [];
    const live = claims.filter(
      ({ seenAtMs, pid }) => Date.now() - seenAtMs < CLAIM_MS && isAlive(pid),
    );
    this.#claims.set(path, live);
    return live[0];
  }

  #drop(path: string, claimId: string): void {
    const claims = this.#claims.get(path)?.filter((claim) => claim.claimId !== claimId) ?? [];
    if (claims.length > 0) this.#claims.set(path, claims);
    else this.#claims.delete(path);
  }
}
