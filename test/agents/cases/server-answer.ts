/** Owns: calls of our server's tools by a client, and what its model is shown of the answers. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentStage } from '../agent-stage.ts';
import type { ModelCall, Told } from '../model/conversation.ts';

/** Under which `agents add` names the server for a client's first agent. */
const SERVER = 'agent-world';
const MOST_CALLS = 40;
const PAUSE_MS = 500;

export function tool(stage: AgentStage, name: string, args: ModelCall['args']): ModelCall {
  return stage.client.serverTool(SERVER, name, args);
}

/** The code of an answer, whether the client shows its text or its data. Throws for what is no answer of ours. */
export function codeOf(result: string): string {
  const code = codeIn(result);
  assert.ok(code !== undefined, `The model is shown no answer of the server: ${result}`);
  return code;
}

function codeIn(result: string): string | undefined {
  const [, inText] = /\[(?:refused|ticket): ([a-z_]+)\]/.exec(result) ?? [];
  const [, inData] = /\\?"code\\?": ?\\?"([a-z_]+)/.exec(result) ?? [];
  return inText ?? inData ?? (/\(World .+, op \d+\.\)/.test(result) ? 'ok' : undefined);
}

/**
 * Calls the server until it answers: a client may ask its model before its servers are ready. Returns how often it
 * was called in vain.
 */
export async function* untilServerAnswers(
  stage: AgentStage,
): AsyncGenerator<readonly ModelCall[], number, Told> {
  if (stage.client.bearsNoStray) yield* untilOffered(stage);
  for (let inVain = 0; ; inVain++) {
    const result = resultOf(yield [tool(stage, 'list_files', {})]);
    if (codeIn(result) === 'ok') return inVain;
    assert.ok(inVain < MOST_CALLS, `The server does not answer: ${result}`);
    await delay(PAUSE_MS);
  }
}

/** Reads a file until the client offers the server's tools. */
async function* untilOffered(stage: AgentStage): AsyncGenerator<readonly ModelCall[], void, Told> {
  const { name } = tool(stage, 'list_files', {});
  for (let calls = 0; ; calls++) {
    const { offered } = yield [stage.client.own.read(stage.at('own.js'))];
    if (offered.includes(name)) return;
    assert.ok(calls < MOST_CALLS, `The client does not offer ${name}: ${offered.join(', ')}`);
    await delay(PAUSE_MS);
  }
}

/** Throws unless the server did all of it. */
export function demandDone({ results }: Told): void {
  assert.ok(results.length > 0, 'the model is told what came of its calls');
  for (const result of results) assert.equal(codeOf(result), 'ok', result);
}

/** The only result. */
export function resultOf({ results }: Told): string {
  assert.equal(results.length, 1);
  return results[0]!;
}

/** The number of the ticket that an answer tells of. */
export function ticketIn(result: string): number {
  assert.equal(codeOf(result), 'ticket', result);
  const [, number] = /ticket (\d+)/i.exec(result) ?? [];
  assert.ok(number !== undefined, `it names the ticket: ${result}`);
  return Number(number);
}
