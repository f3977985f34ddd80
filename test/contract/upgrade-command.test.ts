// `agent-world upgrade` where the new module has a column more: everybody has to be disconnected for a
// moment, so it says so first.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { hostStatus } from '../../src/host/handover.ts';
import { systemClock } from '../../src/world/clock.ts';
import { EMBEDDED, fileIdentityStore } from '../../src/world/identities.ts';
import { silentLog } from '../../src/world/log.ts';
import { PERSON } from '../../src/world/open-folder.ts';
import { openWorld, type WorldSession } from '../../src/world/world-session.ts';
import { InstalledCommand } from '../harness/installed-command.ts';
import { withColumnMore } from '../harness/later-module.ts';
import { whenever } from './world-lab.ts';

test('an upgrade that disconnects everybody says so and wants a yes, and then all come back', async (t) => {
  const { run, install, enter } = await scene(t);
  const session = await enter();
  const states: string[] = [];
  session.onState(({ tag }) => states.push(tag));
  // A private table: those who are connected can go on as they are.
  await install('invite');
  const unasked = await run('upgrade');
  assert.equal(unasked.code, 2, unasked.err);
  assert.match(unasked.err, /everybody is disconnected for a moment/);
  assert.match(unasked.err, /--yes/);
  assert.deepEqual(states, [], 'nothing has happened');

  const upgraded = await run('upgrade', '--yes');
  assert.equal(upgraded.code, 0, upgraded.err);
  assert.match(upgraded.err, /everybody is disconnected for a moment/);
  assert.match(upgraded.out, /now, with all of its \d+ ops/);
  await whenever(session, () => states.length > 0 && session.state.tag === 'online');
  // How often it tried in between is the machine's matter.
  assert.match(states.join(), /^offline(,connecting|,offline)+,online$/);
  assert.match((await run('upgrade')).out, /nothing to do/);
  assert.equal((await run('verify')).code, 0);
});

test('a command that cannot read a world any more says so by a code, and ends', async (t) => {
  const { run, install } = await scene(t);
  await install('workspace_member');
  const upgraded = await run('upgrade', '--yes', '--json');
  assert.deepEqual([upgraded.code, codeOf(upgraded.err)], [4, 'unreadable'], upgraded.err);
  const members = await run('members', '--json');
  assert.deepEqual([members.code, codeOf(members.err)], [4, 'unreadable'], members.err);
});

/** A folder in a world of an installed command's own. */
async function scene(t: TestContext) {
  const agentWorld = await InstalledCommand.install();
  t.after(() => agentWorld.dispose());
  const home = agentWorld.home('home');
  const folder = path.join(agentWorld.place, 'project');
  await mkdir(folder);
  await writeFile(path.join(folder, 'a.txt'), 'one\n');
  const { database } = await agentWorld.json(home, 'open', folder);
  const module = path.join(agentWorld.dist, 'module.js');
  return {
    run: (command: string, ...more: readonly string[]) =>
      agentWorld.run(home, command, folder, ...more),
    /** Lets the command bring a module with a column more in this table. */
    install: async (table: string) => {
      const source = new Uint8Array(await readFile(module));
      await writeFile(module, withColumnMore(source, table));
    },
    enter: async (): Promise<WorldSession> => {
      const status = await hostStatus({ home });
      assert.ok(status.state === 'running');
      const self = await fileIdentityStore(home).read(EMBEDDED, PERSON);
      assert.ok(self);
      const session = openWorld({
        uri: status.uri,
        database: String(database),
        self,
        clock: systemClock,
        random: () => 0.5,
        log: silentLog,
      });
      t.after(() => session.close());
      await session.whenOnline();
      return session;
    },
  };
}

function codeOf(errors: string): unknown {
  const last = errors.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { readonly error: { readonly code: string } }).error.code;
}
