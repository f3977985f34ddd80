import type { CallAnswer } from './link.ts';
import { WorldError } from './world-error.ts';
import type { DeliveryAnswer } from './world-session.ts';

/** Returns when a call was carried out. Throws `WorldError` `refused`, `cancelled` or `unreachable`. */
export function demandDone(answer: CallAnswer | DeliveryAnswer): void {
  if (answer.tag === 'refused') {
    const { code, message } = answer.refusal;
    throw new WorldError('refused', `${code}: ${message}`);
  }
  if (answer.tag !== 'unanswered') return;
  if (answer.why === 'cancelled') throw new WorldError('cancelled', 'Cancelled');
  throw new WorldError('unreachable', 'The world did not answer');
}
