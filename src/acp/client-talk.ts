/**
 * Owns: what is asked of a client and what it asks, in the words of the Agent Client Protocol. Does not know: when,
 * or what becomes of it.
 */
import type { Readable, Writable } from 'node:stream';
import {
  client,
  type ClientConnection,
  type ContentBlock,
  type InitializeResponse,
  type McpServer,
  methods,
  type NewSessionResponse,
  type PromptResponse,
  PROTOCOL_VERSION,
  RequestError,
} from '@agentclientprotocol/sdk';
import { at, textAt } from '../agents/hooks/input-fields.ts';
import type { Clock } from '../world/clock.ts';
import type { PermissionOutcome, ResumeWay, TurnEnd } from './agent-run.ts';
import { clientStream, StreamFault } from './client-stream.ts';
import { oneLine } from './cut-text.ts';
import { FileFault, type WantedLines } from './run-files.ts';

export interface ClientTalkOptions {
  readonly input: Writable;
  readonly output: Readable;
  readonly clock: Clock;
  /** Of Agent World. */
  readonly version: string;
  readonly onUpdate: (session: string, update: unknown) => void;
  readonly onPermission: (
    request: { readonly tool: unknown; readonly options: unknown },
    aborted: AbortSignal,
  ) => Promise<PermissionOutcome>;
  /** Both reject with `FileFault`. */
  readonly read: (file: string, wanted: WantedLines) => Promise<string>;
  readonly write: (file: string, text: string) => Promise<void>;
  /** It says nothing any more; with a code where nothing that it says is understood. */
  readonly onEnd: (code: StreamFault['code'] | undefined) => void;
}

export class ClientTalk {
  readonly protocolVersion = PROTOCOL_VERSION;
  readonly #connection: ClientConnection;
  readonly #version: string;
  #hello: InitializeResponse | undefined;

  constructor(options: ClientTalkOptions) {
    const { onUpdate, onPermission, read, write, onEnd } = options;
    this.#version = options.version;
    const stream = clientStream({
      ...options,
      onUpdate: (params) => onUpdate(textAt(params, 'sessionId') ?? '', at(params, 'update')),
    });
    this.#connection = client({ name: 'agent-world' })
      .onRequest(methods.client.session.requestPermission, async ({ params, signal }) => {
        const { toolCall: tool, options } = params;
        const outcome = await onPermission({ tool, options }, signal);
        return outcome.tag === 'selected'
          ? { outcome: { outcome: 'selected', optionId: outcome.optionId } }
          : { outcome: { outcome: 'cancelled' } };
      })
      .onRequest(methods.client.fs.readTextFile, async ({ params }) => {
        const { path: file, line, limit } = params;
        const wanted = { line: line ?? undefined, limit: limit ?? undefined };
        return { content: await asAnswer(file, read(file, wanted)) };
      })
      .onRequest(methods.client.fs.writeTextFile, async ({ params }) => {
        await asAnswer(params.path, write(params.path, params.content));
        return {};
      })
      .connect(stream);
    const { signal } = this.#connection;
    signal.addEventListener('abort', () => {
      onEnd(signal.reason instanceof StreamFault ? signal.reason.code : undefined);
    });
  }

  /** True where it says nothing any more. */
  get isOver(): boolean {
    return this.#connection.signal.aborted;
  }

  /** How a session of the client can go on later. */
  get resume(): ResumeWay {
    const can = this.#hello?.agentCapabilities;
    if (can?.loadSession === true) return 'load';
    return can?.sessionCapabilities?.resume ? 'resume' : 'no';
  }

  async greet(): Promise<{ readonly protocolVersion: number; readonly version: string }> {
    const hello = await this.#connection.agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientInfo: { name: 'agent-world', title: 'Agent World', version: this.#version },
      clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: false },
    });
    this.#hello = hello;
    const name = textAt(hello.agentInfo, 'title') ?? textAt(hello.agentInfo, 'name') ?? '';
    const version = oneLine(`${name} ${textAt(hello.agentInfo, 'version') ?? ''}`);
    return { protocolVersion: hello.protocolVersion, version };
  }

  async open(
    cwd: string,
    servers: readonly McpServer[],
  ): Promise<{ readonly session: string; readonly modes: unknown }> {
    const request = { cwd, mcpServers: [...servers] };
    const { agent } = this.#connection;
    const opened = await agent.request<NewSessionResponse>(methods.agent.session.new, request);
    return { session: opened.sessionId, modes: opened.modes };
  }

  /** An earlier session; resolves with its modes. */
  async goOn(sessionId: string, cwd: string, servers: readonly McpServer[]): Promise<unknown> {
    const request = { sessionId, cwd, mcpServers: [...servers] };
    const { agent } = this.#connection;
    const opened =
      this.resume === 'load'
        ? await agent.request(methods.agent.session.load, request)
        : await agent.request(methods.agent.session.resume, request);
    return at(opened, 'modes');
  }

  /** Whether a prompt may hold texts of files. */
  get embeds(): boolean {
    return this.#hello?.agentCapabilities?.promptCapabilities?.embeddedContext === true;
  }

  /** Resolves when the client is done with it. */
  async prompt(sessionId: string, prompt: ContentBlock[]): Promise<TurnEnd> {
    const { agent } = this.#connection;
    const request = { sessionId, prompt };
    const answer = await agent.request<PromptResponse>(methods.agent.session.prompt, request);
    return answer.stopReason;
  }

  /** What is under way; its prompt ends by that. */
  cancel(sessionId: string): Promise<void> {
    return this.#connection.agent.notify(methods.agent.session.cancel, { sessionId });
  }

  async setMode(sessionId: string, modeId: string): Promise<void> {
    const request = { sessionId, modeId };
    await this.#connection.agent.request(methods.agent.session.setMode, request);
  }

  /** In order, where the client knows that. */
  async close(sessionId: string): Promise<void> {
    if (!this.#hello?.agentCapabilities?.sessionCapabilities?.close) return;
    await this.#connection.agent.request(methods.agent.session.close, { sessionId });
  }

  dispose(): void {
    this.#connection.close();
  }
}

/** What went wrong, as an error of the protocol that a model may be shown. */
async function asAnswer<Result>(file: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FileFault && error.tag === 'missing') {
      throw RequestError.resourceNotFound(file);
    }
    const message = error instanceof FileFault ? error.message : 'The file cannot be reached now.';
    throw new RequestError(INVALID_REQUEST, message);
  }
}

const INVALID_REQUEST = -32_600;
