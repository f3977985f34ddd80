import type { Batch } from '../../src/core/op.ts';
import type { PolicyMode } from '../../src/core/policy.ts';
import type {
  BatchAnswer,
  FileHeadState,
  StopListening,
  VersionedText,
  WorldFile,
  WorldFileEvent,
} from '../../src/sync/ports.ts';
import type { Authority, Disputed } from './authority.ts';
import { DelayedLine, type DelayRange } from './delayed-line.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export const FILE_ID = 7;

/** What stands between clients and an authority: lines that delay, lose and repeat. */
export class Network {
  readonly authority: Authority;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly delay: DelayRange;
  /** How likely a message to a client comes twice. */
  readonly repeatChance: number;
  readonly #clients = new Set<NetworkFile>();

  constructor(
    authority: Authority,
    time: VirtualTime,
    random: Random,
    delay: DelayRange,
    repeatChance: number,
  ) {
    this.authority = authority;
    this.time = time;
    this.random = random;
    this.delay = delay;
    this.repeatChance = repeatChance;
  }

  /** A client that saw everything up to `version` and connects at once. */
  open(actor: string, version: number): NetworkFile {
    const client = new NetworkFile(this, actor, version);
    client.connect();
    return client;
  }

  subscribe(client: NetworkFile, afterVersion: number): void {
    this.#clients.add(client);
    client.sentVersion = afterVersion;
    this.#bringUpToDate(client);
    client.receive({ tag: 'connected' });
  }

  leave(client: NetworkFile): void {
    this.#clients.delete(client);
  }

  async submit(client: NetworkFile, batch: Batch): Promise<void> {
    const answer = await this.authority.submit(client.actor, batch);
    this.#broadcast();
    const event: WorldFileEvent = { tag: 'answered', batchId: batch.batchId, answer };
    client.receive(event);
    if (this.random.chance(this.repeatChance)) client.receive(event);
  }

  /** Puts a text in place of a ticket's sides, which everybody hears of. */
  async decide(actor: string, opId: string, shown: Disputed, text: string): Promise<string> {
    const code = (await this.authority.decide?.(actor, opId, shown, text)) ?? 'unknown';
    this.#broadcast();
    return code;
  }

  async setPolicy(policy: PolicyMode): Promise<void> {
    await this.authority.setPolicy(policy);
    this.#broadcast();
    for (const client of this.#clients) client.receive({ tag: 'policy_changed', policy });
  }

  /** Something an owner does, which everybody hears of. */
  async administer(act: (authority: Authority) => Promise<void>): Promise<void> {
    await act(this.authority);
    this.#broadcast();
  }

  /** The server goes down and comes back; what it acknowledged it still knows. */
  async restart(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.authority.restart();
  }

  #broadcast(): void {
    for (const client of this.#clients) this.#bringUpToDate(client);
  }

  #bringUpToDate(client: NetworkFile): void {
    for (const op of this.authority.history.slice(client.sentVersion - 1)) {
      client.sentVersion = op.version;
      client.receive({ tag: 'committed', op });
      if (this.random.chance(this.repeatChance)) client.receive({ tag: 'committed', op });
    }
  }
}

/** A client's connection to the file, which comes back by itself when it is cut. */
export class NetworkFile implements WorldFile {
  readonly fileId = FILE_ID;
  readonly actor: string;
  sentVersion: number;
  isConnected = false;
  policy: PolicyMode;
  head: FileHeadState;
  readonly #network: Network;
  readonly #up: DelayedLine;
  readonly #down: DelayedLine;
  readonly #listeners = new Set<(event: WorldFileEvent) => void>();
  #delivered: number;
  #isClosed = false;
  #cancelReconnect: (() => void) | undefined;

  constructor(network: Network, actor: string, version: number) {
    this.#network = network;
    this.actor = actor;
    this.sentVersion = version;
    this.#delivered = version;
    this.policy = network.authority.policy;
    this.head = { version: 0, contentHash: new Uint8Array() };
    this.#up = new DelayedLine(network.time, network.random.fork(), network.delay);
    this.#down = new DelayedLine(network.time, network.random.fork(), network.delay);
  }

  connect(): void {
    if (this.#isClosed) return;
    this.#up.send(() => this.#network.subscribe(this, this.#delivered));
  }

  /** Loses the connection and all that is on its way; comes back after a while. */
  disconnect(offlineMs: number = this.#network.random.integer(50, 3000)): void {
    this.#network.leave(this);
    this.#up.cut();
    this.#down.cut();
    this.#cancelReconnect?.();
    this.#cancelReconnect = this.#network.time.after(offlineMs, () => this.connect());
    if (!this.isConnected) return;
    this.isConnected = false;
    this.#emit({ tag: 'disconnected' });
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.disconnect();
    this.#cancelReconnect?.();
  }

  /** Called by the server; arrives later. */
  receive(event: WorldFileEvent): void {
    this.#down.send(() => {
      if (event.tag === 'connected') {
        this.#changePolicy(this.#network.authority.policy);
        this.isConnected = true;
      }
      if (event.tag === 'committed') {
        this.#delivered = Math.max(this.#delivered, event.op.version);
        this.head = { version: this.#delivered, contentHash: event.op.afterHash };
      }
      if (event.tag === 'policy_changed') this.policy = event.policy;
      this.#emit(event);
    });
  }

  send(batch: Batch): void {
    if (this.isConnected) this.#up.send(() => this.#network.submit(this, batch));
  }

  replayAfter(afterVersion: number): void {
    this.#delivered = afterVersion;
    if (this.isConnected) this.#up.send(() => this.#network.subscribe(this, afterVersion));
  }

  readHead(): Promise<VersionedText> {
    const version = this.#network.authority.history.length + 1;
    this.#network.time.noteSettled();
    return Promise.resolve({ version, text: this.#network.authority.textAt(version) });
  }

  ticketOf(opId: string): number | undefined {
    return this.#network.authority.ticketOf(opId);
  }

  onEvent(listener: (event: WorldFileEvent) => void): StopListening {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changePolicy(policy: PolicyMode): void {
    if (policy === this.policy) return;
    this.policy = policy;
    this.#emit({ tag: 'policy_changed', policy });
  }

  #emit(event: WorldFileEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

export type { BatchAnswer };
