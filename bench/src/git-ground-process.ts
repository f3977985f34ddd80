// Makes what exports are measured on, in a process of its own: the world that it takes would weigh on
// every process that the measured one starts.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { archiveOf } from '../../test/harness/archive-of.ts';
import { GitLab } from '../../test/harness/git-lab.ts';
import { change, TestWorld } from '../../test/unit/module/test-world.ts';
import { fastImport } from './raw-fast-import.ts';

const [, , kind, folder = '', count = '0'] = process.argv;
if (kind === 'files') await manyFiles(folder, Number(count));
else await manyCommits(folder, Number(count));

async function manyFiles(folder: string, count: number): Promise<void> {
  const name = (file: number): string => `d${file % 100}/${file}.txt`;
  const text = (file: number, word: string): string =>
    `${Array.from({ length: 20 }, (_, line) => `${file} ${line} ${word} ${(file * 31 + line) % 997}`).join('\n')}\n`;
  const begin = await begun(
    folder,
    Array.from({ length: count }, (_, file) => [name(file), text(file, 'old')]),
  );
  const { world } = begin;
  for (const { fileId } of world.rows('file_head')) {
    world.edit(world.owner, fileId, 1, [change(3, 0, 3, 0, 'new ')]);
  }
  const pieces: string[] = [header('refs/heads/world/bench', 'change', begin.base)];
  for (let file = 0; file < count; file++) {
    const lines = text(file, 'old').split('\n');
    pieces.push(put(name(file), lines.with(3, `new ${lines[3]}`).join('\n')));
  }
  return ended(folder, begin, pieces);
}

async function manyCommits(folder: string, count: number): Promise<void> {
  const lines = Array.from(
    { length: 320 },
    (_, line) => `line ${line} of a file of sixteen kilobytes, or so`,
  );
  const begin = await begun(folder, [['file.txt', `${lines.join('\n')}\n`]]);
  const { world } = begin;
  const { fileId } = world.head('file.txt');
  const pieces: string[] = [];
  for (let commit = 0; commit < count; commit++) {
    const line = (commit * 37) % lines.length;
    world.edit(world.owner, fileId, commit + 1, [change(line, 0, line, 4, 'LINE')]);
    const note = { opId: world.nextId(), kind: 'checkpoint', to: '', text: `Step ${commit}` };
    world.mustCall(world.owner, 'add_note', note);
    lines[line] = `LINE${lines[line]!.slice(4)}`;
    pieces.push(header('refs/heads/world/bench', `Step ${commit}`, commit === 0 ? begin.base : ''));
    pieces.push(put('file.txt', `${lines.join('\n')}\n`));
  }
  return ended(folder, begin, pieces);
}

async function begun(folder: string, files: readonly (readonly [string, string])[]) {
  const repository = path.join(folder, 'repository');
  await mkdir(repository, { recursive: true });
  const lab = await GitLab.init(repository);
  const stream = [
    header('refs/heads/main', 'begin', ''),
    ...files.map(([name, text]) => put(name, text)),
  ];
  await fastImport(repository, Buffer.from(stream.join('')));
  const base = lab.git('rev-parse', 'main');
  const world = await TestWorld.create();
  for (const [name, text] of files) {
    world.mustCall(world.owner, 'create_file', { author: '', file: world.newFile(name, text) });
  }
  const upTo = world.rows('log_head')[0]!.opSeq;
  const point = { kind: 'base', commit: base, folder: '', autoLineEnds: 'false', upTo };
  const args = { opId: world.nextId(), point: JSON.stringify(point), text: '' };
  world.mustCall(world.owner, 'mark_git_point', args);
  return { base, world };
}

async function ended(
  folder: string,
  { world }: { readonly world: TestWorld },
  pieces: readonly string[],
): Promise<void> {
  await writeFile(path.join(folder, 'bench.world'), archiveOf(world));
  await writeFile(path.join(folder, 'stream'), pieces.join(''));
}

function header(ref: string, message: string, from: string): string {
  const person = 'Owner <owner@example.org> 1700000000 +0000';
  const parent = from === '' ? '' : `from ${from}\n`;
  return `commit ${ref}\ncommitter ${person}\ndata ${message.length}\n${message}\n${parent}`;
}

function put(name: string, text: string): string {
  return `M 100644 inline ${name}\ndata ${text.length}\n${text}\n`;
}
