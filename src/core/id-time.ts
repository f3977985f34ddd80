/**
 * When an id was made, in milliseconds since 1970 by its maker's clock: a UUID of version 7 in lower
 * case begins with it (RFC 9562, section 5.7). Undefined for any other id.
 */
export function timeOfId(id: string): number | undefined {
  const [, high, low] = TIMED_ID.exec(id) ?? [];
  return high && low ? Number.parseInt(high + low, 16) : undefined;
}

const TIMED_ID = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
