import type { NamedType, Typespace } from './bsatn/algebraic-type.ts';
import { layoutOf, type Layout } from './bsatn/layout.ts';
import type { Clock } from './clock.ts';
import { Datastore } from './datastore/datastore.ts';
import { Transaction, type TableChange } from './datastore/transaction.ts';
import { identityNumber, type IdentityHex } from './identity.ts';
import type { HostLog } from './log.ts';
import { readModuleDef, type ModuleDef } from './module-def.ts';
import type { Strictness } from './module-context.ts';
import { ModuleInstance } from './module-instance.ts';
import { BadModuleError, ModuleProgram, type ModuleHooks } from './module-loader.ts';
import type { ModuleHost } from './system-calls.ts';

/** Who calls, as the module sees it. */
export interface Caller {
  readonly identity: bigint;
  /** 0 when the call comes through no connection. */
  readonly connectionId: bigint;
}

export type CallOutcome =
  | { readonly kind: 'ok'; readonly timestampMicros: bigint; readonly changes: TableChange[] }
  /** The reducer threw a `SenderError`: the text is for its caller. */
  | { readonly kind: 'refused'; readonly timestampMicros: bigint; readonly message: string }
  /** It threw anything else: the log has it, the caller does not. */
  | { readonly kind: 'failed'; readonly timestampMicros: bigint; readonly message: string };

export type ValueOutcome<Value> =
  | { readonly kind: 'returned'; readonly timestampMicros: bigint; readonly value: Value }
  | { readonly kind: 'failed'; readonly timestampMicros: bigint; readonly message: string };

export interface RuntimeOptions {
  readonly source: string;
  /** `strict` unless said otherwise. */
  readonly strictness?: Strictness;
  readonly tableIds: ReadonlyMap<string, number>;
  readonly identity: IdentityHex;
  readonly clock: Clock;
  readonly log: HostLog;
  /** Claims of a live connection's token as JSON; empty when there are none. */
  claimsOf(connectionId: bigint): string;
  scheduleImmediate(reducer: string, args: Buffer): void;
  /** Told of each transaction that a procedure or an HTTP handler commits. */
  committed(changes: TableChange[]): void;
}

interface Callable {
  readonly index: number;
  readonly args: Layout;
}

const INTERNAL_ERROR = 'The instance encountered a fatal error.';

/** A loaded module and its tables: runs its functions, one at a time, each in a transaction. */
export class ModuleRuntime {
  readonly def: ModuleDef;
  readonly datastore: Datastore;
  readonly #options: RuntimeOptions;
  readonly #program: ModuleProgram;
  readonly #instance: ModuleInstance;
  /** What procedures and HTTP handlers run in: as on SpacetimeDB, they share no globals with reducers. */
  #aside: ModuleInstance | null = null;
  readonly #reducers: ReadonlyMap<string, Callable>;
  readonly #procedures: ReadonlyMap<string, Callable>;
  #transaction: Transaction | null = null;
  #anonymous = false;
  #lastMicros = 0n;

  /** Loads the module. Throws {@link BadModuleError}. */
  constructor(options: RuntimeOptions) {
    this.#options = options;
    const strictness = options.strictness ?? 'strict';
    this.#program = new ModuleProgram(options.source, strictness);
    this.#instance = this.#newInstance();
    this.def = describe(this.#instance.hooks, strictness);
    this.datastore = new Datastore(this.def, options.tableIds);
    this.#reducers = callables(this.def.reducers, this.def.typespace);
    this.#procedures = callables(this.def.procedures, this.def.typespace);
  }

  /** The reducer a client may call by this name with these arguments, or why it may not. */
  clientReducer(name: string, args: Buffer): { readonly index: number } | string {
    const found = this.#reducers.get(name);
    if (found === undefined) return `no such reducer: ${name}`;
    if (this.def.reducers[found.index]?.clientCallable !== true) {
      return `reducer ${name} cannot be called by clients`;
    }
    return fits(found.args, args) ? found : `invalid arguments for reducer ${name}`;
  }

  clientProcedure(name: string, args: Buffer): { readonly index: number } | string {
    const found = this.#procedures.get(name);
    if (found === undefined) return `no such procedure: ${name}`;
    return fits(found.args, args) ? found : `invalid arguments for procedure ${name}`;
  }

  /** Calls a reducer, after `first` has made changes of the host's own in the same transaction. */
  callReducer(
    index: number,
    caller: Caller,
    args: Buffer,
    first?: (transaction: Transaction) => void,
  ): CallOutcome {
    return this.transact((timestampMicros, transaction) => {
      first?.(transaction);
      this.#instance.hooks.__call_reducer__(
        index,
        caller.identity,
        caller.connectionId,
        timestampMicros,
        new DataView(args.buffer, args.byteOffset, args.length),
      );
    });
  }

