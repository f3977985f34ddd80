import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whether a request may be answered, and what it asks for once the key is off its path. */
export type Access =
  | { readonly kind: 'granted'; readonly path: string; readonly query: URLSearchParams }
  /** It comes from a web page, or for a name that is not this machine's own. */
  | { readonly kind: 'forbidden' }
  /** It does not know the key. */
  | { readonly kind: 'unknown' };

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/**
 * Judges a request by its `Origin`, which every browser page sends along and no client of ours, by
 * its `Host`, which a rebound name gives away, and by the key that begins its path.
 */
export function judgeAccess(request: IncomingMessage, key: string): Access {
  if (request.headers.origin !== undefined) return { kind: 'forbidden' };
  if (!LOOPBACK_HOST.test(request.headers.host ?? '')) return { kind: 'forbidden' };
  const [path = '', query = ''] = splitOnce(request.url ?? '', '?');
  const [, given = '', ...rest] = path.split('/');
  if (!sameSecret(given, key)) return { kind: 'unknown' };
  return { kind: 'granted', path: `/${rest.join('/')}`, query: new URLSearchParams(query) };
}

/** Compares without telling by its time where two texts begin to differ, or their lengths. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
