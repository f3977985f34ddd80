import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  hasHooks,
  hooksOfClient,
  putHooks,
  takeHooks,
} from '../../../../src/agents/clients/client-hooks.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-hooks-'));
after(() => fs.rmSync(place, { recursive: true, force: true }));

const OWN = '{\n  // Mine.\n  "theme": "dark", "hooks": {"SessionStart": [{"hooks": []}]}\n}';

for (const client of ['claude', 'codex', 'gemini', 'copilot', 'opencode', 'qwen']) {
  const hooks = hooksOfClient(client)!;
  const launcher = path.join(place, "o'hara", 'agent-world');

  test(`hooks of ${client} are put in, found, and taken out byte for byte`, async () => {
    const file = path.join(place, client, path.basename(hooks.file));
    const isOurs = typeof hooks.of(launcher) === 'string';
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (!isOurs) fs.writeFileSync(file, OWN);
    assert.equal(await hasHooks(hooks, file, launcher), false);
    const change = await putHooks(hooks, file, launcher);
    assert.equal(await hasHooks(hooks, file, launcher), true);
    const put = fs.readFileSync(file, 'utf8');
    if (!isOurs) assert.match(put, /\/\/ Mine\.\n {2}"theme": "dark"/);
    await takeHooks(hooks, file, launcher, change);
    assert.equal(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '', isOurs ? '' : OWN);
  });

  test(
    `what ${client} is told to run is silent where the command is gone`,
    { skip: process.platform === 'win32' },
    () => {
      const written = hooks.of(launcher);
      const commands =
        typeof written === 'string'
          ? [...written.matchAll(/"bash": ("(?:[^"\\]|\\.)*")/g)].map(([, text]) => text!)
          : JSON.stringify(written).match(/(?<="command":)"(?:[^"\\]|\\.)*"/g)!;
      if (client !== 'opencode') assert.ok(commands.length >= 6, 'all events');
      for (const command of commands) {
        const said = spawnSync('sh', ['-c', JSON.parse(command) as string], { encoding: 'utf8' });
        const { status, stdout, stderr } = said;
        assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
      }
    },
  );
}

test('the plug-in for opencode says nothing where the command is gone', async () => {
  const file = path.join(place, 'agent-world.mjs');
  fs.writeFileSync(file, hooksOfClient('opencode')!.of(path.join(place, 'gone')) as string);
  const { AgentWorld } = (await import(file)) as {
    AgentWorld: (given: object) => Promise<Record<string, (...given: object[]) => Promise<void>>>;
  };
  const plugin = await AgentWorld({ directory: place });
  const asked = { tool: 'edit', sessionID: 'one', args: { filePath: 'a.txt' } };
  const output = { output: 'done' };
  await plugin['chat.message']!({ sessionID: 'one' }, { parts: [{ type: 'text', text: 'do' }] });
  await plugin['tool.execute.before']!(asked, asked);
  await plugin['tool.execute.after']!(asked, output);
  await plugin['event']!({ event: { type: 'session.idle', properties: { sessionID: 'one' } } });
  assert.deepEqual(output, { output: 'done' });
});
