/** Owns: that hooks of one folder are answered while an agent's server runs. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WorldLog } from '../../world/log.ts';
import { hookForm } from './hook-forms.ts';
import { type HookRequest, hooksFolder, MOST_INPUT, putAddress } from './hook-address.ts';
import type { HookDesk } from './hook-desk.ts';

export interface HookServerOptions {
  readonly home: string;
  /** The agent's own, absolute and there. */
  readonly folder: string;
  readonly desk: Pick<HookDesk, 'answer'>;
  readonly log: WorldLog;
}

export class HookServer {
  readonly #options: HookServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #takeBack = (): void => {};

  private constructor(options: HookServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Rejects where nothing can listen. */
  static async listen(options: HookServerOptions): Promise<HookServer> {
    const server = new HookServer(options);
    const { address, remove } = newAddress(options.home);
    server.#server.listen(address);
    await once(server.#server, 'listening');
    const takeBack = putAddress(options.home, options.folder, address);
    server.#takeBack = () => {
      takeBack();
      remove();
    };
    return server;
  }

  close(): void {
    this.#takeBack();
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // A client that ends its hook takes no answer.
    socket.on('error', () => socket.destroy());
    let said = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      said += text;
      if (said.length > MOST_INPUT * 2) socket.destroy();
      if (!said.endsWith('\n')) return;
      const line = said;
      said = '';
      void this.#answer(line).then((answer) => socket.end(`${answer}\n`));
    });
  }

  /** Empty where there is nothing to tell, or nothing that can be understood. */
  async #answer(line: string): Promise<string> {
    const { desk, log } = this.#options;
    try {
      const { client, input } = JSON.parse(line) as HookRequest;
      const form = hookForm(client);
      const event = form?.eventOf(input);
      if (!form || !event) return '';
      const output = form.output(input, await desk.answer(event, form));
      return output === undefined ? '' : JSON.stringify(output);
    } catch (error) {
      log.warn(`A hook was not answered: ${error instanceof Error ? error.name : 'unknown'}`);
      return '';
    }
  }
}

/** Where nobody else can connect: a folder or a name that only this user can read. */
function newAddress(home: string): { readonly address: string; readonly remove: () => void } {
  const name = randomBytes(8).toString('hex');
  if (process.platform === 'win32') {
    return { address: String.raw`\\.\pipe\agent-world-hooks-${name}`, remove: () => {} };
  }
  const folder = hooksFolder(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const address = path.join(folder, `${name}.sock`);
  if (Buffer.byteLength(address) <= MOST_SOCKET_BYTES) {
    return { address, remove: () => rmSync(address, { force: true }) };
  }
  const short = mkdtempSync(path.join(tmpdir(), 'agent-world-'));
  const remove = (): void => rmSync(short, { recursive: true, force: true });
  return { address: path.join(short, 'hooks.sock'), remove };
}

/** macOS takes no longer ones. */
const MOST_SOCKET_BYTES = 100;
