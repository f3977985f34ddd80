import { setImmediate } from 'node:timers/promises';
import type { OpRecord } from '../core/op.ts';
import { partKeysOf } from '../core/part-keys.ts';
import { type LogFaultKind, type LogHead, LogVerifier } from '../core/verify-log.ts';
import { addParts, type StoredPart } from './download-log.ts';
import type { Link } from './link.ts';
import { LOG_FAULTS } from './log-faults.ts';
import { nativeHash } from './native-hash.ts';
import { opsBetween } from './read-ops.ts';
import { ReplayedWorld, type ReplayFault } from './replayed-world.ts';
import type { RowDifference } from './row-difference.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

/** The first op that does not fit, and the row that this was read from. */
export interface HistoryFault {
  readonly opSeq: number;
  /** `replay` where every hash is right, and the op still cannot be what it says. */
  readonly reason: LogFaultKind | 'replay';
  readonly message: string;
  readonly row: RowDifference;
}

/** A world's history, downloaded, checked and replayed as far as one asks. */
export class CheckedHistory {
  readonly #session: WorldSession;
  readonly #link: Link;
  readonly #signal: AbortSignal | undefined;
  readonly #parts = new Map<string, StoredPart>();
  readonly #verifier = new LogVerifier(nativeHash, (key) => this.#parts.get(key));
  readonly replayed: ReplayedWorld;

  constructor(session: WorldSession, link: Link, bundle: string, signal: AbortSignal | undefined) {
    this.#session = session;
    this.#link = link;
    this.#signal = signal;
    this.replayed = new ReplayedWorld(bundle, (key) => this.#parts.get(key));
  }

  get head(): LogHead {
    return this.#verifier.head;
  }

  /**
   * Goes on to an op that the world said was its newest. `look` sees every op that is right. Rejects with
   * `WorldError` `cancelled`, and with `LinkFailure` when the connection ends.
   */
  async advance(
    head: LogHead,
    look: (op: OpRecord) => void = () => {},
    onPage: () => void = () => {},
  ): Promise<HistoryFault | undefined> {
    if (head.opSeq > this.head.opSeq) {
      for await (const ops of opsBetween(this.#session, this.head.opSeq, head.opSeq)) {
        await addParts(this.#link, this.#parts, ops);
        for (const op of ops) {
          // A window goes on meanwhile.
          if (op.opSeq % OPS_A_TURN === 0) await setImmediate();
          this.#demandGoingOn();
          const fault = this.#take(op);
          if (fault) return fault;
          look(op);
        }
        onPage();
      }
    }
    return faultOfReplay(this.replayed.settle()) ?? this.#wrongHead(head);
  }

  /** Checks the content of every file. */
  finish(): HistoryFault | undefined {
    const fault = this.#verifier.finish();
    return fault && faultOf(fault.opSeq, fault.kind);
  }

  #demandGoingOn(): void {
    if (this.#signal?.aborted) throw new WorldError('cancelled', 'The verification was given up');
  }

  #take(op: OpRecord): HistoryFault | undefined {
    const encoded = this.replayed.encode(op);
    const fault = this.#verifier.add(op, encoded);
    if (fault?.kind === 'part') return this.#wrongPart(op);
    if (fault) return faultOf(fault.opSeq, fault.kind);
    return this.#doublePart(op) ?? faultOfReplay(this.replayed.take(op, encoded));
  }

  #wrongPart(op: OpRecord): HistoryFault {
    const key = this.#verifier.firstWrongPart(partKeysOf(op));
    const fault = faultOf(op.opSeq, 'part');
    if (key === undefined) return fault;
    const part = this.#parts.get(key);
    const column = part && (part.text === undefined ? 'bytes' : 'text');
    return { ...fault, row: partRow(key, column) };
  }

  /** A part is a text or bytes; whoever reads the one would not see the other. */
  #doublePart(op: OpRecord): HistoryFault | undefined {
    const key = partKeysOf(op).find((key) => {
      const part = this.#parts.get(key);
      return part?.text !== undefined && part.bytes !== undefined;
    });
    if (key === undefined) return undefined;
    return { ...faultOf(op.opSeq, 'part'), row: partRow(key, 'bytes') };
  }

  #wrongHead({ opSeq, chainHash }: LogHead): HistoryFault | undefined {
    const { head } = this;
    if (opSeq === head.opSeq && Buffer.compare(chainHash, head.chainHash) === 0) return undefined;
    const column = opSeq === head.opSeq ? 'chain_hash' : 'op_seq';
    const row: RowDifference = { table: 'log_head', key: '1', column, what: 'differs' };
    return { ...faultOf(head.opSeq, 'head'), row };
  }
}

/** About ten milliseconds. */
const OPS_A_TURN = 250;

function faultOf(opSeq: number, reason: LogFaultKind): HistoryFault {
  const row: RowDifference = {
    table: 'file_op',
    key: String(opSeq),
    column: undefined,
    what: reason === 'sequence' ? 'missing' : 'differs',
  };
  return { opSeq, reason, message: LOG_FAULTS[reason], row };
}

function faultOfReplay(fault: ReplayFault | undefined): HistoryFault | undefined {
  if (!fault) return undefined;
  const { opSeq, message } = fault;
  return { ...faultOf(opSeq, 'payload'), reason: 'replay', message };
}

function partRow(key: string, column: string | undefined): RowDifference {
  const what = column === undefined ? 'missing' : 'differs';
  return { table: 'content_chunk', key, column, what };
}
