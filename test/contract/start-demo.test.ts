import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { alive, StartedCommand } from '../harness/started-command.ts';

test('npm start without an editor: a line an op, a summary, the verdict as exit code, and nothing left', async (t) => {
  const place = await realpath(await mkdtemp(path.join(tmpdir(), 'agent-world-start-')));
  t.after(() => rm(place, { recursive: true, force: true }));
  const folder = path.join(place, 'project');
  const readme = '# Project\n\n<!-- toc -->\n<!-- /toc -->\n\n## One\n';
  await mkdir(folder);
  await writeFile(path.join(folder, 'README.md'), readme);
  await writeFile(path.join(folder, 'a.js'), 'export const a = 1;\n');

  const args = ['--no-editor', '--for', '2s', folder];
  const command = new StartedCommand(args, path.join(place, 'home'));
  t.after(() => command.interrupt());
  await command.printed(/^#\d+ .* edit README\.md v2/m);
  const processes = command.processes();
  assert.equal(await command.ended(), 0, command.output);

  const [, summed] = await command.printed(/^(\d+) ops, \d+ keys typed, 0 open tickets\.$/m);
  const [, verified] = await command.printed(/^verified (\d+) ops, 2 files$/m);
  const lines = [...command.output.matchAll(/^#(\d+) \d\d:\d\d:\d\d \S+ \w+/gm)].map(([, n]) => n);
  const first = Number(lines[0]);
  assert.deepEqual(
    lines.map(Number),
    lines.map((_, place) => first + place),
    'a line an op, in order, none left out',
  );
  assert.deepEqual([lines.length, Number(lines.at(-1))], [Number(summed), Number(verified)]);
  assert.equal(
    await readFile(path.join(folder, 'README.md'), 'utf8'),
    readme,
    'only a copy is worked on',
  );
  assert.deepEqual((await readdir(folder)).sort(), ['README.md', 'a.js']);
  assert.deepEqual(alive(processes), []);
});
