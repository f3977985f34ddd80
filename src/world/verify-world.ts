import { fromHex, sameBytes, toHex } from '../core/hash.ts';
import type { LogHead } from '../core/verify-log.ts';
import { MODULE_LEVEL } from '../core/module-level.ts';
import type { OpProgress } from './backup.ts';
import { CheckedHistory, type HistoryFault } from './checked-history.ts';
import { watchedRows, wrongAskedRow, wrongWatchedRow } from './compare-tables.ts';
import type { Surroundings } from './open-folder.ts';
import { readHead } from './read-head.ts';
import { describeDifference, type RowDifference } from './row-difference.ts';
import type { KnownWorld } from './world-list.ts';
import { WorldError } from './world-error.ts';
import { strayOp } from './stray-ops.ts';
import type { WorldSession } from './world-session.ts';

export type WorldVerdict =
  | {
      readonly tag: 'verified';
      readonly ops: number;
      readonly files: number;
      /** Hexadecimal. */
      readonly headChainHash: string;
    }
  /**
   * `opSeq` is the first op that does not fit, or the newest one where a row is not what the history makes
   * of it; `row` is that row, or the one that holds the op.
   */
  | {
      readonly tag: 'broken';
      readonly opSeq: number;
      readonly reason: HistoryFault['reason'] | 'rewritten' | 'row';
      readonly message: string;
      readonly row?: RowDifference;
    };

export interface VerifyOptions extends Pick<Surroundings, 'bundle' | 'worlds'> {
  readonly session: WorldSession;
  readonly world: Pick<KnownWorld, 'server' | 'database'>;
  readonly onProgress?: (progress: OpProgress) => void;
  /** How much of a large table is read at once; about a mebibyte unless said otherwise. */
  readonly answerBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Downloads a world's history up to now, replays it here, and compares every table that the history makes
 * with what the world shows, and the history with the last head that this machine saw. `bundle` is the
 * module that replays, `worlds` remembers the head. Rejects when the connection ends meanwhile.
 */
export async function verifyWorld(options: VerifyOptions): Promise<WorldVerdict> {
  const { session, world, worlds, onProgress, signal } = options;
  const link = await session.whenOnline(signal);
  if (link.moduleLevel > MODULE_LEVEL) throw new WorldError('protocol_mismatch', NEWER_MODULE);
  const bundle = new TextDecoder().decode(await options.bundle());
  const { head, rows } = await readHead(link, (head) => ({ head, rows: watchedRows(link) }));
  const remembered = (await worlds.find(world.server, world.database))?.lastHead;
  const history = new CheckedHistory(session, link, bundle, signal);
  let seen: Uint8Array | undefined;
  const fault =
    (await history.advance(
      head,
      ({ opSeq, chainHash }) => {
        if (opSeq === remembered?.opSeq) seen = chainHash;
      },
      () => onProgress?.({ ops: history.head.opSeq, totalOps: head.opSeq }),
    )) ?? history.finish();
  if (fault) return brokenBy(fault);
  const wrong = wrongWatchedRow(link, history, rows);
  if (wrong) return brokenRow(head, wrong);
  const living = rows.get('file_head')!.filter((file) => !(file as { deleted: boolean }).deleted);
  const askedWrong =
    (await wrongAskedRow(link, history, options.answerBytes)) ?? (await strayOp(link, history));
  if (askedWrong) {
    return 'reason' in askedWrong ? brokenBy(askedWrong) : brokenRow(history.head, askedWrong);
  }
  if (remembered && !(seen && sameBytes(seen, fromHex(remembered.chainHash)))) {
    return { tag: 'broken', opSeq: remembered.opSeq, reason: 'rewritten', message: REWRITTEN };
  }
  const chainHash = toHex(head.chainHash);
  await worlds.rememberHead(world.server, world.database, { opSeq: head.opSeq, chainHash });
  return { tag: 'verified', ops: head.opSeq, files: living.length, headChainHash: chainHash };
}

function brokenBy({ opSeq, reason, message, row }: HistoryFault): WorldVerdict {
  return { tag: 'broken', opSeq, reason, message, row };
}

function brokenRow({ opSeq }: LogHead, row: RowDifference): WorldVerdict {
  return { tag: 'broken', opSeq, reason: 'row', message: describeDifference(row), row };
}

const NEWER_MODULE =
  'The world has a newer module, whose tables this version cannot check: bring Agent World up to date here';
const REWRITTEN = 'this machine saw another op there: the history was rewritten';
