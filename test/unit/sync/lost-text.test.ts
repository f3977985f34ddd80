// What a binding says of text that comes back: by undo, and by what the user has restored; of what is
// typed it says nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replace } from '../../../src/core/change.ts';
import type { ReturnedText } from '../../../src/core/returned-text.ts';
import { joinLastSteps } from '../../../src/sync/undo-stack.ts';
import { at, Rig } from './binding-rig.ts';

const LINES = 'let a = 1;\nlet b = 2;\n';
const START = `first\n${LINES}last`;
const PIECE: ReturnedText = {
  change: 0,
  at: 0,
  length: LINES.length,
  version: 1,
  fromLine: 1,
  fromCharacter: 0,
};

/** The two lines go. */
const gone = (line = 1) => [replace({ line, character: 0 }, { line: line + 2, character: 0 }, '')];

const lastReturned = (rig: Rig) => rig.lastSent.ops.map(({ returned }) => returned);

test('S7: two lines that the user deleted and takes back come from where they stood', async () => {
  const rig = new Rig(START);
  rig.document.type(gone());
  assert.deepEqual(lastReturned(rig), [undefined]);
  rig.file.acknowledge();
  rig.file.commit(at(0, 0, 'their\n'));
  await rig.document.settleAll();
  for (const kind of ['undo', 'redo', 'undo'] as const) {
    rig.binding.takeBack(kind);
    await rig.document.settleAll();
    assert.deepEqual(lastReturned(rig), [kind === 'undo' ? [PIECE] : undefined], kind);
    rig.file.acknowledge();
  }
  assert.equal(rig.shown, `their\n${START}`);
});

test('S7: where the lines stood is told of the world’s text, whatever was on its way to it', async () => {
  const rig = new Rig(START);
  rig.document.type(at(0, 0, 'mine\nand more\n'));
  rig.document.type(gone(3));
  rig.file.acknowledge(rig.file.sent[0]);
  rig.file.acknowledge();
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  assert.deepEqual(lastReturned(rig), [[PIECE]]);
});

test('S7: a piece stays with its change while others write, and after the window started again', async () => {
  const rig = new Rig(START);
  rig.document.type(gone());
  rig.file.acknowledge();
  rig.document.type(at(1, 0, 'x'));
  rig.binding.takeBack('undo');
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  // It waits while the key before it is on its way.
  rig.file.commit(at(0, 0, 'their\n'));
  rig.file.acknowledge();
  await rig.document.settleAll();
  assert.equal(rig.lastSent.ops.at(-1)!.changes[0]!.startLine, 2);
  assert.deepEqual(rig.lastSent.ops.at(-1)!.returned, [PIECE]);
  const batches = rig.journal.flatMap((record) =>
    record.tag === 'unsent' && record.inFlight ? [record.inFlight.batch] : [],
  );
  assert.deepEqual(batches.at(-1)!.ops.at(-1)!.returned, [PIECE]);
});

test('S7: of one command that deleted in two edits both pieces are told', async () => {
  const rig = new Rig(`${LINES}between\n${LINES}`);
  rig.document.type([replace({ line: 3, character: 0 }, { line: 5, character: 0 }, '')]);
  rig.document.type([replace({ line: 0, character: 0 }, { line: 2, character: 0 }, '')]);
  rig.binding.editSteps(joinLastSteps);
  rig.file.acknowledge(rig.file.sent[0]);
  rig.file.acknowledge();
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  const told = rig.lastSent.ops[0]!.returned!;
  assert.deepEqual([...new Set(told.map(({ change }) => change))], [0, 1]);
});

test('S7: of a word, of a line, and of what was never in the world nothing is told', async () => {
  const rig = new Rig(START);
  rig.document.type(at(1, 0, '', 3));
  rig.file.acknowledge();
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  rig.file.acknowledge();
  rig.file.disconnect();
  rig.document.type(at(0, 5, `\n${LINES}more`));
  rig.document.type([replace({ line: 1, character: 0 }, { line: 3, character: 0 }, '')]);
  rig.file.connect();
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  rig.file.acknowledge();
  assert.ok(rig.file.sent.every(({ ops }) => ops.every((op) => op.returned === undefined)));
});

test('S7: the same words typed by hand are the typist’s, restored ones are not', async () => {
  const rig = new Rig(START);
  rig.document.type(gone());
  rig.file.acknowledge();
  const back = [replace({ line: 1, character: 0 }, { line: 1, character: 0 }, LINES)];
  rig.document.type(back);
  assert.deepEqual(lastReturned(rig), [undefined]);
  rig.file.acknowledge();
  rig.document.type(gone());
  rig.file.acknowledge();
  const restored = [{ text: LINES, version: 1, from: { line: 1, character: 0 } }];
  await rig.binding.restore(restored, async () => rig.document.type(back));
  assert.deepEqual(lastReturned(rig), [[PIECE]]);
  rig.file.acknowledge();
  rig.document.type(gone());
  rig.file.acknowledge();
  rig.document.type(back);
  assert.deepEqual(lastReturned(rig), [undefined], 'nothing is left of what was restored before');
});
