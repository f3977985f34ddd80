const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * The most bytes that each thing may take that a module keeps in memory from one call to the next. Losing
 * any of them costs time only. A server gives a module 928 MiB in all, and the largest call needs most of
 * that, so together they stay below `ALL_CACHES_BYTES`.
 */
export const CACHE_BYTES = {
  /** Texts of recent versions (`text-cache.ts`). */
  texts: 160 * MIB,
  /** How stored parts of texts are cut, with the hashes of their chunks (`content-store.ts`). */
  cuts: 24 * MIB,
  /** Refusals that a copy of the call is told again (`refused-calls.ts`). */
  refusals: 16 * MIB,
  /** What each member, connection or route may spend at present; of each of the rates. */
  rates: MIB,
  /** Spellings of identities: for reading, and in the encoders of the chain. */
  identities: MIB,
  /** What members have written (`usage.ts`). */
  usage: MIB,
  /** What the writers of hashes keep for the next use; of each of them. */
  writer: 4 * MIB,
} as const;

/** How many there are of those that are kept several times. */
export const CACHE_COUNTS: Readonly<Record<keyof typeof CACHE_BYTES, number>> = {
  texts: 1,
  cuts: 1,
  refusals: 1,
  rates: 8,
  identities: 3,
  usage: 1,
  writer: 3,
};

export const ALL_CACHES_BYTES = 256_000_000;
