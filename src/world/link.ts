import type { IdentityHex } from '../core/op.ts';
import { SIZES } from '../core/sizes.ts';
import {
  callReducer,
  type ReducerArguments,
  type ReducerName,
  type WorldConnection,
} from './bindings.ts';
import type { Clock } from './clock.ts';
import { tooLongMessage } from './message-size.ts';
import { OpenWaits } from './open-waits.ts';
import { parseRefusal, type Refusal } from './refusal.ts';
import { LinkFailure } from './link-failure.ts';
import { WorldError } from './world-error.ts';

/** What became of a call. `unanswered`: it may have been carried out or not. */
export type CallAnswer =
  | { readonly tag: 'done' }
  | { readonly tag: 'refused'; readonly refusal: Refusal }
  | { readonly tag: 'unanswered'; readonly why: 'disconnected' | 'timeout' | 'cancelled' };

export interface CallOptions {
  /** 0 waits for as long as the connection lasts. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Rows that the server keeps in step until `end`. */
export interface LinkSubscription {
  end(): void;
}

/** The server does not accept a query: its tables are not those we know, or there are too many. */
export class QueryRefused extends WorldError {
  constructor(reason: string) {
    super('query_refused', `The server does not accept a query: ${reason}`);
  }
}

export interface OpenedOptions {
  readonly clock: Clock;
  readonly moduleLevel: number;
  /** Called once. */
  readonly onEnd: () => void;
  /** Something that was asked has had no answer for long, or nothing any more. */
  readonly onSlow: (isSlow: boolean) => void;
  /** The server has said nothing for so long that the connection is ended. */
  readonly onSilent: () => void;
}

/** One living connection: calls and subscriptions that end with it. */
export class Link {
  readonly connection: WorldConnection;
  readonly identity: IdentityHex;
  readonly connectionId: string;
  /** What the world's module can do, as `core/module-level.ts` counts. */
  readonly moduleLevel: number;
  readonly #onEnd: () => void;
  readonly #waits: OpenWaits;
  #isAlive = true;
  #failure: WorldError | undefined;

  constructor(connection: WorldConnection, options: OpenedOptions) {
    this.connection = connection;
    this.identity = connection.identity!.toHexString();
    this.connectionId = connection.connectionId.toHexString();
    this.moduleLevel = options.moduleLevel;
    this.#onEnd = options.onEnd;
    const { clock, onSlow, onSilent } = options;
    this.#waits = new OpenWaits({
      clock,
      onSlow,
      onSilent: () => {
        onSilent();
        this.close();
      },
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Why another connection would end as this one did; undefined where that is not known. */
  get failure(): WorldError | undefined {
    return this.#failure;
  }

  /** Whether something that was asked has had no answer for long. */
  get isSlow(): boolean {
    return this.#waits.isSlow;
  }

  /** The server said something, whatever it was. */
  heard(): void {
    this.#waits.heard();
  }

  /** Calls a reducer once. Never rejects. */
  call<Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
    { timeoutMs = 0, signal }: CallOptions = {},
  ): Promise<CallAnswer> {
    if (!this.#isAlive) return Promise.resolve({ tag: 'unanswered', why: 'disconnected' });
    // A signal that has aborted tells nobody of it any more.
    if (signal?.aborted) return Promise.resolve({ tag: 'unanswered', why: 'cancelled' });
    const bytes = tooLongMessage(name, args);
    if (bytes !== undefined) return Promise.resolve({ tag: 'refused', refusal: tooLarge(bytes) });
    return new Promise((resolve) => {
      const settle = (answer: CallAnswer): void => {
        answered();
        signal?.removeEventListener('abort', cancelled);
        resolve(answer);
      };
      const unanswered = (why: 'disconnected' | 'timeout' | 'cancelled') => (): void =>
        settle({ tag: 'unanswered', why });
      const cancelled = unanswered('cancelled');
      const answered = this.#waits.add(
        unanswered('disconnected'),
        timeoutMs,
        unanswered('timeout'),
      );
      signal?.addEventListener('abort', cancelled);
      callReducer(this.connection, name, args).then(
        () => settle({ tag: 'done' }),
        (error: unknown) => settle({ tag: 'refused', refusal: refusalOf(error) }),
      );
    });
  }

  /**
   * Watches queries; resolves when their rows are in the connection's tables. `onApplied` is called
   * at the very moment they are there, before any later transaction. Rejects with `QueryRefused`, or
   * when the connection ends: with what the world sent that cannot be read (`WorldError` `unreadable`),
   * or else with `LinkFailure`.
   */
  subscribe(queries: readonly string[], onApplied?: () => void): Promise<LinkSubscription> {
    return new Promise((resolve, reject) => {
      const disconnected = (): void =>
        reject(this.#failure ?? new LinkFailure('the connection ended'));
      if (!this.#isAlive) {
        disconnected();
        return;
      }
      const answered = this.#waits.add(disconnected);
      const handle = this.connection
        .subscriptionBuilder()
        .onApplied(() => {
          answered();
          try {
            onApplied?.();
            resolve({ end: () => this.#unsubscribe(handle) });
          } catch (error) {
            reject(error);
          }
        })
        .onError((context) => {
          answered();
          reject(new QueryRefused(context.event?.message ?? 'no reason given'));
        })
        .subscribe([...queries]);
    });
  }

  /** Ends the connection. */
  close(): void {
    this.connection.disconnect();
    this.ended();
  }

  /** The connection ended, and why if that is known to be for good. */
  ended(failure?: WorldError): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#failure = failure;
    this.#waits.end();
    this.#onEnd();
  }

  #unsubscribe(handle: { isActive(): boolean; unsubscribe(): void }): void {
    if (this.#isAlive && handle.isActive()) handle.unsubscribe();
  }
}

function tooLarge(bytes: number): Refusal {
  const message = `This is ${bytes} bytes long, and a server takes ${SIZES.message} at a time`;
  return { code: 'too_large', message, details: { bytes, limit: SIZES.message } };
}

function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'SenderError') return parseRefusal(message);
  return { code: 'internal', message, details: {} };
}
