import type { SchemaKit } from './schema-types.ts';

/** Claims on whole files and folders, and which claims end with the session that made them. */
export function claimTables({ t, table }: SchemaKit) {
  return {
    /** A claim on a path, or on all that a glob stands for; files to come are in it. */
    path_claim: table(
      { name: 'path_claim', public: true },
      {
        claimId: t.u32().primaryKey().autoInc(),
        /** The id its holder asked under: lets them know it again, and makes a retry harmless. */
        requestId: t.string(),
        holder: t.identity().index('btree'),
        pattern: t.string(),
        isGlob: t.bool(),
        /** The file that was at a path when it was claimed, which is claimed by any name; 0 for none. */
        fileId: t.u32().index('btree'),
        /** The key of the path, or of the folder that all of it is in. */
        baseKey: t.string().index('btree'),
        reason: t.string(),
        acquiredAt: t.timestamp(),
        expiresAt: t.timestamp(),
        /** It is a lease: renewed up to `lastsUntil` for as long as somebody says so. */
        isLease: t.bool(),
        lastsUntil: t.timestamp(),
      },
    ),
    /** Claims on lines that are leases, by the number of their row in `soft_lock`. */
    lock_lease: table(
      { name: 'lock_lease', public: true },
      {
        lockId: t.u32().primaryKey(),
        holder: t.identity().index('btree'),
        lastsUntil: t.timestamp(),
      },
    ),
  };
}
