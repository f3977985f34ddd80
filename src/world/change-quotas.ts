import type { Quotas } from '../core/quota.ts';
import { demandDone } from './demand-done.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

/**
 * Changes some of what members and the world may keep; resolves with what holds then. Throws `WorldError`:
 * only an owner may, and only in a world whose module counts.
 */
export async function changeQuotas(
  session: WorldSession,
  change: Partial<Quotas>,
): Promise<Quotas> {
  const present = session.view.usage.usage;
  if (!present) throw noQuotas();
  const quotas = { ...present.quotas, ...change };
  demandDone(await session.call('set_quotas', quotas));
  return quotas;
}

/** Of a world of 0.1.0. */
export function noQuotas(): WorldError {
  const why =
    'upgrade_needed: the world’s module knows no quotas; an owner can bring it up to date';
  return new WorldError('refused', why);
}
