/**
 * Owns: one client from the start of its process to its end: what it is asked, how long its answer is waited for, and
 * by which fault it is told that it is silent, refuses or dies. Does not know: the world, or what a prompt comes to.
 */
import type { ContentBlock, McpServer } from '@agentclientprotocol/sdk';
import { at, textAt } from '../agents/hooks/input-fields.ts';
import type { ResumeWay, TurnEnd } from './agent-run.ts';
import { ClientProcess } from './client-process.ts';
import { ClientTalk, type ClientTalkOptions } from './client-talk.ts';
import { oneLine } from './cut-text.ts';
import { type RunClient, titleOf } from './run-clients.ts';
import { RunFault } from './run-fault.ts';
import type { RunMachine } from './run-place.ts';

export interface RunLinkOptions extends Pick<
  ClientTalkOptions,
  'onUpdate' | 'onPermission' | 'read' | 'write'
> {
  readonly machine: RunMachine;
  readonly client: RunClient;
  /** Absolute. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** How long it is waited for while it starts, and at each step of its end. */
  readonly times: { readonly startMs?: number; readonly graceMs?: number } | undefined;
  /** It is to be stopped: what is waited for is given up. */
  readonly stopping: AbortSignal;
  /** It ended, or says nothing that is understood, and was not asked to. */
  readonly onFault: (fault: RunFault) => void;
}

export class RunLink {
  readonly #options: RunLinkOptions;
  readonly #process: ClientProcess;
  readonly #talk: ClientTalk;

  constructor(options: RunLinkOptions) {
    const { machine, client, folder, environment, times } = options;
    const { installation, clock, version } = machine;
    const { program, args } = client;
    this.#options = options;
    const graceMs = times?.graceMs ?? GRACE_MS;
    const of = { program, args, folder, environment, installation, graceMs };
    this.#process = new ClientProcess(of);
    void this.#process.gone.then((code) => this.#died(code));
    const { input, output } = this.#process;
    const { onUpdate, onPermission, read, write } = options;
    const onEnd = (code: 'client_garbled' | 'client_too_long' | undefined): void =>
      void this.#silenced(code);
    const asks = { onUpdate, onPermission, read, write };
    this.#talk = new ClientTalk({ input, output, clock, version, ...asks, onEnd });
  }

  /** True where it says nothing any more. */
  get isOver(): boolean {
    return this.#talk.isOver;
  }

  get resume(): ResumeWay {
    return this.#talk.resume;
  }

  /** Whether a prompt may hold texts of files. */
  get embeds(): boolean {
    return this.#talk.embeds;
  }

