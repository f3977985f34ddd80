/** Owns: the case in which a window runs the client, over the Agent Client Protocol. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentRun } from '../../../src/acp/agent-run.ts';
import { runClientNamed } from '../../../src/acp/run-clients.ts';
import type { AgentStage } from '../agent-stage.ts';
import type { Script } from '../model/conversation.ts';
import { type AgentCase, OK, type Verdict } from './agent-case.ts';
import { demandMerged } from './checks.ts';
import { AGENTS, BOBS, editsByItself } from './work.ts';

export const acp: AgentCase = {
  id: 'acp',
  title: 'run by a window',
  file: 'acp.js',
  async run(stage) {
    const file = 'acp.js';
    const client = runClientNamed(stage.client.id);
    if (!client) return { tag: 'short', why: 'it does not speak the Agent Client Protocol' };
    const typing = await stage.typeInto(file);
    async function* script(): Script {
      yield* editsByItself(stage, file, 'alpha');
      await stage.rewrite(stage.bob, file, 'beta', BOBS);
      yield* editsByItself(stage, file, 'gamma');
    }
    const run = await stage.workInWindow(script());
    const by = stage.client.title;
    const agents = { says: AGENTS, by };
    const expected = { alpha: agents, beta: { says: BOBS, by: 'Bob' }, gamma: agents };
    await demandMerged(stage, file, expected, typing);
    demandShown(run, file);
    await demandOneTurn(stage, run, file);
    // Its record of a session has the minute in its name, and is begun anew by who goes on within that.
    if (client.id === 'gemini') await delay(MINUTE_MS);
    return remarksOf(stage, run, await stage.goOnInWindow());
  },
};

const MINUTE_MS = 61_000;

/** What the next window gets of the session. */
const WENT_ON = {
  replayed: 'its session goes on in the next window, with what was said',
  continued: 'its session goes on in the next window, which shows nothing of what was said',
  anew: 'its session does not go on in the next window',
} as const;

/** What hooks tell a session first. */
const WELCOME = 'is kept in step with the shared world';

/** What a person has seen of it. */
function demandShown(run: AgentRun, file: string): void {
  const tools = run.entries.flatMap((entry) => (entry.kind === 'tool' ? [entry.tool] : []));
  const edits = tools.filter(({ locations, diffs }) =>
    [...locations, ...diffs].some(({ path }) => path === file),
  );
  assert.ok(edits.length > 0, `a tool call that is about ${file}: ${JSON.stringify(tools)}`);
  const last = run.entries.at(-1);
  assert.ok(last?.kind === 'end' && last.reason === 'end_turn', JSON.stringify(last));
}

/** The prompt, and all that was done for it, whoever tells of it. */
async function demandOneTurn(stage: AgentStage, run: AgentRun, file: string): Promise<void> {
  const turns = await stage.asked('turns', stage.project, '--agent', run.agent.name);
  const own = turns.filter(({ session }) => session === run.session?.name);
  assert.equal(own.length, 1, `one turn: ${JSON.stringify(turns.slice(0, 4))}`);
  const ops = await stage.asked('history', stage.project, '--turn', String(own[0]!['turnId']));
  const edits = ops.filter((op) => op['path'] === file);
  assert.ok(edits.length >= 2, `its edits belong to the turn: ${JSON.stringify(ops)}`);
}

function remarksOf(stage: AgentStage, run: AgentRun, next: AgentRun): Verdict {
  const has = (kind: string): boolean => run.entries.some((entry) => entry.kind === kind);
  const remarks = [
    has('permission') ? 'it asks before it writes' : '',
    stage.wasShown(WELCOME) ? '' : 'its hooks do not run there',
    WENT_ON[next.resumed ?? 'anew'],
  ].filter((remark) => remark !== '');
  return remarks.length === 0 ? OK : { tag: 'ok', remark: remarks.join('; ') };
}