  /** Runs `body` in a transaction of its own. */
  transact(body: (timestampMicros: bigint, transaction: Transaction) => void): CallOutcome {
    const timestampMicros = this.#now();
    const transaction = new Transaction();
    this.#transaction = transaction;
    try {
      body(timestampMicros, transaction);
      return { kind: 'ok', timestampMicros, changes: transaction.commit() };
    } catch (error) {
      transaction.rollback();
      this.#transaction = null;
      return { timestampMicros, ...this.#failure(error, this.#instance) };
    } finally {
      this.#transaction = null;
      this.#instance.endCall();
    }
  }

  callProcedure(index: number, caller: Caller, args: Buffer): ValueOutcome<Uint8Array> {
    return this.#callAside((hooks, timestampMicros) =>
      hooks.__call_procedure__(index, caller.identity, caller.connectionId, timestampMicros, args),
    );
  }

  /** Calls an HTTP handler with an encoded request; answers the encoded response and its body. */
  callHandler(
    index: number,
    request: Buffer,
    body: Buffer,
  ): ValueOutcome<readonly [response: Uint8Array, body: Uint8Array]> {
    return this.#callAside((hooks, timestampMicros) => {
      const answer = hooks.__call_http_handler__?.(index, timestampMicros, request, body);
      if (answer === undefined) throw new Error('the module answers no HTTP requests');
      return answer;
    });
  }

  #callAside<Value>(
    call: (hooks: ModuleHooks, timestampMicros: bigint) => Value,
  ): ValueOutcome<Value> {
    const timestampMicros = this.#now();
    const instance = (this.#aside ??= this.#newInstance());
    try {
      return { kind: 'returned', timestampMicros, value: call(instance.hooks, timestampMicros) };
    } catch (error) {
      this.#endAnonymous(false);
      const { message } = this.#failure(error, instance);
      return { kind: 'failed', timestampMicros, message };
    } finally {
      this.#endAnonymous(false);
      instance.endCall();
    }
  }

  #newInstance(): ModuleInstance {
    const options = this.#options;
    const host: Omit<ModuleHost, 'errorFor'> = {
      transaction: () => this.#transaction,
      table: (name) => this.datastore.table(name),
      tables: () => this.datastore.tables(),
      identity: identityNumber(options.identity),
      claimsOf: (connectionId) => options.claimsOf(connectionId),
      log: (level, message) => this.#logFromModule(level, message),
      nowMicros: () => this.#now(),
      beginAnonymous: () => this.#beginAnonymous(),
      endAnonymous: (commit) => this.#endAnonymous(commit),
      scheduleImmediate: (reducer, args) => options.scheduleImmediate(reducer, args),
    };
    return new ModuleInstance(this.#program, host, options);
  }

  #failure(
    error: unknown,
    instance: ModuleInstance,
  ): { kind: 'refused' | 'failed'; message: string } {
    const { message, stack } = (error ?? {}) as { message?: unknown; stack?: string };
    if (error instanceof instance.hooks.__sender_error_class__) {
      return { kind: 'refused', message: String(message) };
    }
    // The text of an error may quote a document: the log gets where it happened, not what it said.
    this.#options.log.error('module.threw', { at: stackWithoutMessage(stack ?? '') });
    instance.replace();
    return { kind: 'failed', message: INTERNAL_ERROR };
  }

  /** The time, never before what a call was told earlier. */
  #now(): bigint {
    const now = this.#options.clock.nowMicros();
    if (now > this.#lastMicros) this.#lastMicros = now;
    return this.#lastMicros;
  }

  #beginAnonymous(): bigint | null {
    if (this.#transaction !== null) return null;
    this.#transaction = new Transaction();
    this.#anonymous = true;
    return this.#now();
  }

  #endAnonymous(commit: boolean): boolean {
    const transaction = this.#transaction;
    if (transaction === null || !this.#anonymous) return false;
    this.#transaction = null;
    this.#anonymous = false;
    if (commit) this.#options.committed(transaction.commit());
    else transaction.rollback();
    return true;
  }

  #logFromModule(level: number, message: string): void {
    const severity = (['error', 'warn', 'info'] as const)[level] ?? 'debug';
    this.#options.log[severity]('module.console', { message });
  }
}

function describe(hooks: ModuleHooks, strictness?: Strictness): ModuleDef {
  try {
    const bytes = hooks.__describe_module__();
    return readModuleDef(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), strictness);
  } catch (error) {
    const reason = String((error as { message?: unknown } | null)?.message ?? error);
    throw new BadModuleError(`the module cannot be used: ${reason}`, { cause: error });
  }
}

function stackWithoutMessage(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 8).join(' ').replace(/\s+/g, ' ');
}

interface Named {
  readonly sourceName: string;
  readonly name: string;
  readonly params: readonly NamedType[];
}

/** Functions by the name clients use and the one the module does. */
function callables(functions: readonly Named[], typespace: Typespace): Map<string, Callable> {
  const found = new Map<string, Callable>();
  for (const [index, { name, sourceName, params }] of functions.entries()) {
    const callable = { index, args: layoutOf({ tag: 'product', elements: params }, typespace) };
    found.set(name, callable);
    if (!found.has(sourceName)) found.set(sourceName, callable);
  }
  return found;
}

function fits(layout: Layout, args: Buffer): boolean {
  try {
    return layout.skip(args, 0) === args.length;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