  /** Resolves with its name and version. Rejects with `RunFault`, or with what it answered. */
  async greet(): Promise<string> {
    const hello = await this.#inTime(this.#talk.greet());
    if (hello.protocolVersion === this.#talk.protocolVersion) return hello.version;
    const why = `${titleOf(this.#options.client)} speaks version ${hello.protocolVersion} of the protocol.`;
    throw new RunFault('protocol_version', why, 'Use another version of it.');
  }

  /** A new session. Rejects with `RunFault`. */
  async open(servers: readonly McpServer[]): ReturnType<ClientTalk['open']> {
    try {
      return await this.#inTime(this.#talk.open(this.#options.folder, servers));
    } catch (error) {
      throw error instanceof RunFault ? error : this.refused(error);
    }
  }

  /** An earlier session; resolves with its modes. Rejects with `RunFault`, or with what it answered. */
  goOn(session: string, servers: readonly McpServer[]): Promise<unknown> {
    return this.#inTime(this.#talk.goOn(session, this.#options.folder, servers));
  }

  /** Resolves when the client is done with it. */
  prompt(session: string, prompt: ContentBlock[]): Promise<TurnEnd> {
    return this.#talk.prompt(session, prompt);
  }

  setMode(session: string, mode: string): Promise<void> {
    return this.#talk.setMode(session, mode);
  }

  /** One that hangs is not waited for. */
  cancel(session: string): Promise<void> {
    return this.#briefly(this.#talk.cancel(session));
  }

  /** The same. */
  close(session: string): Promise<void> {
    return this.#briefly(this.#talk.close(session));
  }

  /** Resolves when no process is left. */
  async end(): Promise<void> {
    await this.#process.end();
    this.#talk.dispose();
  }

  /** What an answer by an error means that keeps it from starting. */
  refused(error: unknown): RunFault {
    const { client } = this.#options;
    if (codeOf(error) === AUTH_REQUIRED) {
      const next = `Start ${client.program} in a terminal once, and sign in there.`;
      return new RunFault('sign_in', `${titleOf(client)} wants you to sign in.`, next);
    }
    return new RunFault('client_refused', this.refusal(error));
  }

  /** In words, without a full stop. */
  refusal(error: unknown): string {
    const words = error instanceof Error ? error.message : String(error);
    // “Internal error” alone helps nobody.
    const more = textAt(at(error, 'data'), 'details') ?? textAt(at(error, 'data'), 'message') ?? '';
    const said = oneLine((more === '' ? words : `${words}: ${more}`).slice(0, MOST_WORDS));
    return `${titleOf(this.#options.client)} answered: ${said.replace(/\.$/, '')}`;
  }

  /** Rejects where the client does not answer in time, or is to be stopped. */
  #inTime<Result>(answer: Promise<Result>): Promise<Result> {
    const { machine, client, times, stopping } = this.#options;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(new RunFault('client_silent', 'It was stopped.'));
      const mostMs = times?.startMs ?? START_MS;
      const cancel = machine.clock.after(mostMs, () => {
        const why = `${titleOf(client)} has not answered for ${Math.round(mostMs / 1000)} seconds.`;
        const next = `Start ${client.program} in a terminal once, to see what it waits for.`;
        reject(new RunFault('client_silent', why, next));
      });
      stopping.addEventListener('abort', onAbort, { once: true });
      if (stopping.aborted) onAbort();
      answer.then(resolve, reject).finally(() => {
        cancel();
        stopping.removeEventListener('abort', onAbort);
      });
    });
  }

  /** It says nothing any more, or nothing that is understood. */
  async #silenced(code: 'client_garbled' | 'client_too_long' | undefined): Promise<void> {
    const { client, stopping, onFault } = this.#options;
    if (stopping.aborted) return;
    const title = titleOf(client);
    if (code === undefined) {
      // What ends its output is nearly always its end, which says more.
      await this.#briefly(this.#process.gone);
      const why = `${title} has closed its output, and can say nothing any more.`;
      onFault(new RunFault('client_died', why, AGAIN));
      return;
    }
    const why =
      code === 'client_garbled'
        ? `What ${title} says is not the Agent Client Protocol.`
        : `${title} sent a message that is too long to be taken.`;
    onFault(new RunFault(code, why, 'Look whether another version of it does better.'));
  }

  #died(code: number | null): void {
    const { client, stopping, onFault } = this.#options;
    if (stopping.aborted) return;
    const words = this.#process.lastWords;
    const said = words === '' ? '' : ` Its last words: ${words}`;
    const why = `${titleOf(client)} ended by itself (exit code ${code ?? 'unknown'}).${said}`;
    onFault(new RunFault('client_died', why, AGAIN));
  }

  /** What a client that hangs does not answer is not waited for. */
  async #briefly(work: Promise<unknown>): Promise<void> {
    const { clock } = this.#options.machine;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(BRIEF_MS, resolve);
      void work
        .catch(() => undefined)
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

const AGAIN = 'Start it again; its session may go on.';
/** Of the protocol. */
const AUTH_REQUIRED = -32_000;
/** Some clients take a quarter of a minute for their first start. */
const START_MS = 60_000;
const GRACE_MS = 1_000;
const BRIEF_MS = 500;
const MOST_WORDS = 500;
