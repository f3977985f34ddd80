import { BsatnWriter } from './bsatn/writer.ts';
import { CLIENT_TABLE } from './datastore/datastore.ts';
import type { Table } from './datastore/table.ts';
import type { TableChange, Transaction } from './datastore/transaction.ts';
import { bsatnToHex } from './identity.ts';
import type { CallOutcome, Caller, ModuleRuntime } from './module-runtime.ts';

/**
 * Runs a module's `client_connected` and `client_disconnected`, and keeps a row for every client
 * between the two, in the same transactions: so that after a crash it is known whom to disconnect.
 */
export class ClientLifecycle {
  readonly #runtime: ModuleRuntime;
  readonly #clients: Table;
  readonly #applied: (changes: readonly TableChange[]) => void;

  constructor(runtime: ModuleRuntime, applied: (changes: readonly TableChange[]) => void) {
    const clients = runtime.datastore.table(CLIENT_TABLE);
    if (clients === undefined) throw new Error('the client table is missing');
    this.#runtime = runtime;
    this.#clients = clients;
    this.#applied = applied;
  }

  /** Any outcome but `ok` means that the module does not want this client. */
  connected(caller: Caller): CallOutcome {
    const enter = (transaction: Transaction) =>
      void transaction.insert(this.#clients, clientRow(caller));
    const hook = this.#runtime.def.lifecycle.get('connect');
    const outcome =
      hook === undefined
        ? this.#runtime.transact((_, transaction) => enter(transaction))
        : this.#runtime.callReducer(hook, caller, NO_ARGUMENTS, enter);
    if (outcome.kind === 'ok') this.#applied(outcome.changes);
    return outcome;
  }

  /** The client has left, whatever the module's reducer does about it. */
  disconnected(caller: Caller): void {
    const leave = (transaction: Transaction) => {
      const wanted = this.#clients.makeRow(clientRow(caller));
      const row = this.#clients.byIdentity(this.#clients.identityOf(wanted));
      if (row !== undefined) transaction.delete(this.#clients, row);
    };
    const hook = this.#runtime.def.lifecycle.get('disconnect');
    const called =
      hook === undefined ? null : this.#runtime.callReducer(hook, caller, NO_ARGUMENTS, leave);
    const outcome = called?.kind === 'ok' ? called : this.#runtime.transact((_, tx) => leave(tx));
    if (outcome.kind === 'ok') this.#applied(outcome.changes);
  }

  /** Clients that connected and never disconnected. */
  remaining(): Caller[] {
    return this.#clients.allRows().map(({ bytes }) => ({
      connectionId: BigInt(`0x${bsatnToHex(bytes.subarray(0, 16))}`),
      identity: BigInt(`0x${bsatnToHex(bytes.subarray(16, 48))}`),
    }));
  }
}

const NO_ARGUMENTS = Buffer.alloc(0);

function clientRow(caller: Caller): Buffer {
  return new BsatnWriter().integer(caller.connectionId, 16).integer(caller.identity, 32).take();
}
