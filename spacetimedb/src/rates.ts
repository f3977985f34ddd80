import { CACHE_BYTES } from '../../src/core/cache-sizes.ts';
import { bytesOfString, CountedCache } from './counted-cache.ts';
import { Refusal } from './refusal.ts';

interface Bucket {
  /** What may be spent at once, as of `atMicros`. */
  left: number;
  atMicros: bigint;
}

/**
 * Keeps callers below a rate, with bursts of two seconds' worth. Kept in memory only: a restart
 * forgives everybody, and no write is needed to refuse one.
 */
export class RateLimiter {
  readonly #buckets = new CountedCache<string, Bucket>(
    CACHE_BYTES.rates,
    (key) => bytesOfString(key) + BUCKET_BYTES,
  );

  /** Takes `amount` from what `key` may spend. Refuses with `too_many` when it is not there. */
  spend(key: string, amount: number, perSecond: number, nowMicros: bigint): void {
    const bucket = this.#bucket(key, perSecond, nowMicros);
    const elapsedMicros = Number(nowMicros - bucket.atMicros);
    if (elapsedMicros > 0) {
      const regained = (elapsedMicros * perSecond) / 1_000_000;
      bucket.left = Math.min(BURST_SECONDS * perSecond, bucket.left + regained);
      bucket.atMicros = nowMicros;
    }
    // What is larger than any burst could never pass; sizes have limits of their own.
    const price = Math.min(amount, BURST_SECONDS * perSecond);
    if (bucket.left < price) throw new Refusal('too_many', 'too much at once; try again shortly');
    bucket.left -= price;
  }

  #bucket(key: string, perSecond: number, nowMicros: bigint): Bucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    const bucket = { left: BURST_SECONDS * perSecond, atMicros: nowMicros };
    this.#buckets.put(key, bucket);
    return bucket;
  }
}

const BURST_SECONDS = 2;
const BUCKET_BYTES = 64;

export const opRate = new RateLimiter();
export const byteRate = new RateLimiter();
export const noteRate = new RateLimiter();
export const repeatRate = new RateLimiter();
export const repeatedBytesRate = new RateLimiter();
export const presenceRate = new RateLimiter();
export const caretRate = new RateLimiter();
