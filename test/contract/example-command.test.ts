// The example: made once, an agent at work in its first file, and removed with its world.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { takeBeginning } from '../../src/world/example-folder.ts';
import { InstalledCommand } from '../harness/installed-command.ts';

let command: InstalledCommand;
let home: string;

before(async () => {
  command = await InstalledCommand.install();
  home = command.home('home');
  const examples = path.join(command.dist, '..', 'examples');
  await cp(path.join(projectRoot, 'examples'), examples, { recursive: true });
});

after(() => command.dispose());

test('the example is made once, has an agent at work, and goes away with its world', async () => {
  const { folder } = (await command.json(home, 'example', '--begin', 'window')) as {
    readonly folder: string;
  };
  assert.equal((await stat(path.join(home, 'demo'))).mode & 0o077, 0, 'nobody else looks in');
  assert.deepEqual(await takeBeginning(home), { agents: 'window' });
  assert.equal(await takeBeginning(home), undefined, 'one window begins it');
  const own = path.join(folder, 'README.md');
  await writeFile(own, 'mine\n');
  await command.json(home, 'example');
  assert.equal(await readFile(own, 'utf8'), 'mine\n', 'what is there stays');

  const agents = command.start(home, 'demo-agents', folder, '--tour');
  const watch = command.start(home, 'watch', folder, '--json');
  const words: string[] = [];
  for await (const line of createInterface({ input: watch.stdout! })) {
    const op = JSON.parse(line) as { kind: string; path: string; author: string };
    if (op.kind === 'edit' && op.path === 'start-here.md') words.push(line);
    if (words.length === 3) break;
  }
  assert.match(words[0]!, /Writer/);
  for (const child of [watch, agents]) {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
  }

  await command.json(home, 'example', '--remove');
  await assert.rejects(stat(folder));
  assert.deepEqual((await command.run(home, 'worlds', '--json')).out, '');
  const again = await command.json(home, 'example', '--remove');
  assert.equal(again['removed'], false, 'there is none to remove');
});
