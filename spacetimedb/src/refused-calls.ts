import { uuidOf } from '../../src/core/short-edit.ts';
import { CACHE_BYTES } from '../../src/core/cache-sizes.ts';
import { bytesOfString, CountedCache, detached } from './counted-cache.ts';
import type { Context } from './world.ts';

interface Refused {
  readonly told: string;
  /** Of what was asked for: under the same id may come what the caller has mended since. */
  readonly sketch: string;
}

/**
 * Calls that were refused, by the id under which they would come again. Who was told of a refusal acts on
 * it, so a copy of the call that comes later, by another connection, must not be taken. Kept in memory
 * only, since what is refused writes nothing: no copy is under way any more when a server starts anew.
 */
export class RefusedCalls {
  readonly #refused = new CountedCache<string, Refused>(
    CACHE_BYTES.refusals,
    (key, { told, sketch }) => [key, told, sketch].reduce((sum, s) => sum + bytesOfString(s), 0),
  );

  /** What the sender was told of the same call before. */
  find(ctx: Context, args: unknown): string | undefined {
    const key = this.#refused.isEmpty ? undefined : keyOf(ctx, args);
    const known = key === undefined ? undefined : this.#refused.get(key);
    return known && known.sketch === detached(sketchOf(args)) ? known.told : undefined;
  }

  remember(ctx: Context, args: unknown, told: string): void {
    const key = keyOf(ctx, args);
    if (key === undefined) return;
    // Fresh texts that came with it are of that moment.
    const kept = told.length <= MAX_TOLD ? told : told.slice(0, told.indexOf('\n'));
    this.#refused.put(key, {
      told: detached(kept.slice(0, MAX_TOLD)),
      sketch: detached(sketchOf(args)),
    });
  }
}

/** Files that are refused together may come one by one under their own ids: those are other calls. */
function keyOf(ctx: Context, args: unknown): string | undefined {
  // Lifecycle reducers have no arguments.
  const { op, opId, batchId, batch, file } = (args ?? {}) as {
    readonly op?: bigint;
    readonly opId?: string;
    readonly batchId?: string;
    readonly batch?: { readonly batchId: string };
    readonly file?: { readonly opId: string };
  };
  const id =
    batch?.batchId ??
    batchId ??
    opId ??
    file?.opId ??
    (typeof op === 'bigint' ? uuidOf(op) : undefined);
  return id?.length === ID_LENGTH ? `${ctx.sender.__identity__.toString(16)} ${id}` : undefined;
}

/** Enough of a call to tell it from a mended one, in bounded work: its values as far as there is room. */
function sketchOf(args: unknown): string {
  const parts: string[] = [];
  const queue: unknown[] = [args];
  for (let next = 0; next < Math.min(queue.length, SKETCHED_VALUES); next++) {
    const value = queue[next];
    if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      queue.push(...Object.values(value).slice(0, SKETCHED_VALUES));
    } else {
      parts.push(sketchOfValue(value));
    }
  }
  return parts.join(' ');
}

function sketchOfValue(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length}`;
  const text = String(value);
  return text.length <= SKETCHED_LENGTH ? text : `${text.length} ${text.slice(0, SKETCHED_LENGTH)}`;
}

const ID_LENGTH = 36;
const MAX_TOLD = 1024;
const SKETCHED_VALUES = 64;
const SKETCHED_LENGTH = 64;
