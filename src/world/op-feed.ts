import type { OpRecord } from '../core/op.ts';
import { tableOf, type Row } from './bindings.ts';
import type { StopListening } from './listeners.ts';
import { Renewal } from './renewal.ts';
import type { WorldError } from './world-error.ts';
import { opRecordOf } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

/**
 * Tells every op of a world after `afterSeq`, in order and without gaps, across reconnects, until
 * the returned function is called. `onFailed` where the server does not let them be followed: then
 * nothing more comes before the next connection.
 */
export function followOps(
  session: WorldSession,
  afterSeq: number,
  listener: (op: OpRecord) => void,
  onFailed: (error: WorldError) => void = () => {},
): StopListening {
  let last = afterSeq;
  let isStopped = false;
  let isFlushing = false;
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
    if (link && !isStopped && last - watchedFrom >= RENEW_AFTER_OPS) renewal.renew(link);
  };
  const receive = (row: Row<'file_op'>): void => {
    if (row.opSeq <= last) return;
    waiting.push(row);
    if (isFlushing) return;
    isFlushing = true;
    // The rows of one transaction come one by one, not always in order.
    queueMicrotask(flush);
  };
  const renewal = new Renewal({
    clock: session.clock,
    query: () => {
      watchedFrom = last;
      return `SELECT * FROM file_op WHERE op_seq > ${last}`;
    },
    onApplied: (link) => {
      for (const row of tableOf(link.connection, 'file_op').iter()) receive(row);
    },
    onFailed: (error) => {
      session.log.error('world.ops_failed', { error: String(error) });
      onFailed(error);
    },
    onBroken: (error) => session.log.error('world.ops_failed', { error: String(error) }),
  });
  const followState = (): void => {
    const { link } = session;
    if (link) renewal.renew(link);
    else renewal.disconnected();
  };
  const stops = [session.view.onOp(receive), session.onState(followState)];
  followState();
  return () => {
    isStopped = true;
    for (const stop of stops) stop();
    renewal.end();
  };
}

const RENEW_AFTER_OPS = 10_000;
