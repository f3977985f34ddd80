import type { LogHead } from '../core/verify-log.ts';
import { tableOf } from './bindings.ts';
import type { Link } from './link.ts';

/**
 * The world's newest op, asked for and not watched: every op moves it. `look` runs at that very
 * moment, when the rows that are watched stand where they stood at that op. Rejects with
 * `LinkFailure` when the connection ends.
 */
export async function readHead<Result>(
  link: Link,
  look: (head: LogHead) => Result,
): Promise<Result> {
  let found: { readonly result: Result } | undefined;
  const subscription = await link.subscribe(['SELECT * FROM log_head'], () => {
    for (const { opSeq, chainHash } of tableOf(link.connection, 'log_head').iter()) {
      found = { result: look({ opSeq, chainHash }) };
    }
  });
  subscription.end();
  if (!found) throw new Error('the world has no head');
  return found.result;
}

/** The number of the world's newest op; 0 when it has none. */
export function readHeadSeq(link: Link): Promise<number> {
  return readHead(link, ({ opSeq }) => opSeq);
}
