/** Owns: the case in which a client hears of others by its hooks alone. */
import assert from 'node:assert/strict';
import type { AgentStage } from '../agent-stage.ts';
import type { Script } from '../model/conversation.ts';
import { lineOf, sharedText } from '../shared-file.ts';
import { type AgentCase, OK } from './agent-case.ts';
import { AGENTS, editsByItself } from './work.ts';

const BOBS = 'rewritten by Bob while it looked at something else';
/** A file of another case. */
const OTHER_FILE = 'own.js';

/** What Bob does is in no file that the client reads afterwards, and no tool of the server is called. */
export const hooks: AgentCase = {
  id: 'hooks',
  title: 'told by hooks',
  file: 'hooks.js',
  async run(stage) {
    const file = 'hooks.js';
    if (!stage.client.hasHooks)
      return {
        tag: 'short',
        why: 'it is told by a file of its folder and by the server’s tools alone',
      };
    async function* script(): Script {
      // A client that reads by its shell is told of what it wrote.
      yield* editsByItself(stage, file, 'gamma');
      await stage.untilWorld(file, (text) => text.includes(AGENTS), 'the world has its edit');
      await stage.rewrite(stage.bob, file, 'beta', BOBS);
      await stage.untilDisk(file, lineOf('beta', BOBS));
      yield* editsByItself(stage, OTHER_FILE, 'zeta');
      await stage.untilWorld(
        OTHER_FILE,
        (text) => text.includes(lineOf('zeta', AGENTS)),
        'and this',
      );
      // Some clients tell it with the next result.
      yield [stage.client.own.read(stage.at(OTHER_FILE))];
    }
    await stage.work(script());
    const text = await stage.worldText(file);
    assert.equal(text, sharedText({ beta: BOBS, gamma: AGENTS }));
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
