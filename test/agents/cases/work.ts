/** Owns: cases in which a client edits beside a person and another agent, and nobody is in the way. */
import assert from 'node:assert/strict';
import type { AgentStage, PersonTyping } from '../agent-stage.ts';
import type { ModelCall, Script, Told } from '../model/conversation.ts';
import { type FunctionName, lineOf } from '../shared-file.ts';
import { type AgentCase, OK, type Verdict } from './agent-case.ts';
import { demandKept, demandMerged, demandPersonsText, openTickets } from './checks.ts';
import { demandDone, tool, untilServerAnswers } from './server-answer.ts';

// Longer than what stood there: a line is its author's who wrote most of it.
export const BOBS = 'rewritten by Bob from its beginning to its end';
export const AGENTS = 'put there by the agent in place of what it said';
/** How often a model tries again what its client refuses. */
const TRIES = 6;

export const ownTools: AgentCase = {
  id: 'own',
  title: 'own file tools',
  file: 'own.js',
  async run(stage) {
    const file = 'own.js';
    const typing = await stage.typeInto(file);
    let refusals = 0;
    let isAsked = false;
    const written: FunctionName[] = ['alpha', 'gamma'];
    async function* script(): Script {
      refusals += yield* editsByItself(stage, file, 'alpha');
      await stage.rewrite(stage.bob, file, 'beta', BOBS);
      // At once, before the folder has what Bob did; and again when it has that.
      refusals += yield* editsByItself(stage, file, 'gamma');
      isAsked = await stage.untilInStepOrAsked(file);
      if (isAsked) return;
      refusals += yield* editsByItself(stage, file, 'delta');
      written.push('delta');
      isAsked = await stage.untilInStepOrAsked(file);
    }
    await stage.work(script());
    if (isAsked || (await hasTicket(stage, file))) return waits(stage, file, typing, written);
    const by = stage.client.title;
    const agents = { says: AGENTS, by };
    const expected = {
      alpha: agents,
      beta: { says: BOBS, by: 'Bob' },
      gamma: agents,
      delta: agents,
    };
    await demandMerged(stage, file, expected, typing);
    return triedAgain(refusals);
  },
};

export const serverTools: AgentCase = {
  id: 'tools',
  title: 'the server’s tools',
  file: 'tools.js',
  async run(stage) {
    const file = 'tools.js';
    const typing = await stage.typeInto(file);
    async function* script(): Script {
      yield* untilServerAnswers(stage);
      demandDone(yield [tool(stage, 'read_file', { path: file })]);
      await stage.rewrite(stage.bob, file, 'beta', BOBS);
      const edited = yield [editByTool(stage, file, 'alpha')];
      demandDone(edited);
      assert.match(edited.results.join('\n'), /Bob/, 'it is told what Bob did');
      // Two calls in one turn.
      demandDone(yield [editByTool(stage, file, 'gamma'), editByTool(stage, file, 'delta')]);
    }
    await stage.work(script());
    const agents = { says: AGENTS, by: stage.client.title };
    const expected = {
      alpha: agents,
      beta: { says: BOBS, by: 'Bob' },
      gamma: agents,
      delta: agents,
    };
    await demandMerged(stage, file, expected, typing);
    return OK;
  },
};

export const twoSessions: AgentCase = {
  id: 'two',
  title: 'two sessions at once',
  file: 'two.js',
  async run(stage) {
    const file = 'two.js';
    const typing = await stage.typeInto(file);
    let refusals = 0;
    let isAsked = false;
    async function* session(own: FunctionName, byTool: FunctionName): Script {
      yield* untilServerAnswers(stage);
      demandDone(yield [tool(stage, 'read_file', { path: file })]);
      refusals += yield* editsByItself(stage, file, own);
      demandDone(yield [editByTool(stage, file, byTool)]);
      isAsked ||= await stage.untilInStepOrAsked(file);
    }
    await stage.workTogether(session('alpha', 'beta'), session('gamma', 'delta'));
    if (isAsked || (await hasTicket(stage, file))) {
      return waits(stage, file, typing, ['alpha', 'beta', 'gamma', 'delta']);
    }
    const agents = { says: AGENTS, by: stage.client.title };
    const expected = { alpha: agents, beta: agents, gamma: agents, delta: agents };
    await demandMerged(stage, file, expected, typing);
    return triedAgain(refusals);
  },
};

function editByTool(stage: AgentStage, file: string, name: FunctionName): ModelCall {
  const search = lineOf(name).trimEnd();
  const replacement = lineOf(name, AGENTS).trimEnd();
  return tool(stage, 'edit_file', { path: file, edits: [{ search, replacement }] });
}

/** Reads and edits by the client's own tools, as a model that tries again; returns how often it was refused. */
export async function* editsByItself(
  stage: AgentStage,
  file: string,
  name: FunctionName,
): AsyncGenerator<readonly ModelCall[], number, Told> {
  const { own } = stage.client;
  const path = stage.at(file);
  let said: readonly string[] = [];
  for (let refusals = 0; refusals < TRIES; refusals++) {
    yield [own.read(path)];
    said = (yield [own.replace(path, lineOf(name), lineOf(name, AGENTS))]).results;
    if ((await stage.diskText(file)).includes(lineOf(name, AGENTS))) return refusals;
  }
  throw new Error(`It could not edit ${name} in ${TRIES} tries: ${said.join('\n')}`);
}

async function hasTicket(stage: AgentStage, file: string): Promise<boolean> {
  return (await openTickets(stage, stage.client.title, file)).length > 0;
}

/**
 * A write met a key that came between the client's reading and its writing: nothing of the person's is lost,
 * and nothing of the agent's.
 */
async function waits(
  stage: AgentStage,
  file: string,
  typing: PersonTyping,
  written: readonly FunctionName[],
): Promise<Verdict> {
  await demandPersonsText(stage, file, typing);
  await demandKept(stage, file, written, AGENTS);
  const why =
    'a write that did not know the newest keys waits until somebody says what becomes of it';
  return { tag: 'short', why };
}

function triedAgain(refusals: number): Verdict {
  if (refusals === 0) return OK;
  const times = refusals === 1 ? 'once' : `${refusals} times`;
  return { tag: 'ok', remark: `the client refused an edit ${times}, since the file had changed` };
}
