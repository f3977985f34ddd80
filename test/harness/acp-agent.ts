#!/usr/bin/env node
// An agent that speaks the Agent Client Protocol and does what its prompts say: each is a list of steps as JSON, or
// any text, which it repeats. By its environment, ACP_AGENT, it is otherwise than others from the start. Node runs it
// as it is: it imports nothing of ours.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { Readable, Writable } from 'node:stream';
import {
  agent,
  type AgentContext,
  ndJsonStream,
  type PromptResponse,
  RequestError,
} from '@agentclientprotocol/sdk';

/** As JSON in `ACP_AGENT`. */
export interface AgentWay {
  readonly resume?: 'load' | 'resume';
  readonly version?: number;
  /** Says so much first that is no protocol. */
  readonly garbage?: number;
  /** Ends at once, with that code and these words. */
  readonly dies?: number;
  readonly words?: string;
  /** Answers nothing. */
  readonly silent?: boolean;
  /** Does not hear that it is to cancel. */
  readonly deaf?: boolean;
  /** Does not end when it is asked to, nor does its child; a file that is told the numbers of both. */
  readonly stays?: string;
  /** Starts a program in a group of its own, which keeps its output open; a file that is told its number. */
  readonly leaves?: string;
  /** Opens no session: with that message, or because somebody has to sign in. */
  readonly refuses?: string;
  /** A file that is told with what a session was opened. */
  readonly notes?: string;
  /** Takes texts of files in a prompt. */
  readonly embeds?: boolean;
  /** A file that is told the last prompt, block by block. */
  readonly hears?: string;
  /** A file by which it remembers its sessions. */
  readonly memory?: string;
}

/** What it does in a prompt; one key each. */
export interface AgentStep {
  readonly say?: string;
  readonly think?: string;
  /** An update of the session, as it is. */
  readonly update?: object;
  readonly read?: { readonly path: string; readonly line?: number; readonly limit?: number };
  readonly write?: { readonly path: string; readonly content: string };
  /** By a tool of its own, which asks nobody. */
  readonly disk?: { readonly path: string; readonly content: string };
  readonly ask?: { readonly toolCall: object; readonly options: readonly object[] };
  /** Until it is cancelled. */
  readonly hang?: true;
  readonly die?: number;
  readonly raw?: string;
  /** One message of so many bytes. */
  readonly long?: number;
  /** Says this for ever. */
  readonly flood?: string;
  readonly stop?: PromptResponse['stopReason'];
}

interface Turn {
  readonly client: AgentContext;
  readonly sessionId: string;
  readonly signal: AbortSignal;
}

const way = JSON.parse(process.env['ACP_AGENT'] ?? '{}') as AgentWay;
const { memory } = way;
/** What was asked in each session. */
const remembered: Record<string, readonly string[]> =
  memory !== undefined && fs.existsSync(memory)
    ? (JSON.parse(fs.readFileSync(memory, 'utf8')) as Record<string, readonly string[]>)
    : {};
const working = new Map<string, AbortController>();
let sessions = 0;

if (way.words !== undefined) process.stderr.write(`${way.words}\n`);
if (way.garbage !== undefined) process.stdout.write('no protocol\n'.repeat(way.garbage));
if (way.dies !== undefined) process.exit(way.dies);
if (way.stays !== undefined) {
  process.on('SIGTERM', () => {});
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  fs.writeFileSync(way.stays, `${process.pid} ${child.pid}`);
  setInterval(() => {}, 1000);
}
if (way.leaves !== undefined) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  child.unref();
  fs.writeFileSync(way.leaves, String(child.pid));
}

