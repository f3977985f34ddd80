import { UsageError } from './exit-code.ts';

/** Milliseconds of `500ms`, `60s`, `2m`. Throws `UsageError`. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})(ms|s|m)?$/.exec(text);
  if (!match) throw new UsageError(`Not a time such as 60s or 2m: ${text}`);
  const factor = { ms: 1, s: 1000, m: 60_000 }[match[2] ?? 's']!;
  return Number(match[1]) * factor;
}
