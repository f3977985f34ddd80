/** Owns: the case in which a client hears of others by its hooks alone. */
import assert from 'node:assert/strict';
import type { AgentStage } from '../agent-stage.ts';
import type { Script } from '../model/conversation.ts';
import { lineOf, sharedText } from '../shared-file.ts';
import { type AgentCase, OK } from './agent-case.ts';

const BOBS = 'rewritten by Bob while it looked at something else';
const AGENTS = 'put there by the agent in place of what it said';

/** What Bob does is in no file that the client reads afterwards, and no tool of the server is called. */
export const hooks: AgentCase = {
  id: 'hooks',
  title: 'told by hooks',
  file: 'hooks.js',
  async run(stage) {
    const file = 'hooks.js';
    const { own, hasHooks } = stage.client;
    if (!hasHooks) return { tag: 'short', why: 'others’ work is told by a server’s tool alone' };
    async function* script(): Script {
      // A client that reads by its shell is told of what it wrote.
      yield [own.read(stage.at(file))];
      yield [own.replace(stage.at(file), lineOf('gamma'), lineOf('gamma', AGENTS))];
      await stage.untilWorld(file, (text) => text.includes(AGENTS), 'the world has its edit');
      await stage.rewrite(stage.bob, file, 'beta', BOBS);
      await stage.untilDisk(file, lineOf('beta', BOBS));
      yield [own.replace(stage.at(file), lineOf('alpha'), lineOf('alpha', AGENTS))];
      const second = lineOf('alpha', AGENTS);
      await stage.untilWorld(file, (text) => text.includes(second), 'the world has the next one');
      // Some clients tell it with the next result.
      yield [own.read(stage.at('own.js'))];
    }
    await stage.work(script());
    const text = await stage.worldText(file);
    assert.equal(text, sharedText({ alpha: AGENTS, beta: BOBS, gamma: AGENTS }));
    assert.ok(stage.wasShown('is kept in step with the shared world'), 'it is told where it is');
    assert.ok(stage.wasShown(BOBS), 'it is told what Bob did');
    await demandTurn(stage, file);
    return OK;
  },
};

/** What it was asked for and what it wrote then belong together. */
async function demandTurn(stage: AgentStage, file: string): Promise<void> {
  const { title } = stage.client;
  const [turn] = await stage.asked('turns', stage.project, '--agent', title);
  assert.ok(turn, 'a turn is kept');
  assert.equal(turn['isOpen'], false, 'it ended with the client');
  const ops = await stage.asked('history', stage.project, '--turn', String(turn['turnId']));
  const files = ops.map(({ path }) => path);
  assert.ok(files.includes(file), `what it wrote belongs to its turn: ${JSON.stringify(ops)}`);
}
