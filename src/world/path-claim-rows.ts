import { PATH_CLAIMS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import type { ClaimedPaths } from '../core/path-claim.ts';
import { type Row, tableOf } from './bindings.ts';
import { identityHex } from './identity-hex.ts';
import type { Link } from './link.ts';
import { LiveRows } from './live-rows.ts';

/** A claim on a path, or on all that a glob stands for. */
export interface PathClaim extends ClaimedPaths {
  readonly claimId: number;
  readonly requestId: string;
  readonly holder: IdentityHex;
  /** The file that was at the path then, which is claimed by any name; 0 for none. */
  readonly fileId: number;
  readonly reason: string;
  /** Of a lease, unless it is renewed. */
  readonly expiresAtMs: number;
  readonly isLease: boolean;
  /** When it ends at the latest. */
  readonly lastsUntilMs: number;
}

/** Says that a claim on lines is a lease. */
export interface LockLease {
  readonly lockId: number;
  readonly holder: IdentityHex;
  readonly lastsUntilMs: number;
}

/** Follows the claims on files and folders of a world whose module has them, and which claims are leases. */
export class PathClaimRows {
  /** By the claim's number. */
  readonly claims: LiveRows<number, PathClaim>;
  /** By the number of the claim on lines. */
  readonly leases: LiveRows<number, LockLease>;

  constructor(onError: (error: unknown) => void) {
    this.claims = new LiveRows(({ claimId }) => claimId, onError);
    this.leases = new LiveRows(({ lockId }) => lockId, onError);
  }

  static queriesFor({ moduleLevel }: Link): readonly string[] {
    if (moduleLevel < PATH_CLAIMS_LEVEL) return [];
    return ['SELECT * FROM path_claim', 'SELECT * FROM lock_lease'];
  }

  /** Reads what the link's subscription brought, and follows it. */
  attach(link: Link): void {
    if (link.moduleLevel < PATH_CLAIMS_LEVEL) return;
    const claims = tableOf(link.connection, 'path_claim');
    const leases = tableOf(link.connection, 'lock_lease');
    this.claims.reset(Array.from(claims.iter(), pathClaimOf));
    this.leases.reset(Array.from(leases.iter(), leaseOf));
    const putClaim = (row: Row<'path_claim'>): void => {
      if (link.isAlive) this.claims.put(pathClaimOf(row));
    };
    const putLease = (row: Row<'lock_lease'>): void => {
      if (link.isAlive) this.leases.put(leaseOf(row));
    };
    claims.onInsert((_, row) => putClaim(row));
    claims.onUpdate((_, _before, row) => putClaim(row));
    claims.onDelete((_, row) => link.isAlive && this.claims.remove(pathClaimOf(row)));
    leases.onInsert((_, row) => putLease(row));
    leases.onUpdate((_, _before, row) => putLease(row));
    leases.onDelete((_, row) => link.isAlive && this.leases.remove(leaseOf(row)));
  }
}

function pathClaimOf(row: Row<'path_claim'>): PathClaim {
  const { claimId, requestId, pattern, isGlob, fileId, reason, isLease } = row;
  return {
    claimId,
    requestId,
    holder: identityHex(row.holder),
    pattern,
    isGlob,
    fileId,
    reason,
    expiresAtMs: millisecondsOf(row.expiresAt),
    isLease,
    lastsUntilMs: millisecondsOf(row.lastsUntil),
  };
}

function leaseOf(row: Row<'lock_lease'>): LockLease {
  const { lockId, lastsUntil } = row;
  return { lockId, holder: identityHex(row.holder), lastsUntilMs: millisecondsOf(lastsUntil) };
}

function millisecondsOf(timestamp: { readonly microsSinceUnixEpoch: bigint }): number {
  return Number(timestamp.microsSinceUnixEpoch / 1000n);
}
