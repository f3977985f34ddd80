import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { runClientNamed } from '../../../src/acp/run-clients.ts';
import { missingServers } from '../../../src/acp/run-servers.ts';
import type { AddedAgent } from '../../../src/agents/clients/added-agents.ts';

let home: string;

before(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-servers-'));
  for (const folder of ['.codex', '.gemini', 'other']) fs.mkdirSync(path.join(home, folder));
});

after(() => fs.rmSync(home, { recursive: true, force: true }));

test('Codex is given the server only where its settings do not name it', async () => {
  const settings = path.join(home, '.codex/config.toml');
  assert.equal(await given('codex'), 1, 'no settings');
  fs.writeFileSync(settings, 'model = "m"\n[mcp_servers.agent-world-2]\ncommand = "c"\n');
  assert.equal(await given('codex'), 1, 'that of another agent');
  for (const line of ['[mcp_servers.agent-world]', '[mcp_servers."agent-world"]\r']) {
    fs.writeFileSync(settings, `model = "m"\n\n${line}\ncommand = "c"\n`);
    assert.equal(await given('codex'), 0, line);
  }
  const CODEX_HOME = path.join(home, 'other');
  assert.equal(await given('codex', { CODEX_HOME }), 1, 'its settings are elsewhere');
});

test('Claude Code is always given it, others where their settings have lost it', async () => {
  assert.equal(await given('claude'), 1);
  const file = path.join(home, '.gemini/settings.json');
  const changed = { file, change: {} } as unknown as NonNullable<AddedAgent['changed']>;
  fs.writeFileSync(file, '{ "mcpServers": { "agent-world": {} } }');
  assert.equal(await given('gemini', {}, { changed }), 0);
  fs.writeFileSync(file, '{ "mcpServers": {} }');
  assert.equal(await given('gemini', {}, { changed }), 1);
  fs.writeFileSync(file, 'no settings');
  assert.equal(await given('gemini', {}, { changed }), 1);
});

async function given(
  client: string,
  environment: NodeJS.ProcessEnv = {},
  more: Partial<AddedAgent> = {},
): Promise<number> {
  const agent: AddedAgent = {
    client,
    name: 'An agent',
    database: 'd',
    worldName: 'w',
    folder: home,
    isOwnFolder: true,
    serverName: 'agent-world',
    entry: { command: '/bin/true', args: ['mcp'] },
    ...more,
  };
  const servers = await missingServers(runClientNamed(client)!, agent, {
    HOME: home,
    ...environment,
  });
  return servers.length;
}
