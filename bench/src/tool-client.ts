// An agent's client as one reads it from the pipe: what a library of the client's would add is not the server's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

interface WireAnswer {
  readonly id: number;
  readonly result?: { readonly isError?: boolean; readonly structuredContent?: unknown };
}

export class ToolClient {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: WireAnswer) => void>();
  #asked = 0;

  private constructor(command: readonly string[]) {
    const stdio = ['pipe', 'pipe', 'ignore'] as const;
    this.#child = spawn(process.execPath, [...command], { stdio: [...stdio] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as WireAnswer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /** Starts an agent's server; it has answered its client's first message then. */
  static async start(command: readonly string[]): Promise<ToolClient> {
    const client = new ToolClient(command);
    const clientInfo = { name: 'bench', version: '1' };
    const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    await client.#ask('initialize', hello);
    client.#send({ method: 'notifications/initialized' });
    return client;
  }

  /** Throws for a refusal. */
  async call(name: string, args: Readonly<Record<string, unknown>>): Promise<void> {
    const { result } = await this.#ask('tools/call', { name, arguments: args });
    if (result && result.isError !== true) return;
    throw new Error(`${name} was refused: ${JSON.stringify(result?.structuredContent)}`);
  }

  /** Ends its server. */
  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin!.end();
    await ended;
  }

  #ask(method: string, params: object): Promise<WireAnswer> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ id, method, params });
    });
  }

  #send(message: object): void {
    this.#child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}
