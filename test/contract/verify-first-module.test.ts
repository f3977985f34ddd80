// A client of today verifies a world that still runs the module of 0.1.0, and the same world upgraded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODULE_LEVEL } from '../../src/core/module-level.ts';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { changeRules } from '../../src/world/change-rules.ts';
import { publishModule } from '../../src/world/publish.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld, type WorldVerdict } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { openFirstWorld } from '../harness/first-world.ts';
import { bundle, caughtUp } from './world-lab.ts';

const skip = process.env['AGENT_WORLD_TEST_SERVER'] !== undefined;

test('what 0.1.0 wrote verifies, before and after its world is upgraded', { skip }, async (t) => {
  const first = await openFirstWorld(t);
  const { uri, database, owner, home } = first;
  const worlds = new WorldList(home);
  const session = await first.enter(owner);
  const verify = async (by: WorldSession): Promise<WorldVerdict> =>
    verifyWorld({ session: by, world: { server: 'embedded', database }, worlds, bundle });
  const writers = [await first.enter(owner), await first.enter(owner)] as const;
  assert.equal(session.moduleLevel, 1);
  assert.equal((await verify(session)).tag, 'verified');

  await changeRules(session, { limits: '' });
  await disagree(writers, 'Straße ΟΔΟΣ.txt', 40_000);
  await disagree(writers, 'short.txt', 10);
  await caughtUp(session);
  const [ticket] = session.view.tickets.values();
  await new AgentSession({ session, randomBytes: systemRandomBytes }).withdraw(ticket!.ticketId);
  assert.equal((await verify(session)).tag, 'verified');

  await publishModule({ uri, token: owner.token, database, bundle: await bundle() });
  const after = await first.enter(owner);
  assert.equal(after.moduleLevel, MODULE_LEVEL);
  assert.deepEqual(await verify(after), await verify(session));
  await disagree(writers, 'later.txt', 40_000);
  await disagree(writers, 'STRASSE οδός.txt', 10);
  await changeRules(after, { limits: '{"staleOps":50}' });
  const verdict = await verify(after);
  assert.equal(verdict.tag, 'verified', JSON.stringify(verdict));
});

/** Both replace the same line of a new file by as much text. */
async function disagree(
  writers: readonly [WorldSession, WorldSession],
  name: string,
  characters: number,
): Promise<void> {
  const [ann, bob] = writers.map(
    (session) => new AgentSession({ session, randomBytes: systemRandomBytes }),
  ) as [AgentSession, AgentSession];
  await ann.create(name, 'one\ntwo\nthree\n');
  await caughtUp(...writers);
  await ann.read(name);
  await bob.read(name);
  const place = { startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 3 };
  const write = (agent: AgentSession, letter: string) =>
    agent.edit(name, [{ ...place, text: letter.repeat(characters) }]);
  assert.equal((await write(ann, 'a')).tag, 'applied');
  assert.equal((await write(bob, 'b')).tag, 'ticketed');
}
