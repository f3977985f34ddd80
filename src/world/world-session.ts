import { FIRST_MODULE_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { retryDelayMs, type Random } from './backoff.ts';
import type { ReducerArguments, ReducerName } from './bindings.ts';
import type { CancelTimer, Clock } from './clock.ts';
import { type CallAnswer, type CallOptions, type Link, QueryRefused } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { openLink } from './open-link.ts';
import type { StoredIdentity } from './identities.ts';
import { FATAL_CALL, FatalCalls } from './fatal-calls.ts';
import { readKnownOutcome } from './known-outcome.ts';
import { Listeners, type StopListening } from './listeners.ts';
import type { WorldLog } from './log.ts';
import type { Refusal } from './refusal.ts';
import { askWhyRejected, checkWorld, refusalByStatus } from './self-check.ts';
import { watchConnecting } from './watch-connecting.ts';
import { WorldError } from './world-error.ts';
import type { Outcome, Workspace } from './world-rows.ts';
import { WorldView } from './world-view.ts';

export interface WorldOptions {
  /** The server's base address, ending with `/`, or how to find it again after it moved. */
  readonly uri: string | ((signal: AbortSignal) => Promise<string>);
  /** The database's name or identity. */
  readonly database: string;
  /** Who we are at that server. */
  readonly self: StoredIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: WorldLog;
  /** How long each half of an attempt to connect may take: the connection, and what it shows first. */
  readonly connectTimeoutMs?: number;
}

export type WorldState =
  /** `isLoading`: the server is there, and has yet to load the world. */
  | { readonly tag: 'connecting'; readonly isLoading?: true }
  | { readonly tag: 'online' }
  /** No connection; the next attempt comes by itself. `isMissing`: the server is there, and has no such world. */
  | {
      readonly tag: 'offline';
      readonly sinceMs: number;
      readonly retryAtMs: number;
      readonly isMissing?: true;
    }
  /** The server does not let us in, and trying again would not help; `retryNow` tries all the same. */
  | { readonly tag: 'refused'; readonly error: WorldError }
  | { readonly tag: 'closed' };

/** The outcome of something the world judges op by op. */
export type DeliveryAnswer =
  | { readonly tag: 'judged'; readonly outcomes: readonly Outcome[] }
  | { readonly tag: 'refused'; readonly refusal: Refusal }
  | { readonly tag: 'unanswered'; readonly why: 'disconnected' | 'timeout' | 'cancelled' };

/**
 * A member's way into a world: connects and stays connected until `close`, knows who is here and
 * which files there are, and carries calls. What is open file by file is in `file-feed.ts`.
 */
export class WorldSession {
  readonly database: string;
  /** Members, files, claims, tickets, presence: what every member watches always. */
  readonly view: WorldView;
  readonly clock: Clock;
  readonly log: WorldLog;
  readonly #options: WorldOptions;
  readonly #states: Listeners<WorldState>;
  readonly #slow: Listeners<boolean>;
  readonly #ending = new AbortController();
  #state: WorldState = { tag: 'connecting' };
  #link: Link | undefined;
  #uri: string | undefined;
  #failures = 0;
  #offlineSinceMs: number | undefined;
  #cancelRetry: CancelTimer = () => {};
  readonly #fatal = new FatalCalls();

  /** Use `openWorld`. */
  constructor(options: WorldOptions) {
    const onError = (error: unknown): void =>
      options.log.error('world.listener_failed', { error: String(error) });
    this.#options = options;
    this.database = options.database;
    this.clock = options.clock;
    this.log = options.log;
    this.#states = new Listeners(onError);
    this.#slow = new Listeners(onError);
    this.view = new WorldView(onError);
    void this.#connect();
  }

  get state(): WorldState {
    return this.#state;
  }

  /** The living connection, while online. */
  get link(): Link | undefined {
    return this.#state.tag === 'online' ? this.#link : undefined;
  }

  /** Who we are here. */
  get identity(): IdentityHex {
    return this.#options.self.identity;
  }

  /** What the world's module can do, as `core/module-level.ts` counts; of the last connection. */
  get moduleLevel(): number {
    return this.#link?.moduleLevel ?? FIRST_MODULE_LEVEL;
  }

  /** Where the server was at the last attempt; contains an embedded host's key. */
  get uri(): string | undefined {
    return this.#uri;
  }

  /** Undefined before the world was seen for the first time. */
  get workspace(): Workspace | undefined {
    return this.view.workspace;
  }

  /** Every change of state, after it happened. */
  onState(listener: (state: WorldState) => void): StopListening {
    return this.#states.add(listener);
  }

  /** Whether the world is online and something that was asked has had no answer for ten seconds. */
  get isSlow(): boolean {
    return this.link?.isSlow ?? false;
  }

  /** `isSlow` changed. */
  onSlow(listener: (isSlow: boolean) => void): StopListening {
    return this.#slow.add(listener);
  }

  /** Resolves when online. Rejects with `WorldError`: refused, closed, or `cancelled` by the signal. */
  whenOnline(signal?: AbortSignal): Promise<Link> {
    return this.#whenOnline('rejects', signal);
  }

  /** The same, and a refusal is not the end: whoever is told of it may be let in, and try again. */
  whenLetIn(signal?: AbortSignal): Promise<Link> {
    return this.#whenOnline('waits', signal);
  }

  #whenOnline(whenRefused: 'rejects' | 'waits', signal: AbortSignal | undefined): Promise<Link> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        stop();
        signal?.removeEventListener('abort', cancelled);
        action();
      };
      const look = (): void => {
        const state = this.#state;
        if (state.tag === 'online') settle(() => resolve(this.#link!));
        if (state.tag === 'refused' && whenRefused === 'rejects') settle(() => reject(state.error));
        if (state.tag === 'closed') settle(() => reject(closedError()));
      };
      const cancelled = (): void =>
        settle(() => reject(new WorldError('cancelled', 'Waiting for the world was cancelled')));
      const stop = this.#states.add(look);
      signal?.addEventListener('abort', cancelled);
      if (signal?.aborted) cancelled();
      else look();
    });
  }

  /** Calls a reducer once, now or not at all. Never rejects. */
  call<Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
    options: CallOptions = {},
  ): Promise<CallAnswer> {
    const { link } = this;
    if (!link) return Promise.resolve({ tag: 'unanswered', why: 'disconnected' });
    return link.call(name, args, { timeoutMs: CALL_TIMEOUT_MS, ...options });
  }

  /**
   * Like `call`, for reducers that report what became of each op. Sent for the third time, after the server
   * ended the connection for it twice, it is refused with `ends_connection`.
   */
  async judge<Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
    opIds: readonly string[],
    options: CallOptions = {},
  ): Promise<DeliveryAnswer> {
    const callId = opIds[0] ?? '';
    const { link } = this;
    if (link && this.#fatal.isFatal(callId)) return this.#answerFatal(link, name, opIds);
    return this.#fatal.send(callId, () => this.#judgeNow(link, name, args, opIds, options));
  }

  /** Its answer may have been lost each time: then the history knows it. */
  async #answerFatal(
    link: Link,
    name: ReducerName,
    opIds: readonly string[],
  ): Promise<DeliveryAnswer> {
    const outcomes: Outcome[] = [];
    for (const opId of opIds) {
      const known = await readKnownOutcome(link, opId, (each) => this.view.ticketOfOp(each));
      if (known) outcomes.push(known);
    }
    if (!link.isAlive) return { tag: 'unanswered', why: 'disconnected' };
    this.#fatal.forget(opIds[0] ?? '');
    if (outcomes.length > 0) return { tag: 'judged', outcomes };
    this.log.error('world.fatal_call', { name });
    return { tag: 'refused', refusal: FATAL_CALL };
  }

  async #judgeNow<Name extends ReducerName>(
    link: Link | undefined,
    name: Name,
    args: ReducerArguments<Name>,
    opIds: readonly string[],
    options: CallOptions,
  ): Promise<DeliveryAnswer> {
    // It waited for its turn, and whoever made the call makes it again with the next connection.
    if (!link?.isAlive) return { tag: 'unanswered', why: 'disconnected' };
    const callId = opIds[0] ?? '';
    const wanted = new Set(opIds);
    const outcomes: Outcome[] = [];
    const stop = this.view.onOutcome((outcome) => {
      if (wanted.has(outcome.opId)) outcomes.push(outcome);
    });
    const sentAtMs = this.clock.nowMs();
    const answer = await link.call(name, args, { timeoutMs: 0, ...options });
    stop();
    if (answer.tag !== 'unanswered') this.#fatal.answered(callId);
    else if (answer.why === 'cancelled') this.#fatal.forget(callId);
    else if (answer.why === 'disconnected' && !this.#isClosed()) {
      this.#fatal.ended(callId, this.clock.nowMs() - sentAtMs);
    }
    return answer.tag === 'done' ? { tag: 'judged', outcomes } : answer;
  }

  /**
   * Like `judge`, and sends the same again after every reconnect until it is answered: the ids make
   * that harmless. What the server ends the connection for twice is refused with `ends_connection`.
   * `unanswered` only when the signal aborts; rejects when the world is refused or closed meanwhile.
   */
  async deliver<Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
    opIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<DeliveryAnswer> {
    const options = signal === undefined ? {} : { signal };
    for (;;) {
      await this.whenOnline(signal);
      const answer = await this.judge(name, args, opIds, options);
      if (answer.tag !== 'unanswered' || answer.why === 'cancelled') return answer;
    }
  }

  /** Tries to connect at once, if there is no connection and no attempt. */
  retryNow(): void {
    if (this.#state.tag !== 'offline' && this.#state.tag !== 'refused') return;
    this.#cancelRetry();
    void this.#connect();
  }

  /** Ends the connection for good. */
  close(): void {
    if (this.#state.tag === 'closed') return;
    this.#cancelRetry();
    this.#ending.abort();
    const link = this.#link;
    this.#setState({ tag: 'closed' });
    link?.close();
  }

  async #connect(): Promise<void> {
    this.#setState({ tag: 'connecting' });
    try {
      await this.#attempt();
      if (this.#isClosed()) return;
      this.log.info('world.online', { database: this.database });
      this.#failures = 0;
      this.#offlineSinceMs = undefined;
      this.#setState({ tag: 'online' });
    } catch (failure) {
      if (this.#isClosed()) return;
      const refusal = failure instanceof WorldError ? failure : await this.#explain(failure);
      if (this.#isClosed()) return;
      if (refusal && !this.#mayPass(refusal)) this.#refuse(refusal);
      else this.#goOffline(refusal ?? failure);
    }
  }

  /** One attempt: resolves when the world was seen and found right. */
  async #attempt(): Promise<Workspace> {
    const { uri } = this.#options;
    this.#uri = typeof uri === 'string' ? uri : await uri(this.#ending.signal);
    const giveUp = new AbortController();
    let unreachable: WorldError | undefined;
    const stopWatching = watchConnecting({
      uri: this.#uri,
      clock: this.clock,
      onLoading: () => this.#setState({ tag: 'connecting', isLoading: true }),
      onUnreachable: (error) => {
        unreachable = error;
        giveUp.abort();
      },
    });
    try {
      return await this.#reach(this.#uri, AbortSignal.any([this.#ending.signal, giveUp.signal]));
    } catch (error) {
      throw unreachable ?? error;
    } finally {
      stopWatching();
    }
  }

  async #reach(uri: string, signal: AbortSignal): Promise<Workspace> {
    const { database, self, clock, log, connectTimeoutMs = LOADING_MS } = this.#options;
    const link = await openLink({
      uri,
      database,
      token: self.token,
      clock,
      log,
      timeoutMs: connectTimeoutMs,
      signal,
      onEnd: () => this.#ended(link),
      onSlow: (isSlow) => this.#slow.emit(isSlow),
    });
    if (this.#isClosed()) {
      link.close();
      throw closedError();
    }
    this.#link = link;
    const close = (): void => link.close();
    const cancelTimeout = clock.after(connectTimeoutMs, close);
    signal.addEventListener('abort', close);
    try {
      return await this.#look(link);
    } catch (error) {
      link.close();
      throw error;
    } finally {
      cancelTimeout();
      signal.removeEventListener('abort', close);
    }
  }

  /** Watches the world through a new connection, if it is one. */
  async #look(link: Link): Promise<Workspace> {
    const { database } = this;
    const found: { result: Workspace | WorldError } = { result: closedError() };
    try {
      await this.view.attach(link, (sight) => {
        found.result = this.#sameWorld(checkWorld({ database, ...sight }));
        return !(found.result instanceof WorldError);
      });
    } catch (error) {
      if (!(error instanceof QueryRefused)) throw error;
      const message = `The database ${database} answers, but not as a world`;
      throw new WorldError('not_a_world', message, { cause: error });
    }
    if (found.result instanceof WorldError) throw found.result;
    if (!link.isAlive) throw new LinkFailure('the connection ended');
    return found.result;
  }

  /** A database may be replaced by another of its name, to which nothing of ours belongs. */
  #sameWorld(found: Workspace | WorldError): Workspace | WorldError {
    const known = this.view.workspace?.worldEpoch;
    if (found instanceof WorldError || !known || found.worldEpoch === known) return found;
    return new WorldError('not_a_world', `Another world has taken the name ${this.database}`);
  }

  #ended(link: Link): void {
    if (this.#link !== link || this.#state.tag !== 'online') return;
    if (link.failure) this.#refuse(link.failure);
    else this.#goOffline(new LinkFailure('the connection ended'));
  }

  async #explain(failure: unknown): Promise<WorldError | undefined> {
    if (!(failure instanceof LinkFailure) || this.#uri === undefined) return undefined;
    const known = refusalByStatus(failure.status, this.#uri, this.database);
    if (known) return known;
    try {
      const why = await askWhyRejected({
        uri: this.#uri,
        database: this.database,
        identity: this.identity,
        signal: this.#ending.signal,
      });
      // A server that starts may answer before its worlds do; one that we have seen will be back.
      return why?.code === 'not_a_world' && this.view.workspace ? undefined : why;
    } catch (error) {
      if (error instanceof WorldError) return error;
      throw error;
    }
  }

  /** A server that is starting may not know its worlds yet: one that we have seen will be back. */
  #mayPass({ code }: WorldError): boolean {
    return PASSING.has(code) || (code === 'no_such_world' && this.view.workspace !== undefined);
  }

  #refuse(error: WorldError): void {
    this.log.warn('world.refused', { database: this.database, code: error.code });
    this.#setState({ tag: 'refused', error });
  }

  #goOffline(reason: unknown): void {
    const nowMs = this.clock.nowMs();
    const delayMs = retryDelayMs(this.#failures, this.#options.random);
    this.#failures += 1;
    this.#offlineSinceMs ??= nowMs;
    this.#cancelRetry();
    this.#cancelRetry = this.clock.after(delayMs, () => void this.#connect());
    const error = reason instanceof Error ? reason.message : String(reason);
    this.log.info('world.offline', { database: this.database, error });
    this.#setState({
      tag: 'offline',
      sinceMs: this.#offlineSinceMs,
      retryAtMs: nowMs + delayMs,
      ...(reason instanceof WorldError && reason.code === 'no_such_world' && { isMissing: true }),
    });
  }

  #setState(state: WorldState): void {
    if (this.#isClosed()) return;
    this.#state = state;
    this.#states.emit(state);
  }

  #isClosed(): boolean {
    return this.#state.tag === 'closed';
  }
}

/** Begins to connect to a world; `whenOnline` tells when it is there. */
export function openWorld(options: WorldOptions): WorldSession {
  return new WorldSession(options);
}

const CALL_TIMEOUT_MS = 30_000;
/** A server loads a world of some million rows when it is first asked for. */
export const LOADING_MS = 60_000;

/** Failures that may be gone at the next attempt. */
const PASSING: ReadonlySet<string> = new Set(['unreachable', 'cancelled', 'bad_answer']);

function closedError(): WorldError {
  return new WorldError('closed', 'The session was closed');
}
