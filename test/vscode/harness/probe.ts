import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import type * as vscode from 'vscode';

type Api = typeof vscode;
/** Code that runs inside an extension host: it sees only its two parameters, and results travel as JSON. */
export type ProbeFunction<Argument, Result> = (
  api: Api,
  argument: Argument,
) => Result | Thenable<Result>;

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** How long a function may run in an extension host before a test gives up. */
const ANSWER_MS = 90_000;

const extensionFolder = fileURLToPath(new URL('./probe-extension', import.meta.url));

/** Listens for the probe extensions of any number of windows. */
export class ProbeServer {
  readonly #server = net.createServer((socket) => this.#accept(socket));
  readonly #token = randomUUID();
  readonly #windows = new Map<string, Probe>();

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Makes the probe extension of one window, in `folder`. */
  prepare(windowId: string, folder: string): Probe {
    fs.cpSync(extensionFolder, folder, { recursive: true });
    const { port } = this.#server.address() as net.AddressInfo;
    const window = { port, token: this.#token, windowId };
    fs.writeFileSync(path.join(folder, 'window.json'), JSON.stringify(window));
    const probe = new Probe();
    this.#windows.set(windowId, probe);
    return probe;
  }

  close(): void {
    this.#server.close();
    for (const probe of this.#windows.values()) probe.detach('the editor was disposed');
  }

  #accept(socket: net.Socket): void {
    const lines = readline.createInterface({ input: socket });
    lines.once('line', (line) => {
      const hello = JSON.parse(line) as { token: string; windowId: string };
      const probe = hello.token === this.#token ? this.#windows.get(hello.windowId) : undefined;
      if (probe) probe.attach(socket, lines);
      else socket.destroy();
    });
  }
}

/** Evaluates functions in the extension host of one window, through reloads of that window. */
export class Probe {
  #socket: net.Socket | undefined;
  #attached = Promise.withResolvers<void>();
  #detached = Promise.withResolvers<void>();
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  /** Resolves when the window's extension host has started and runs the probe; rejects at the deadline. */
  async ready(timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.#attached.promise, 'the extension host did not start');
  }

  async evaluate<Argument, Result>(
    run: ProbeFunction<Argument, Result>,
    argument: Argument,
  ): Promise<Awaited<Result>> {
    const answer = this.#request({ source: run.toString(), argument });
    // A dialog that waits for somebody would keep the test waiting, too.
    const otherwise = `no answer from ${run.toString()} with ${JSON.stringify(argument)}`;
    return (await within(ANSWER_MS, answer, otherwise)) as Awaited<Result>;
  }

  /** Evaluates `run` again and again until it is truthy; rejects with its last result at the deadline. */
  async waitFor<Argument, Result>(
    run: ProbeFunction<Argument, Result>,
    argument: Argument,
    timeoutMs: number,
  ): Promise<NonNullable<Awaited<Result>>> {
    const request = this.#request({ source: run.toString(), argument, untilMs: timeoutMs });
    const otherwise = `no answer from ${run.toString()} with ${JSON.stringify(argument)}`;
    const answer = (await within(timeoutMs + ANSWER_MS, request, otherwise)) as {
      value?: unknown;
      timedOut?: boolean;
      last?: unknown;
    };
    if (answer.timedOut !== true) return answer.value as NonNullable<Awaited<Result>>;
    throw new Error(
      `Not so after ${timeoutMs} ms: ${run.toString()}\nwith ${JSON.stringify(argument)}\n` +
        `last result: ${JSON.stringify(answer.last)}`,
    );
  }

  /** Resolves when the extension host that runs now has gone away; rejects at the deadline. */
  async nextDetach(timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.#detached.promise, 'the extension host did not go away');
  }

  attach(socket: net.Socket, lines: readline.Interface): void {
    // After a reload the new extension host may be there before the old one has gone.
    if (this.#socket) this.detach('another extension host took over');
    this.#socket = socket;
    lines.on('line', (line) => this.#settle(JSON.parse(line) as Answer));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#socket === socket) this.detach('the extension host went away');
    });
    this.#detached = Promise.withResolvers();
    this.#attached.resolve();
  }

  detach(reason: string): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#attached = Promise.withResolvers();
    this.#detached.resolve();
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  async #request(request: object): Promise<unknown> {
    await this.#attached.promise;
    this.#lastId += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#lastId, answer);
    this.#socket?.write(`${JSON.stringify({ ...request, id: this.#lastId })}\n`);
    return answer.promise;
  }

  #settle({ id, value, error }: Answer): void {
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) answer?.resolve(value);
    else answer?.reject(new Error(error));
  }
}

async function within<Result>(
  timeoutMs: number,
  event: Promise<Result>,
  otherwise: string,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${otherwise} within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([event, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
