import type { Batch, OpRecord } from '../core/op.ts';
import type { PolicyMode } from '../core/policy.ts';
import type {
  BatchAnswer,
  CommittedOp,
  FileHeadState,
  StopListening,
  VersionedText,
  WorldFile,
  WorldFileEvent,
} from '../sync/ports.ts';
import { tableOf, type Row } from './bindings.ts';
import { readFile, versionMakers } from './file-reader.ts';
import { judgeBatch } from './judge-batch.ts';
import type { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { Listeners } from './listeners.ts';
import { Renewal } from './renewal.ts';
import { FileOps } from './read-file-ops.ts';
import { WorldError } from './world-error.ts';
import { opRecordOf } from './world-rows.ts';
import type { DeliveryAnswer, WorldSession } from './world-session.ts';

/** A text file that is open: its text at a version, and everything that came after that. */
export interface OpenedFile extends VersionedText {
  readonly feed: FileFeed;
}

/** Opens a text file at its newest version. Rejects with `WorldError`, or `LinkFailure` when offline. */
export async function openFile(session: WorldSession, fileId: number): Promise<OpenedFile> {
  const { version, text } = await readText(session, fileId);
  return { version, text, feed: new FileFeed(session, fileId, version) };
}

/**
 * One file of a session's world from a version on: its ops in order of versions, own ones included,
 * answers to batches, and the state of the connection. Renews itself after a reconnect.
 */
export class FileFeed implements WorldFile {
  readonly fileId: number;
  readonly #session: WorldSession;
  readonly #events: Listeners<WorldFileEvent>;
  readonly #records: Listeners<OpRecord>;
  readonly #stops: StopListening[];
  /** Ops that wait for one before them. */
  #waiting: FeedOp[] = [];
  #delivered: number;
  #isFlushing = false;
  readonly #renewal: Renewal;
  readonly #failures: Listeners<WorldError>;
  readonly #ends: Listeners<void>;
  /** The version after which the subscription began. */
  #watchedFrom = 0;
  #isConnected = false;
  /** Ops that were delivered are to come again, which only a new subscription brings. */
  #isReplaying = false;
  #failure: WorldError | undefined;
  #isClosed = false;
  /** How many ask that nothing be sent yet, and the batch that waits for them. */
  #holds = 0;
  #heldBack: Batch | undefined;

  /** Delivers what came after `fromVersion`. Starts to listen at once and to deliver after this turn. */
  constructor(session: WorldSession, fileId: number, fromVersion: number) {
    this.fileId = fileId;
    this.#session = session;
    this.#delivered = fromVersion;
    const onError = (error: unknown): void =>
      session.log.error('world.listener_failed', { fileId, error: String(error) });
    this.#events = new Listeners(onError);
    this.#records = new Listeners(onError);
    this.#failures = new Listeners(onError);
    this.#ends = new Listeners(onError);
    this.#renewal = new Renewal({
      clock: session.clock,
      prepare: (link, isLate) => this.#catchUp(link, isLate),
      query: () => {
        this.#watchedFrom = this.#delivered;
        return `SELECT * FROM file_op WHERE file_id = ${fileId} AND version > ${this.#delivered}`;
      },
      onApplied: (link) => this.#applied(link),
      onFailed: (error) => this.#fail(error),
      onBroken: (error) => session.log.error('world.feed_failed', { fileId, error: String(error) }),
    });
    let policy = this.policy;
    this.#stops = [
      session.view.onOp((row) => this.#receive(row)),
      session.view.onWorkspace(({ policyMode }) => {
        if (policyMode === policy) return;
        policy = policyMode;
        this.#flush();
        this.#events.emit({ tag: 'policy_changed', policy });
      }),
      session.onState(() => this.#followState()),
    ];
    this.#followState();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get policy(): PolicyMode {
    return this.#session.workspace?.policyMode ?? 'strict';
  }

  get head(): FileHeadState {
    const head = this.#session.view.files.get(this.fileId);
    if (!head) throw new WorldError('no_such_file', `The world has no file ${this.fileId}`);
    return { version: head.version, contentHash: head.contentHash };
  }

  onEvent(listener: (event: WorldFileEvent) => void): StopListening {
    return this.#events.add(listener);
  }

  /** Each op that made a version, whole, just after its `committed` event. */
  onRecord(listener: (op: OpRecord) => void): StopListening {
    return this.#records.add(listener);
  }

  /** Why the file is not followed, though the world is online; undefined while it is, or will be. */
  get failure(): WorldError | undefined {
    return this.#failure;
  }

  /**
   * The server does not let the file be followed, often enough that nothing more is tried before the
   * next connection or `retry`.
   */
  onFailure(listener: (error: WorldError) => void): StopListening {
    return this.#failures.add(listener);
  }

  /** Tries again to follow the file. */
  retry(): void {
    const { link } = this.#session;
    if (link && this.#failure) this.#renew(link);
  }

  /**
   * Resolves when everything up to now was delivered. Rejects with `LinkFailure` when the connection ends
   * before, or this feed, with `WorldError` `query_refused` when the file cannot be followed.
   */
  whenConnected(): Promise<void> {
    if (this.#isClosed) return Promise.reject(notFollowed());
    if (this.#isConnected) return Promise.resolve();
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        for (const stop of stops) stop();
        action();
      };
      const stops = [
        this.#events.add((event) => {
          if (event.tag === 'connected') settle(resolve);
        }),
        this.#failures.add((error) => settle(() => reject(error))),
        this.#session.onState(() => settle(() => reject(new LinkFailure('the connection ended')))),
        this.#ends.add(() => settle(() => reject(notFollowed()))),
      ];
    });
  }

  send(batch: Batch): void {
    if (!this.#isConnected) return;
    if (this.#holds > 0) {
      this.#heldBack = batch;
      return;
    }
    void judgeBatch(this.#session, batch).then((answer) => this.#answer(batch.batchId, answer));
  }

  /** Sends nothing until the function that it returns is called. */
  holdBack(): () => void {
    this.#holds += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holds -= 1;
      const batch = this.#heldBack;
      if (this.#holds > 0 || !batch) return;
      this.#heldBack = undefined;
      this.send(batch);
    };
  }

  replayAfter(afterVersion: number): void {
    this.#delivered = afterVersion;
    const { link } = this.#session;
    if (!link || !this.#isConnected) return;
    this.#isReplaying = true;
    this.#renew(link);
  }

  async readHead(): Promise<VersionedText | undefined> {
    const { link } = this.#session;
    if (!link) throw new LinkFailure('not connected to the world');
    const file = await readFile(link, this.#session.view, this.fileId);
    return file.kind === 'text' ? file : undefined;
  }

  ticketOf(opId: string): number | undefined {
    return this.#session.view.ticketOfOp(opId);
  }

  /** Ends the feed: no listener hears anything more. */
  close(): void {
    this.#isClosed = true;
    this.#isConnected = false;
    for (const stop of this.#stops) stop();
    this.#renewal.end();
    this.#ends.emit();
  }

  #followState(): void {
    const { link } = this.#session;
    if (link) {
      this.#renew(link);
      return;
    }
    this.#renewal.disconnected();
    this.#failure = undefined;
    this.#disconnect();
  }

  #disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#events.emit({ tag: 'disconnected' });
  }

  /** Watches the file from what was delivered last; connects when everything since then is there. */
  #renew(link: Link): void {
    this.#failure = undefined;
    this.#renewal.renew(link);
  }

  #applied(link: Link): void {
    this.#isReplaying = false;
    const rows = tableOf(link.connection, 'file_op').iter();
    this.#waiting = [...rows].filter((row) => this.#isNews(row));
    this.#flush();
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#events.emit({ tag: 'connected' });
  }

  #fail(error: WorldError): void {
    const { fileId } = this;
    this.#session.log.error('world.feed_failed', { fileId, error: String(error) });
    // It was only to be a smaller one: what is watched goes on.
    if (this.#isConnected && !this.#isReplaying) return;
    this.#failure = error;
    this.#disconnect();
    this.#failures.emit(error);
  }

  /** Reads what came since, so that what is then watched begins with little. */
  async #catchUp(link: Link, isLate: () => boolean): Promise<void> {
    const version = this.#session.view.files.get(this.fileId)?.version ?? 0;
    if (this.#delivered >= version) return;
    const file = await FileOps.open(link, this.fileId);
    while (this.#delivered < version && !isLate()) {
      const after = this.#delivered;
      const ops = await file.read(after, Math.min(version, after + VERSIONS_AT_A_TIME));
      if (isLate()) return;
      this.#waiting.push(...ops.filter((op) => this.#isNews(op)));
      this.#flush();
      // What is missing there, the subscription may bring.
      if (this.#delivered === after) return;
    }
  }

  #receive(row: Row<'file_op'>): void {
    if (!this.#isNews(row)) return;
    this.#waiting.push(row);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // The rows of one transaction come one by one, not always in order: wait for all of them.
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #isNews(row: FeedOp): boolean {
    return row.fileId === this.fileId && row.version > this.#delivered;
  }

  #flush(): void {
    if (this.#isClosed || this.#waiting.length === 0) return;
    const ops = versionMakers(this.#waiting);
    this.#waiting = ops.filter((op) => {
      if (op.version !== this.#delivered + 1) return op.version > this.#delivered;
      this.#delivered = op.version;
      this.#events.emit({ tag: 'committed', op: committedOf(op) });
      // Hardly anybody wants more of it.
      if (this.#records.size > 0) this.#records.emit(isRow(op) ? opRecordOf(op) : op);
      return false;
    });
    const { link } = this.#session;
    // The library keeps every row of a subscription: begin a new one before they are too many.
    if (link && this.#isConnected && this.#delivered - this.#watchedFrom >= RENEW_AFTER_OPS) {
      this.#renew(link);
    }
  }

  #answer(batchId: string, answer: DeliveryAnswer): void {
    if (this.#isClosed || answer.tag === 'unanswered') return;
    this.#flush();
    this.#events.emit({ tag: 'answered', batchId, answer: batchAnswerOf(answer) });
  }
}

function notFollowed(): LinkFailure {
  return new LinkFailure('the file is not followed any more');
}

const RENEW_AFTER_OPS = 4_000;
const VERSIONS_AT_A_TIME = 1_000;

/** As the subscription brings it, or as it was read. */
type FeedOp = Row<'file_op'> | OpRecord;

function isRow(op: FeedOp): op is Row<'file_op'> {
  return typeof op.author !== 'string';
}

/** The outcome of a batch as a whole. */
export function batchAnswerOf(answer: Exclude<DeliveryAnswer, { tag: 'unanswered' }>): BatchAnswer {
  if (answer.tag === 'refused') {
    const { code, message } = answer.refusal;
    return { tag: 'refused', code, message };
  }
  const ticketed = answer.outcomes.find(
    ({ outcome }) => outcome === 'ticket' || outcome === 'held',
  );
  if (ticketed) return { tag: 'ticketed', ticketId: ticketed.ticketId };
  const version = answer.outcomes.reduce((last, outcome) => Math.max(last, outcome.version), 0);
  return { tag: 'applied', version };
}

async function readText(session: WorldSession, fileId: number): Promise<VersionedText> {
  const { link } = session;
  if (!link) throw new LinkFailure('not connected to the world');
  const file = await readFile(link, session.view, fileId);
  if (file.kind === 'text') return file;
  throw new WorldError('not_text', `File ${fileId} is not a text`);
}

function committedOf(row: FeedOp): CommittedOp {
  const { opSeq, opId, version, changes, afterHash } = row;
  return { opSeq, opId, version, changes, afterHash };
}
