/** Owns: that hooks of one folder are answered while an agent's server runs. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { newLocalAddress } from '../../host/local-address.ts';
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
    const { address, remove } = newLocalAddress(hooksFolder(options.home));
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
      const { client, event: name = '', input } = JSON.parse(line) as HookRequest;
      const form = hookForm(client);
      const event = form?.eventOf(input, name);
      if (!form || !event) return '';
      const output = form.output(input, await desk.answer(event, form));
      return output === undefined ? '' : JSON.stringify(output);
    } catch (error) {
      log.warn(`A hook was not answered: ${error instanceof Error ? error.name : 'unknown'}`);
      return '';
    }
  }
}
