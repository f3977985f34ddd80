import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReadTree } from '../../../src/views/trees/read-tree.ts';

/** A tree of rows by their names, and a reader that asks for it as VS Code does. */
class Scene {
  rows: Record<string, readonly string[]>;
  readonly looks = new Map<string, string>();
  readonly open = new Set<string>();
  readonly read: ReadTree<string>;

  constructor(rows: Record<string, readonly string[]>) {
    this.rows = rows;
    this.read = new ReadTree<string>({
      children: (parent) => this.#children(parent),
      look: (node) => this.#look(node),
    });
  }

  /** Asks for the children of a row, and for each of them. */
  ask(parent?: string): void {
    const children = this.#children(parent);
    this.read.readChildren(parent, children);
    for (const child of children) {
      this.read.readRow(child, this.#look(child), this.open.has(child));
    }
  }

  askAll(parent?: string): void {
    this.ask(parent);
    for (const child of this.#children(parent)) this.askAll(child);
  }

  #children(parent: string | undefined): readonly string[] {
    return this.rows[parent ?? ''] ?? [];
  }

  #look(node: string): string {
    return this.looks.get(node) ?? node;
  }
}

const TWO_FILES = { '': ['a', 'b'], a: ['a1', 'a2'], b: ['b1'], a1: ['a1x'] };

test('what nobody has read has not changed', () => {
  const scene = new Scene(TWO_FILES);
  scene.looks.set('a', 'other');
  assert.equal(scene.read.isRead, false);
  assert.deepEqual(scene.read.changes('anywhere'), []);
  assert.deepEqual(scene.read.changes(['a']), []);
});

test('a row that is held back is not named for its own look, but what is below it is', () => {
  const scene = new Scene(TWO_FILES);
  scene.askAll();
  for (const row of ['a', 'a2', 'b1']) scene.looks.set(row, 'other');
  const asked: string[] = [];
  const held = scene.read.changes('anywhere', (row) => asked.push(row) > 0);
  assert.deepEqual(
    [held, asked],
    [['a2', 'b1'], ['a']],
    'what has nothing below it waits for nothing',
  );
  assert.deepEqual(
    scene.read.changes('anywhere'),
    ['a', 'b1'],
    'it is named once it is not held back',
  );
  scene.rows = { ...scene.rows, a: ['a1'] };
  assert.deepEqual(
    scene.read.changes('anywhere', () => true),
    ['a', 'b1'],
    'rows are never late',
  );
});

test('a row that looks otherwise is named alone, one with other children with them', () => {
  const scene = new Scene(TWO_FILES);
  scene.askAll();
  assert.deepEqual(scene.read.changes('anywhere'), []);
  scene.looks.set('b1', 'other');
  assert.deepEqual(scene.read.changes('anywhere'), ['b1']);
  assert.deepEqual(scene.read.changes(['a']), []);
  assert.deepEqual(scene.read.changes(['b']), ['b1']);
  scene.rows = { ...TWO_FILES, a1: [] };
  assert.deepEqual(scene.read.changes('anywhere'), ['a1', 'b1']);
  scene.looks.set('a', 'other');
  assert.deepEqual(scene.read.changes('anywhere'), ['a', 'b1']);
});

test('other topmost rows are a change of everything', () => {
  const scene = new Scene(TWO_FILES);
  scene.askAll();
  scene.rows = { ...TWO_FILES, '': ['b', 'a'] };
  assert.equal(scene.read.changes('anywhere'), 'all');
});

test('what was told is changed again only once it was read again', () => {
  const scene = new Scene(TWO_FILES);
  scene.askAll();
  scene.read.told('all');
  scene.looks.set('b1', 'other');
  assert.deepEqual(scene.read.changes('anywhere'), []);
  scene.askAll();
  assert.deepEqual(scene.read.changes('anywhere'), []);
  scene.rows = { ...TWO_FILES, b: [] };
  scene.read.told(['b']);
  assert.deepEqual(scene.read.changes('anywhere'), []);
});

test('the first reading goes on until the children of all open rows were asked for, later ones do not count', () => {
  const scene = new Scene(TWO_FILES);
  for (const node of ['a', 'b', 'a1']) scene.open.add(node);
  assert.equal(scene.read.isLoading, false);
  scene.ask();
  assert.equal(scene.read.isLoading, true);
  scene.ask('a');
  scene.ask('b');
  assert.equal(scene.read.isLoading, true);
  scene.ask('a1');
  assert.equal(scene.read.isLoading, false);
  scene.read.told('all');
  scene.ask();
  assert.equal(scene.read.isLoading, false);
});

test('a closed row is not waited for', () => {
  const scene = new Scene(TWO_FILES);
  scene.ask();
  assert.equal(scene.read.isLoading, false);
});

test('whoever reads again what changed has read everything as it is', () => {
  const names = ['a', 'b', 'c', 'd'];
  const tree = fc.record({
    top: fc.subarray(names),
    below: fc.array(fc.subarray(['1', '2', '3']), { minLength: 4, maxLength: 4 }),
    looks: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 16, maxLength: 16 }),
  });
  fc.assert(
    fc.property(fc.array(tree, { minLength: 2, maxLength: 6 }), (states) => {
      const scene = new Scene({});
      for (const { top, below, looks } of states) {
        scene.rows = Object.fromEntries([
          ['', top],
          ...names.map((name, index) => [name, below[index]!.map((each) => name + each)]),
        ]) as Record<string, readonly string[]>;
        const all = names.flatMap((name) => [name, ...['1', '2', '3'].map((each) => name + each)]);
        all.forEach((name, index) => scene.looks.set(name, String(looks[index])));
        const change = scene.read.isRead ? scene.read.changes('anywhere') : 'all';
        scene.read.told(change);
        if (change === 'all') scene.askAll();
        else {
          for (const node of change) {
            scene.read.readRow(node, scene.looks.get(node)!, false);
            scene.askAll(node);
          }
        }
        assert.deepEqual(scene.read.changes('anywhere'), []);
      }
    }),
  );
});
