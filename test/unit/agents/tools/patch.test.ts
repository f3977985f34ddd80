import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitHunks } from '../../../../src/agents/tools/fit-hunks.ts';
import { type FilePatch, parsePatch } from '../../../../src/agents/tools/patch.ts';
import { Text } from '../../../../src/core/text.ts';

function filesOf(patch: string): readonly FilePatch[] {
  const parsed = parsePatch(patch);
  assert.ok(parsed.tag === 'patch', JSON.stringify(parsed));
  return parsed.files;
}

function apply(content: string, patch: string): string {
  const [file] = filesOf(patch);
  assert.ok(file?.kind === 'update');
  const text = Text.of(content);
  const found = fitHunks(text, file.hunks);
  return found.tag === 'found' ? text.apply(found.changes).toString() : found.tag;
}

const unified = (body: string): string => `--- a/x\n+++ b/x\n${body}`;
const v4a = (body: string): string =>
  `*** Begin Patch\n*** Update File: x\n${body}\n*** End Patch\n`;

test('a unified diff is applied by its text, wherever its numbers say', () => {
  const text = 'a\nb\nc\nd\n';
  const diff = '@@ -2,2 +2,3 @@\n b\n-c\n+C\n+CC\n';
  assert.equal(apply(text, unified(diff)), 'a\nb\nC\nCC\nd\n');
  assert.equal(apply(text, unified(diff.replace('-2,2', '-40,9'))), 'a\nb\nC\nCC\nd\n');
  assert.equal(apply(text, unified('@@\n b\n-c\n+C\n')), 'a\nb\nC\nd\n');
  assert.equal(apply(text, unified('@@ -1 +1 @@\n-x\n+y\n')), 'misfit');
});

test('of several places the one that the numbers name is meant, and else none', () => {
  const text = 'x\na\nx\na\nx\n';
  assert.equal(apply(text, unified('@@ -3,2 +3,2 @@\n x\n-a\n+b\n')), 'x\na\nx\nb\nx\n');
  assert.equal(apply(text, unified('@@ -2,2 +2,2 @@\n x\n-a\n+b\n')), 'ambiguous');
});

test('a line end at the end of a file comes and goes as the diff says', () => {
  const none = '\\ No newline at end of file\n';
  assert.equal(apply('a\nb', unified(`@@ -1,2 +1,2 @@\n a\n-b\n${none}+B\n${none}`)), 'a\nB');
  assert.equal(apply('a\nb', unified(`@@ -1,2 +1,2 @@\n a\n-b\n${none}+b\n`)), 'a\nb\n');
  assert.equal(apply('a\nb\n', unified(`@@ -1,2 +1,2 @@\n a\n-b\n+b\n${none}`)), 'a\nb');
});

test('git names files that come, go, move and change their mode', () => {
  const patch = [
    'diff --git a/old.txt b/new.txt',
    'similarity index 100%',
    'rename from old.txt',
    'rename to new.txt',
    'diff --git a/run.sh b/run.sh',
    'old mode 100644',
    'new mode 100755',
    'diff --git a/n.txt b/n.txt',
    'new file mode 100644',
    'index 0000000..1',
    '--- /dev/null',
    '+++ b/n.txt',
    '@@ -0,0 +1,2 @@',
    '+one',
    '+two',
    'diff --git a/gone.txt b/gone.txt',
    'deleted file mode 100644',
    '--- a/gone.txt',
    '+++ /dev/null',
    '@@ -1 +0,0 @@',
    '-bye',
    'diff --git "a/\\303\\244.txt" "b/\\303\\244.txt"',
    '--- "a/\\303\\244.txt"',
    '+++ "b/\\303\\244.txt"',
    '@@ -1 +1 @@',
    '-a',
    '+b',
    '',
  ].join('\n');
  assert.deepEqual(
    filesOf(patch).map((file) => [
      file.kind,
      file.path,
      file.kind === 'update' ? file.to : file.kind === 'add' ? file.text : file.hunks.length,
    ]),
    [
      ['update', 'old.txt', 'new.txt'],
      ['update', 'run.sh', undefined],
      ['add', 'n.txt', 'one\ntwo\n'],
      ['delete', 'gone.txt', 1],
      ['update', 'ä.txt', undefined],
    ],
  );
});

