// One member who sends as fast as the host takes it, in a process of its own.
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answerRequests } from './child-process.ts';
import { type FloodKind, FloodMessages } from './flood-messages.ts';

export type FloodRequest =
  | {
      readonly kind: 'start';
      readonly flood: FloodKind;
      readonly uri: string;
      readonly database: string;
      readonly token: string;
      readonly fileId: number;
    }
  | { readonly kind: 'stop' };

/** What a flood came to: messages sent, calls that were done and refused, and its end. */
export interface FloodReport {
  readonly sent: number;
  readonly done: number;
  readonly refused: number;
  readonly seconds: number;
  readonly wasCutOff: boolean;
}

let running: Flood | undefined;

answerRequests(async (request: FloodRequest): Promise<FloodReport> => {
  if (request.kind === 'start') {
    running = await Flood.start(request);
    return running.report();
  }
  const report = running?.report();
  if (!running || !report) throw new Error('no flood to stop');
  await running.stop();
  running = undefined;
  return report;
});

class Flood {
  readonly #socket: WebSocket;
  readonly #messages: FloodMessages;
  readonly #startedMs = performance.now();
  #sent = 0;
  #isOver = false;
  readonly #ended: Promise<void>;

  static async start(request: Extract<FloodRequest, { kind: 'start' }>): Promise<Flood> {
    const { uri, database, token, flood, fileId } = request;
    const address = `${uri.replace(/^http/, 'ws')}v1/database/${database}/subscribe`;
    const socket = new WebSocket(`${address}?compression=None`, 'v2.bsatn.spacetimedb', {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      maxPayload: 0,
    });
    const welcome = once(socket, 'message');
    await welcome;
    return new Flood(socket, new FloodMessages(flood, fileId));
  }

  private constructor(socket: WebSocket, messages: FloodMessages) {
    this.#socket = socket;
    this.#messages = messages;
    socket.on('message', (data: Buffer) => messages.heard(data));
    this.#ended = this.#run();
  }

  report(): FloodReport {
    const { done, refused } = this.#messages;
    const wasCutOff = this.#socket.readyState !== WebSocket.OPEN;
    const seconds = (performance.now() - this.#startedMs) / 1000;
    return { sent: this.#sent, done, refused, seconds, wasCutOff };
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
    this.#socket.terminate();
  }

  async #run(): Promise<void> {
    while (!this.#isOver && this.#socket.readyState === WebSocket.OPEN) {
      for (let count = 0; count < BURST && this.#socket.bufferedAmount < ENOUGH_BYTES; count++) {
        this.#socket.send(this.#messages.next());
        this.#sent++;
      }
      // Where the host takes no more, there is nothing to do but to wait for the socket.
      if (this.#socket.bufferedAmount < ENOUGH_BYTES) await nextTurn();
      else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

const BURST = 200;
/** What may wait in this process for the kernel to take it. */
const ENOUGH_BYTES = 256 * 1024;
