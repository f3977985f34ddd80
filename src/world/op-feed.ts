import type { OpRecord } from '../core/op.ts';
import { tableOf, type Row } from './bindings.ts';
import { LinkFailure, type Link, type LinkSubscription } from './link.ts';
import type { StopListening } from './listeners.ts';
import { opRecordOf } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

/**
 * Tells every op of a world after `afterSeq`, in order and without gaps, across reconnects, until
 * the returned function is called.
 */
export function followOps(
  session: WorldSession,
  afterSeq: number,
  listener: (op: OpRecord) => void,
): StopListening {
  let last = afterSeq;
  let isStopped = false;
  let isFlushing = false;
  let subscription: LinkSubscription | undefined;
  let watchedFrom = 0;
  let waiting: Row<'file_op'>[] = [];

  const flush = (): void => {
    isFlushing = false;
    waiting.sort((a, b) => a.opSeq - b.opSeq);
    waiting = waiting.filter((row) => {
      if (isStopped || row.opSeq !== last + 1) return row.opSeq > last;
      last = row.opSeq;
      listener(opRecordOf(row));
      return false;
    });
    const { link } = session;
    // The library keeps every row of a subscription: begin a new one before they are too many.
    if (link && !isStopped && last - watchedFrom >= RENEW_AFTER_OPS) follow(link);
  };
  const receive = (row: Row<'file_op'>): void => {
    if (row.opSeq <= last) return;
    waiting.push(row);
    if (isFlushing) return;
    isFlushing = true;
    // The rows of one transaction come one by one, not always in order.
    queueMicrotask(flush);
  };
  const renew = async (link: Link): Promise<void> => {
    watchedFrom = last;
    const former = subscription;
    try {
      subscription = await link.subscribe([`SELECT * FROM file_op WHERE op_seq > ${last}`], () => {
        for (const row of tableOf(link.connection, 'file_op').iter()) receive(row);
      });
      former?.end();
      if (isStopped) subscription.end();
    } catch (error) {
      // The next connection asks again.
      if (!(error instanceof LinkFailure)) throw error;
    }
  };
  const follow = (link: Link): void => {
    renew(link).catch((error: unknown) => {
      session.log.error('world.ops_failed', { error: String(error) });
    });
  };
  const followState = (): void => {
    const { link } = session;
    if (!link) subscription = undefined;
    else if (!isStopped) follow(link);
  };
  const stops = [session.view.onOp(receive), session.onState(followState)];
  followState();
  return () => {
    isStopped = true;
    for (const stop of stops) stop();
    subscription?.end();
  };
}

const RENEW_AFTER_OPS = 10_000;