test('a V4A patch finds its places by text, below the lines that it names', () => {
  const text = 'class A:\n  def f():\n    pass\nclass B:\n  def f():\n    pass\n';
  const change = '   def f():\n-    pass\n+    return 1';
  assert.equal(apply(text, v4a(`@@\n${change}`)), 'ambiguous');
  assert.equal(apply(text, v4a(`@@ class B:\n${change}`)), text.replace(/pass\n$/, 'return 1\n'));
  assert.equal(apply(text, v4a('@@ class C:\n-    pass\n+    x')), 'misfit');
  assert.equal(apply('a\nb\n', v4a(' a\n+x\n b\n*** End of File')), 'a\nx\nb\n');
  assert.equal(apply('a\nb\n', v4a('+c')), 'a\nb\nc\n');
});

test('a V4A patch makes, removes and moves files', () => {
  const patch = [
    'apply_patch <<EOF',
    '*** Begin Patch',
    '*** Add File: n.txt',
    '+one',
    '+',
    '*** Delete File: gone.txt',
    '*** Update File: a.txt',
    '*** Move to: b.txt',
    '@@',
    '-x',
    '+y',
    '*** End Patch',
    'EOF',
  ].join('\n');
  assert.deepEqual(
    filesOf(patch).map((file) => [file.kind, file.path, file.kind === 'update' && file.to]),
    [
      ['add', 'n.txt', false],
      ['delete', 'gone.txt', false],
      ['update', 'a.txt', 'b.txt'],
    ],
  );
});

test('small mismatches are found in patches, too', () => {
  assert.equal(apply('  a \n  b\n', v4a(' a\n-b\n+c')), '  a \n  c\n');
});

test('half a patch that fits is no patch', () => {
  const diff = '@@ -1 +1 @@\n-a\n+A\n@@ -9 +9 @@\n-nowhere\n+x\n';
  assert.equal(apply('a\nb\n', unified(diff)), 'misfit');
});

test('what is no patch is told with the line', () => {
  for (const patch of [
    '',
    'hello',
    '*** Begin Patch\n*** End Patch',
    '@@ -1 +1 @@\n-a\n+b\n',
    v4a('what'),
  ]) {
    assert.equal(parsePatch(patch).tag, 'bad', JSON.stringify(patch));
  }
});

const lines = fc.array(
  fc.constantFrom('a', 'b', 'c', '', ' d', '-', '--- x', '+++ y', '@@ z', '\\ n'),
  {
    maxLength: 12,
  },
);

/** One hunk over the whole text: what is common at both ends stays. */
function diffOf(before: readonly string[], after: readonly string[]): string {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  const rows = [
    ...before.slice(0, head).map((line) => ` ${line}`),
    ...before.slice(head).map((line) => `-${line}`),
    ...after.slice(head).map((line) => `+${line}`),
  ];
  return `@@ -1,${before.length} +1,${after.length} @@\n${rows.map((row) => `${row}\n`).join('')}`;
}

test('a diff of any two texts makes the one of the other', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      fc.pre(before.length > 0 && before.join() !== after.join());
      const [old, wanted] = [before, after].map((each) => each.map((line) => `${line}\n`).join(''));
      assert.equal(apply(old!, unified(diffOf(before, after))), wanted);
    }),
  );
});

test('no patch, however broken, throws', () => {
  const pieces = fc.constantFrom(
    '*** Begin Patch\n',
    '*** End Patch\n',
    '*** Update File: a\n',
    '*** Add File: b\n',
    '*** Move to: c\n',
    '--- a/x\n',
    '+++ b/x\n',
    '@@ -1,2 +1,9 @@\n',
    '@@ x\n',
    ' a\n',
    '-a\n',
    '+b\n',
    '\\ No newline\n',
    '\n',
    'diff --git a/x b/x\n',
    'new file mode 100644\n',
    '*** End of File\n',
    'x',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), fc.string(), (parts, content) => {
      const parsed = parsePatch(parts.join(''));
      if (parsed.tag === 'bad') return;
      for (const file of parsed.files) {
        if (file.kind !== 'add') fitHunks(Text.of(content.replaceAll('\r', '')), file.hunks);
      }
    }),
  );
});