const app = agent({ name: 'scripted' })
  .onRequest('initialize', async () => {
    if (way.silent) await new Promise(() => {});
    return {
      protocolVersion: way.version ?? 1,
      agentInfo: { name: 'scripted', version: '1.2.3' },
      agentCapabilities: {
        loadSession: way.resume === 'load',
        promptCapabilities: { embeddedContext: way.embeds === true },
        sessionCapabilities: { close: {}, ...(way.resume === 'resume' && { resume: {} }) },
      },
    };
  })
  .onRequest('session/new', ({ params }) => {
    if (way.refuses === 'sign-in') throw RequestError.authRequired();
    if (way.refuses !== undefined) throw new RequestError(-32_603, way.refuses);
    const sessionId = `${process.pid}-${++sessions}`;
    remember(sessionId, []);
    if (way.notes !== undefined) fs.writeFileSync(way.notes, JSON.stringify(params));
    const availableModes = [
      { id: 'ask', name: 'Ask' },
      { id: 'do', name: 'Do' },
    ];
    return { sessionId, modes: { currentModeId: 'ask', availableModes } };
  })
  .onRequest('session/load', async ({ params: { sessionId }, client }) => {
    const asked = remembered[sessionId];
    if (!asked) throw RequestError.sessionNotFound(sessionId);
    for (const text of asked) {
      await tell({ client, sessionId }, chunk(text, 'user_message_chunk'));
      await tell({ client, sessionId }, chunk(`You asked: ${text}`));
    }
    return {};
  })
  .onRequest('session/resume', ({ params: { sessionId } }) => {
    if (!remembered[sessionId]) throw RequestError.sessionNotFound(sessionId);
    return {};
  })
  .onRequest('session/close', () => ({}))
  .onRequest('session/set_mode', async ({ params: { sessionId, modeId }, client }) => {
    const update = { sessionUpdate: 'current_mode_update', currentModeId: modeId };
    await tell({ client, sessionId }, update);
    return {};
  })
  .onRequest('session/prompt', async ({ params: { sessionId, prompt }, client }) => {
    if (way.hears !== undefined) fs.writeFileSync(way.hears, JSON.stringify(prompt));
    const text = prompt.map((each) => (each.type === 'text' ? each.text : '')).join('');
    remember(sessionId, [...(remembered[sessionId] ?? []), text]);
    const cancelling = new AbortController();
    working.set(sessionId, cancelling);
    try {
      return await work({ client, sessionId, signal: cancelling.signal }, text);
    } finally {
      working.delete(sessionId);
    }
  })
  .onNotification('session/cancel', ({ params: { sessionId } }) => {
    if (!way.deaf) working.get(sessionId)?.abort();
  });

const input = Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>;
app.connect(ndJsonStream(Writable.toWeb(process.stdout), input));

function remember(session: string, asked: readonly string[]): void {
  remembered[session] = asked;
  if (memory !== undefined) fs.writeFileSync(memory, JSON.stringify(remembered));
}

function tell({ client, sessionId }: Omit<Turn, 'signal'>, update: object): Promise<void> {
  return client.notify('session/update' as string, { sessionId, update });
}

function chunk(text: string, sessionUpdate = 'agent_message_chunk'): object {
  return { sessionUpdate, content: { type: 'text', text } };
}

async function work(turn: Turn, text: string): Promise<PromptResponse> {
  for (const step of stepsOf(text)) {
    if (turn.signal.aborted) return { stopReason: 'cancelled' };
    const answer = await does(turn, step);
    if (answer !== undefined) await tell(turn, chunk(answer));
    if (step.stop) return { stopReason: step.stop };
  }
  return { stopReason: turn.signal.aborted ? 'cancelled' : 'end_turn' };
}

function stepsOf(text: string): readonly AgentStep[] {
  try {
    return JSON.parse(text) as readonly AgentStep[];
  } catch {
    return [{ say: text }];
  }
}

/** Resolves with what it says of it. */
async function does(turn: Turn, step: AgentStep): Promise<string | undefined> {
  const { client, sessionId, signal } = turn;
  if (step.say !== undefined) return step.say;
  if (step.think !== undefined) await tell(turn, chunk(step.think, 'agent_thought_chunk'));
  if (step.update) await tell(turn, step.update);
  if (step.read) {
    const request = { sessionId, ...step.read };
    return answered(
      client.request<{ readonly content: string }>('fs/read_text_file', request),
      ({ content }) => content,
    );
  }
  if (step.write) {
    const request = { sessionId, ...step.write };
    return answered(client.request('fs/write_text_file', request), () => 'written');
  }
  if (step.disk) fs.writeFileSync(step.disk.path, step.disk.content);
  if (step.ask) {
    const request = { sessionId, ...step.ask };
    return answered(
      client.request<{
        readonly outcome: { readonly outcome: string; readonly optionId?: string };
      }>('session/request_permission', request),
      ({ outcome }) => outcome.optionId ?? outcome.outcome,
    );
  }
  if (step.hang) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  if (step.die !== undefined) {
    process.stderr.write('Something is broken\n');
    process.exit(step.die);
  }
  if (step.raw !== undefined) process.stdout.write(step.raw);
  if (step.long !== undefined) {
    const message = { jsonrpc: '2.0', method: 'long', params: { text: 'x'.repeat(step.long) } };
    process.stdout.write(`${JSON.stringify(message)}\n`);
  }
  if (step.flood !== undefined) flood(sessionId, step.flood);
  return undefined;
}

/** Says more than anybody can read, and waits for nobody. */
function flood(sessionId: string, text: string): void {
  const message = {
    jsonrpc: '2.0',
    method: 'session/update',
    params: { sessionId, update: chunk(text) },
  };
  const lines = `${JSON.stringify(message)}\n`.repeat(100);
  const more = (): void => {
    while (process.stdout.write(lines));
    process.stdout.once('drain', more);
  };
  more();
}

async function answered<Answer>(
  request: Promise<Answer>,
  told: (answer: Answer) => string,
): Promise<string> {
  try {
    return told(await request);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}
