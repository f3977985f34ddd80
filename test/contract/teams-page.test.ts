// What docs/teams.md tells a team to run is run, in its order; another home's host is the server.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

let installed: InstalledCommand;
let server: string;
let page: string;

before(async () => {
  page = await readFile(path.join(projectRoot, 'docs', 'teams.md'), 'utf8');
  installed = await InstalledCommand.install();
  const elsewhere = path.join(installed.place, 'elsewhere');
  await mkdir(elsewhere);
  server = String((await installed.json(installed.home('server'), 'open', elsewhere))['uri']);
});
after(() => installed.dispose());

interface Block {
  /** Who runs it; undefined for what is not run. */
  readonly who: string | undefined;
  readonly commands: readonly string[];
  /** What stands before it, up to the block before. */
  readonly before: string;
}

function blocksOf(text: string): readonly Block[] {
  const parts = text.split(/^```(.*)\n([\s\S]*?)^```$/m);
  const blocks: Block[] = [];
  for (let index = 0; index + 2 < parts.length; index += 3) {
    const who = /^sh (\w+)$/.exec(parts[index + 1]!)?.[1];
    blocks.push({ who, commands: parts[index + 2]!.trim().split('\n'), before: parts[index]! });
  }
  return blocks;
}

test('what cannot be run here says so', () => {
  const blocks = blocksOf(page).filter(({ who }) => who === undefined);
  for (const { before, commands } of blocks) {
    const isOther = commands.every((command) => command.startsWith('agent-world '));
    if (!isOther) assert.match(before, /\*\*Not run[.:]\*\*/, commands[0]);
  }
  assert.ok(blocks.length < blocksOf(page).length / 2);
});

test('its commands work, one after the other, for everybody in it', async () => {
  const invites: string[] = [];
  for (const { who, commands } of blocksOf(page)) {
    if (who === undefined) continue;
    const place = path.join(installed.place, who);
    await mkdir(place, { recursive: true });
    if (who === 'ada') await writeNotes(path.join(place, 'notes'));
    for (const command of commands) {
      const invite = command.includes('"INVITE"') ? invites.shift() : undefined;
      const out = await run(who, place, command, invite);
      if (command.startsWith('agent-world invite')) invites.push(out.trim());
    }
  }
  const fixed = path.join(installed.place, 'fixer', 'work', 'one.md');
  assert.equal(await readFile(fixed, 'utf8'), 'one\n');
  const worlds = await installed.run(installed.home('ada-home'), 'worlds', '--json');
  const [old, here] = worlds.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { server: string; movedTo?: object });
  assert.deepEqual([old!.movedTo !== undefined, here!.server], [true, 'embedded']);
});

async function writeNotes(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'drafts'), { recursive: true });
  await writeFile(path.join(folder, 'one.md'), 'one\n');
}

/** Runs a line of the page as somebody, in their folder; returns what it printed. */
async function run(who: string, place: string, line: string, invite = ''): Promise<string> {
  const [program, ...words] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain!,
  );
  assert.equal(program, 'agent-world', line);
  const args = words.map((word) =>
    word === 'INVITE' ? invite : word.replace(/^https:\/\/team\.example\.org$/, server),
  );
  const child = installed.startIn(place, installed.home(`${who}-home`), ...args);
  const { code, out, err } = await ended(child);
  assert.equal(code, 0, `${line}\n${out}${err}`);
  return out;
}
