import { demand } from './refusal.ts';

/**
 * Refuses what is not a UUID in lower case as callers make them. Version 8 is the module's own, so
 * that nobody can take an id that it will need.
 */
export function demandOpId(opId: string): void {
  demand(CALLER_ID.test(opId), 'bad_request', 'an id must be a UUID in lower case');
}

/** The id of an op that the module makes by itself: a UUID of version 8, unique by its number. */
export function moduleOpId(nowMicros: bigint, opSeq: number): string {
  const time = (nowMicros / 1000n).toString(16).padStart(12, '0').slice(-12);
  const number = opSeq.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8000-8000-${number}`;
}

const CALLER_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-7][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
