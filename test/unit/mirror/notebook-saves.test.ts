// A notebook is JSON, and a world merges lines. Whatever two people do to its cells, what comes of a save on an older text
// is a notebook again with what both wrote, or it is a ticket and the world has what it had.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf } from '../../../src/mirror/disk-files.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

const NAME = 'plan.ipynb';
const CELLS = ['a = 1', 'b = 2', 'c = 3'];

/** What somebody makes of these cells. */
const DEEDS: Readonly<Record<string, readonly string[]>> = {
  'add one at the end': [...CELLS, 'd = 4'],
  'add two at the end': [...CELLS, 'e = 5', 'f = 6'],
  'add one at the top': ['g = 7', ...CELLS],
  'add one between': ['a = 1', 'h = 8', 'b = 2', 'c = 3'],
  'delete the first': ['b = 2', 'c = 3'],
  'delete the second': ['a = 1', 'c = 3'],
  'delete the last': ['a = 1', 'b = 2'],
  'delete all': [],
  'write in the last': ['a = 1', 'b = 2', 'c = 33'],
  'write lines in two': ['a = 1\ni = 9', 'b = 2', 'c = 3\nj = 10'],
  'exchange two': ['b = 2', 'a = 1', 'c = 3'],
};

for (const [mine, saved] of Object.entries(DEEDS)) {
  test(`S6: a notebook in which somebody saves: ${mine}, over whatever others did meanwhile`, async (context) => {
    for (const [theirs, others] of Object.entries(DEEDS)) {
      const world = new ModelWorld();
      world.createNow(NAME, notebook(CELLS));
      const lab = await MirrorLab.open(context, world);
      await lab.lookAtAll();
      const on = { fileId: 1, version: 1, hash: hashOf(lab.bytes(NAME)), holds: 1 };
      world.editTo(1, 1, notebook(others));
      await lab.lookAtAll();
      assert.equal(lab.text(NAME), notebook(others));
      lab.write(NAME, notebook(saved));
      const hash = hashOf(lab.bytes(NAME));
      await lab.log.keepText(hash, lab.bytes(NAME), true);
      await lab.log.append({ tag: 'saved', path: NAME, hash, on });
      await lab.lookAtAll();
      const text = world.textOf(1).toString();
      const what = `${theirs}: ${text}`;
      assert.equal(lab.text(NAME), text, what);
      if (world.tickets.length > 0) {
        assert.deepEqual(world.tickets, [notebook(saved)], what);
        assert.equal(text, notebook(others), what);
        continue;
      }
      const cells = cellsIn(text).join('\n').split('\n');
      for (const line of CELLS.filter((each) => saved.includes(each) && others.includes(each))) {
        assert.ok(cells.includes(line), what);
      }
      const written = [...saved, ...others].join('\n').split('\n');
      const ours = new Set(written.filter((line) => line !== '' && !CELLS.includes(line)));
      for (const line of ours) assert.ok(cells.includes(line), `${line} is lost; ${what}`);
      assert.equal(new Set(cells).size, cells.length, `nothing is there twice; ${what}`);
    }
  });
}

/** As VS Code writes it. */
function notebook(sources: readonly string[]): string {
  const cells = sources.map((source) => ({
    cell_type: 'code',
    execution_count: null,
    metadata: {},
    outputs: [],
    source: source.split(/(?<=\n)/),
  }));
  const metadata = { language_info: { name: 'python' } };
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 2 }, null, 1)}\n`;
}

/** Fails for what is no notebook any more. */
function cellsIn(text: string): readonly string[] {
  const { cells } = JSON.parse(text) as { readonly cells: readonly { source: string[] }[] };
  return cells.map(({ source }) => source.join(''));
}
