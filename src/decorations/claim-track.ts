import type { Changes } from '../core/change.ts';
import { touchesClaim } from '../core/claimed-lines.ts';
import { type LineRange, mapLineRange } from '../core/map-position.ts';

/** A claim where one document shows its lines. */
export interface PlacedClaim extends LineRange {
  /** Of a claim on a file or folder, its number with a minus: it is on all lines. */
  readonly lockId: number;
}

/** The claims in one document, moved along with its text until the world says where they are. */
export class ClaimTrack {
  #claims: readonly PlacedClaim[] = [];

  get claims(): readonly PlacedClaim[] {
    return this.#claims;
  }

  /** Replaces what is known. */
  put(claims: readonly PlacedClaim[]): void {
    this.#claims = claims;
  }

  /** The claims that changes of the document, as it is now, touch by the world's own rule. */
  touchedBy(changes: Changes): readonly PlacedClaim[] {
    return this.#claims.filter((claim) => touchesClaim(changes, claim));
  }

  /** Moves all claims over a change of the document; says whether any is elsewhere now. */
  move(changes: Changes): boolean {
    let isMoved = false;
    this.#claims = this.#claims.map((claim) => {
      const moved = mapLineRange(claim, changes);
      if (moved.firstLine === claim.firstLine && moved.lastLine === claim.lastLine) return claim;
      isMoved = true;
      return { lockId: claim.lockId, ...moved };
    });
    return isMoved;
  }
}
