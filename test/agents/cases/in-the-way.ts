/** Owns: cases in which somebody is in the client's way, and nothing of theirs may be lost. */
import assert from 'node:assert/strict';
import type { AgentStage } from '../agent-stage.ts';
import type { Script } from '../model/conversation.ts';
import { type FunctionName, lastKeyIn, lineOf, withoutKeys } from '../shared-file.ts';
import { type AgentCase, OK, type Verdict } from './agent-case.ts';
import { demandMerged, demandPersonsText, openTickets } from './checks.ts';
import {
  codeOf,
  demandDone,
  resultOf,
  ticketIn,
  tool,
  untilServerAnswers,
} from './server-answer.ts';

const AGENTS = 'put there by the agent in place of what it said';
const BOBS = 'rewritten by Bob from its beginning to its end';
const ADAS = 'rewritten by Ada, who is a person, from its beginning';
const SETTLED = 'what the agent made of both texts when it settled the conflict';

/** A whole text made from what was read before others wrote. */
export const oldCopy: AgentCase = {
  id: 'old-copy',
  title: 'whole text from an old copy',
  file: 'old-copy.js',
  async run(stage) {
    const file = 'old-copy.js';
    const typing = await stage.typeInto(file);
    let said = '';
    let isOnDisk = false;
    async function* script(): Script {
      yield* untilServerAnswers(stage);
      const shown = (yield [stage.client.own.read(stage.at(file))]).results.join('\n');
      // The person has typed on since.
      const old = withoutKeys(await stage.diskText(file), lastKeyIn(shown));
      await stage.rewrite(stage.bob, file, 'beta', BOBS);
      await stage.untilDisk(file, lineOf('beta', BOBS));
      const mine = old.replace(lineOf('alpha'), lineOf('alpha', AGENTS));
      said = resultOf(yield [stage.client.own.overwrite(stage.at(file), mine)]);
      isOnDisk = (await stage.diskText(file)).includes(lineOf('alpha', AGENTS));
      await stage.untilInStepOrAsked(file);
    }
    await stage.work(script());
    await demandPersonsText(stage, file, typing);
    const text = await stage.worldText(file);
    assert.ok(text.includes(lineOf('beta', BOBS)), 'what Bob wrote is there');
    assert.ok(!text.includes(lineOf('beta')), 'what Bob replaced does not come back');
    if (text.includes(lineOf('alpha', AGENTS))) return OK;
    const waiting = await openTickets(stage, stage.client.title, file);
    if (waiting.length > 0) return remark('what it wrote waits in a ticket');
    if (stage.isAsked(file)) return remark('what it wrote waits until they say what becomes of it');
    assert.ok(!isOnDisk, `what it wrote is nowhere: ${said}`);
    return remark(`the client itself refuses it`);
  },
};

export const claim: AgentCase = {
  id: 'claim',
  title: 'a person’s claim',
  file: 'claim.js',
  async run(stage) {
    const file = 'claim.js';
    const typing = await stage.typeInto(file);
    const lockId = await adaClaims(stage, file, 'alpha');
    let wasStopped = false;
    async function* script(): Script {
      yield* untilServerAnswers(stage);
      demandDone(yield [tool(stage, 'read_file', { path: file })]);
      const refused = resultOf(yield [editOf(stage, file, 'alpha')]);
      assert.equal(codeOf(refused), 'locked', refused);
      assert.match(refused, /Ada/, 'it is told who holds it');
      assert.match(refused, /Ada works on alpha/, 'it is told why');
      const { own } = stage.client;
      yield [own.read(stage.at(file))];
      yield [own.replace(stage.at(file), lineOf('alpha'), lineOf('alpha', AGENTS))];
      wasStopped = !(await stage.diskText(file)).includes(lineOf('alpha', AGENTS));
      demandDone(yield [editOf(stage, file, 'gamma')]);
      await stage.untilInStep(file);
    }
    await stage.work(script());
    await stage.adaByCalls.release(lockId);
    const expected = { gamma: { says: AGENTS, by: stage.client.title } };
    await demandMerged(stage, file, expected, typing);
    if (wasStopped) return OK;
    return {
      tag: 'short',
      why: 'its own tools write all the same; the world does not take it, and the folder gets the world’s text back',
    };
  },
};

export const conflict: AgentCase = {
  id: 'conflict',
  title: 'a conflict',
  file: 'conflict.js',
  async run(stage) {
    const file = 'conflict.js';
    const typing = await stage.typeInto(file);
    async function* script(): Script {
      yield* untilServerAnswers(stage);
      demandDone(yield [tool(stage, 'read_file', { path: file })]);
      // Another agent's text may be settled; a person's needs a person.
      await stage.rewrite(stage.bob, file, 'alpha', BOBS);
      const met = ticketIn(resultOf(yield [editOf(stage, file, 'alpha')]));
      const shown = resultOf(yield [tool(stage, 'tickets', { action: 'list', ticket: met })]);
      assert.match(shown, new RegExp(BOBS), 'it sees what Bob wrote');
      const text = lineOf('alpha', SETTLED).trimEnd();
      demandDone(yield [tool(stage, 'tickets', { action: 'text', ticket: met, text })]);
      await stage.rewrite(stage.adaByCalls, file, 'beta', ADAS);
      const persons = ticketIn(resultOf(yield [editOf(stage, file, 'beta')]));
      const insisted = yield [tool(stage, 'tickets', { action: 'insist', ticket: persons })];
      assert.equal(codeOf(resultOf(insisted)), 'needs_person');
      demandDone(yield [tool(stage, 'tickets', { action: 'withdraw', ticket: persons })]);
      await stage.untilInStep(file);
    }
    await stage.work(script());
    const expected = {
      alpha: { says: SETTLED, by: stage.client.title },
      beta: { says: ADAS, by: 'Ada' },
    };
    await demandMerged(stage, file, expected, typing);
    assert.deepEqual(await openTickets(stage, stage.client.title, file), [], 'no ticket is left');
    return OK;
  },
};

/** Claims a function's lines; returns the claim's number. */
async function adaClaims(stage: AgentStage, file: string, name: FunctionName): Promise<number> {
  const read = await stage.adaByCalls.read(file);
  assert.equal(read.tag, 'text');
  const lines = read.tag === 'text' ? read.text.toString().split('\n') : [];
  const line = lines.indexOf(lineOf(name).trimEnd());
  const place = { firstLine: line - 1, lastLine: line + 1 };
  const claimed = await stage.adaByCalls.claim(file, place, `Ada works on ${name}`, 300_000);
  assert.equal(claimed.tag, 'claimed', JSON.stringify(claimed));
  return claimed.tag === 'claimed' ? claimed.lock.lockId : 0;
}

function editOf(stage: AgentStage, file: string, name: FunctionName) {
  const search = lineOf(name).trimEnd();
  const replacement = lineOf(name, AGENTS).trimEnd();
  return tool(stage, 'edit_file', { path: file, edits: [{ search, replacement }] });
}

function remark(what: string): Verdict {
  return { tag: 'ok', remark: what };
}
