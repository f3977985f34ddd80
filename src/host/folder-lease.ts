import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { CancelTimer, Clock } from './clock.ts';
import { writeFileAtomically } from './home.ts';
import { systemCode } from './host-error.ts';
import type { HostLog } from './log.ts';
import type { RouteRequest } from './server.ts';

/** What the host tells whoever asks for a folder; `ahead` counts those who come first. */
export type LeaseMessage =
  | { readonly granted: true; readonly fence: number }
  | { readonly granted: false; readonly ahead: number };

/** A folder that somebody keeps now. */
export interface HeldLease {
  readonly world: string;
  /** As `folderKeyOf` names it. */
  readonly folder: string;
  /** In the holder's own words; empty where it is of a version that says nothing. */
  readonly holder: string;
  /** How many wait to keep it next. */
  readonly waiting: number;
}

export interface FolderLeasesOptions {
  /** From `nextLeaseEpoch`: makes fences grow across the host's restarts. */
  readonly epoch: number;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly heartbeatMs?: number;
}

/**
 * Gives each folder of each world to one mirror at a time: the first that asks holds it until its
 * socket ends, the others wait in order. Every grant has a higher fence than all before it, so that
 * whoever was frozen while it lost its lease can be told from the one that has it now.
 */
export class FolderLeases {
  readonly #options: FolderLeasesOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    perMessageDeflate: false,
  });
  /** Per world and folder: the holder first, then those who wait. Never an empty queue. */
  readonly #queues = new Map<string, WebSocket[]>();
  readonly #holders = new WeakMap<WebSocket, string>();
  readonly #silent = new WeakSet<WebSocket>();
  #grants = 0;
  #cancelHeartbeat: CancelTimer = () => {};

  constructor(options: FolderLeasesOptions) {
    this.#options = options;
    this.#scheduleHeartbeat();
  }

  /** How many sockets hold or await a lease. */
  get connections(): number {
    return this.#sockets.clients.size;
  }

  /** Who keeps which folder now. */
  list(): readonly HeldLease[] {
    return [...this.#queues].map(([place, [first, ...others]]) => {
      const [folder = '', world = ''] = place.split(' ');
      const holder = this.#holders.get(first as WebSocket) ?? '';
      return { world, folder, holder, waiting: others.length };
    });
  }

  /** Takes `/agent-world/lease?world=…&folder=…&holder=…`; answers false for any other path. */
  upgrade({ request, path, query }: RouteRequest, socket: Duplex, head: Buffer): boolean {
    if (path !== '/agent-world/lease') return false;
    const world = query.get('world') ?? '';
    const folder = query.get('folder') ?? '';
    if (!WORLD.test(world) || !FOLDER_KEY.test(folder)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return true;
    }
    const holder = (query.get('holder') ?? '').slice(0, MOST_HOLDER_CHARACTERS);
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      this.#holders.set(client, holder);
      this.#enter(`${folder} ${world}`, client);
    });
    return true;
  }

  /** Ends every lease. */
  close(): void {
    this.#cancelHeartbeat();
    for (const client of this.#sockets.clients) client.close(GOING_AWAY);
    this.#sockets.close();
  }

  #enter(place: string, client: WebSocket): void {
    const queue = this.#queues.get(place) ?? [];
    this.#queues.set(place, queue);
    queue.push(client);
    client.on('pong', () => this.#silent.delete(client));
    client.on('error', (error) => {
      this.#options.log.warn('lease.socket_failed', { error: error.message });
    });
    client.on('close', () => this.#leave(place, client));
    if (queue[0] === client) this.#grant(client);
    else send(client, { granted: false, ahead: queue.length - 1 });
  }

  #leave(place: string, client: WebSocket): void {
    const queue = this.#queues.get(place);
    const index = queue?.indexOf(client) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(place);
    else if (index === 0) this.#grant(queue[0] as WebSocket);
  }

  #grant(client: WebSocket): void {
    this.#grants += 1;
    const fence = this.#options.epoch * GRANTS_PER_EPOCH + this.#grants;
    send(client, { granted: true, fence });
    this.#options.log.info('lease.granted', { fence });
  }

  #scheduleHeartbeat(): void {
    const { clock, heartbeatMs = HEARTBEAT_MS } = this.#options;
    this.#cancelHeartbeat = clock.after(heartbeatMs, () => {
      for (const client of this.#sockets.clients) {
        if (this.#silent.has(client)) client.terminate();
        this.#silent.add(client);
        client.ping();
      }
      this.#scheduleHeartbeat();
    });
  }
}

/**
 * Reserves a block of fences for one life of the host, and keeps it in `file`. The clock helps only
 * where the file was lost; as long as it is there, the next epoch is higher whatever the clock says.
 */
export async function nextLeaseEpoch(file: string, clock: Clock): Promise<number> {
  const previous = await readEpoch(file);
  const epoch = Math.max(previous + 1, Number(clock.nowMicros() / 1_000_000n));
  await writeFileAtomically(file, `${epoch}\n`);
  return epoch;
}

/** How often the host asks whether a mirror still answers; a silent one loses its lease. */
export const HEARTBEAT_MS = 10_000;

const WORLD = /^[^\s]{1,256}$/;
const FOLDER_KEY = /^[0-9a-f]{64}$/;
const MOST_HOLDER_CHARACTERS = 100;
const GOING_AWAY = 1001;
/** Epochs are Unix seconds or little more: the product stays a safe integer past the year 2200. */
const GRANTS_PER_EPOCH = 2 ** 20;

async function readEpoch(file: string): Promise<number> {
  try {
    const epoch = Number(await readFile(file, 'utf8'));
    return Number.isSafeInteger(epoch) && epoch > 0 && epoch < 2 ** 33 ? epoch : 0;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

function send(client: WebSocket, message: LeaseMessage): void {
  client.send(JSON.stringify(message));
}
