/**
 * Owns: who needs the mirror of a folder: holders connect at an address that only this user can read, and a
 * process that ends lets go by that. Does not know: what a mirror does, or how it is started.
 */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { newLocalAddress } from '../host/local-address.ts';
import type { CancelTimer, Clock } from '../world/clock.ts';
import { type Door, DOOR_FILE, type Holder } from './knock.ts';

export interface MirrorDoorOptions {
  /** The folder's state, a folder that is there. */
  readonly state: string;
  readonly clock: Clock;
  /** For so long nobody needs to hold the mirror. */
  readonly unusedMs: number;
  /** Whoever waits for `unused` ends then. */
  readonly mayEnd: boolean;
}

export class MirrorDoor {
  /** Resolves when nobody has held the mirror for so long. */
  readonly unused: Promise<void>;
  readonly #options: MirrorDoorOptions;
  readonly #server: Server;
  readonly #holders = new Map<Socket, Holder | undefined>();
  #becomeUnused = (): void => {};
  #cancel: CancelTimer | undefined;
  #removeAddress = (): void => {};
  #isClosed = false;

  private constructor(options: MirrorDoorOptions) {
    this.#options = options;
    this.unused = new Promise((resolve) => (this.#becomeUnused = resolve));
    this.#server = createServer((socket) => this.#hold(socket));
  }

  /** Rejects where nothing can listen. */
  static async open(options: MirrorDoorOptions): Promise<MirrorDoor> {
    const door = new MirrorDoor(options);
    const { address, remove } = newLocalAddress(options.state);
    door.#removeAddress = remove;
    door.#server.listen(address);
    await once(door.#server, 'listening');
    const told: Door = { address, pid: process.pid };
    writeFileSync(door.#file, JSON.stringify(told), { mode: 0o600 });
    door.#wind();
    return door;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#server.close();
    for (const socket of this.#holders.keys()) socket.destroy();
    rmSync(this.#file, { force: true });
    this.#removeAddress();
  }

  get #file(): string {
    return path.join(this.#options.state, DOOR_FILE);
  }

  #hold(socket: Socket): void {
    this.#holders.set(socket, undefined);
    this.#wind();
    let said = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      said += text;
      if (said.length > MOST_SAID) socket.destroy();
      else if (said.endsWith('\n')) {
        const as = said.includes('"server"') ? 'server' : 'hook';
        const isEnd = said.includes('"end"') && ![...this.#holders.values()].includes('server');
        said = '';
        this.#holders.set(socket, as);
        if (isEnd && this.#options.mayEnd) this.#becomeUnused();
        else this.#tellServers(socket);
      }
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      const was = this.#holders.get(socket);
      this.#holders.delete(socket);
      if (was === 'server') this.#tellServers();
      this.#wind();
    });
  }

  /** All servers hear how many they are, and so does whoever has just come. */
  #tellServers(newcomer?: Socket): void {
    const servers = [...this.#holders]
      .filter(([, as]) => as === 'server')
      .map(([socket]) => socket);
    const told = `${JSON.stringify({ servers: servers.length })}\n`;
    for (const socket of new Set([...servers, ...(newcomer ? [newcomer] : [])])) socket.write(told);
  }

  /** The time runs while nobody holds the mirror. */
  #wind(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#isClosed || this.#holders.size > 0) return;
    const { clock, unusedMs } = this.#options;
    this.#cancel = clock.after(unusedMs, () => this.#becomeUnused());
  }
}

/** How long a mirror goes on after the last that needed it. */
export const UNUSED_MS = 10 * 60_000;
/** A holder says one word. */
const MOST_SAID = 256;
