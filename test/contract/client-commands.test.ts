// What set-up relies on of a client's own commands. CI asks programs that stand in for them;
// AGENT_WORLD_TEST_CLIENTS=PATH, a list of folders as in PATH, asks the real ones.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { AGENT_CLIENTS } from '../../src/agents/clients/known-clients.ts';
import { standInClients } from '../harness/client-programs.ts';

const SETTINGS: Readonly<Record<string, string>> = {
  claude:
    '{\n  "mcpServers": { "mine": { "type": "stdio", "command": "/bin/echo", "args": [] } }\n}\n',
  codex: '# Mine, and why.\nmodel = "some"\n\n[tui]\nnotifications = true # loud\n',
};

interface Told {
  readonly mcpServers: { readonly mine: { readonly command: string } };
}

let place: string;
let PATH: string;

before(() => {
  place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'told-clients-')));
  const real = process.env['AGENT_WORLD_TEST_CLIENTS'];
  PATH =
    real === undefined
      ? standInClients(path.join(place, 'bin'), ['claude', 'codex'])
      : [real, process.env['PATH']].join(path.delimiter);
});

after(() => fs.rmSync(place, { recursive: true, force: true }));

for (const client of AGENT_CLIENTS) {
  const { configuration, id, title, program } = client;
  if (configuration.tag !== 'command') continue;

  test(`${title} is told of a server, shows it, and forgets it; all else in its file stays`, () => {
    const home = path.join(place, id);
    const project = path.join(home, 'project');
    const file = path.join(home, configuration.files[0]!);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.mkdirSync(project, { recursive: true });
    fs.writeFileSync(file, SETTINGS[id]!);
    const run = (args: readonly string[]) =>
      spawnSync(program, [...args], {
        cwd: project,
        env: { ...process.env, HOME: home, PATH },
        encoding: 'utf8',
      });
    const [name, other] = ['agent-world', 'agent-world-2'];
    // What is no server of theirs is found out before one of that name is put there.
    assert.notEqual(run(configuration.show(name)).status, 0);
    const entry = { command: '/bin/true', args: ['mcp', '--as', 'Ann’s "bot" $HOME', '--folder'] };
    for (const each of [name, other]) {
      const added = run(configuration.add(each, entry));
      assert.equal(added.status, 0, added.stderr);
    }
    const shown = run(configuration.show(name));
    assert.equal(shown.status, 0, shown.stderr);
    assert.match(shown.stdout, /\/bin\/true/);
    assert.match(shown.stdout, /Ann’s "bot" \$HOME --folder/);
    assert.equal(run(configuration.remove(name)).status, 0);
    assert.notEqual(run(configuration.show(name)).status, 0);
    assert.equal(run(configuration.show(other)).status, 0, 'another one stays');
    assert.equal(run(configuration.remove(other)).status, 0);
    const left = fs.readFileSync(file, 'utf8');
    if (id === 'codex') assert.equal(left, SETTINGS[id]);
    else assert.equal((JSON.parse(left) as Told).mcpServers.mine.command, '/bin/echo');
    assert.doesNotMatch(left, /agent-world/);
  });
}
