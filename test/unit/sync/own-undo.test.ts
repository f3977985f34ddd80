import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeChanges, replace } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { openedState } from '../../../src/sync/document-state.ts';
import { KeptSteps } from '../../../src/sync/kept-steps.ts';
import { changeLocally } from '../../../src/sync/local-change.ts';
import { StepGroups } from '../../../src/sync/step-groups.ts';
import { takeBackStep } from '../../../src/sync/taken-step.ts';
import {
  EMPTY_STACK,
  MAX_STACK_SIZE,
  recordOthers,
  recordOwn,
  takeStep,
} from '../../../src/sync/undo-stack.ts';
import { at, Rig } from './binding-rig.ts';

test('S7: a step taken back is an edit of the user’s, in the editor and in the world', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, 'X'));
  rig.file.acknowledge();
  rig.file.commit(at(1, 0, 'their '));
  await rig.document.settleAll();
  assert.ok(rig.binding.takeBack('undo'));
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, '', 4), 'sent at once');
  await rig.document.settleAll();
  rig.file.acknowledge();
  assert.equal(rig.shown, 'one\ntheir two');
  assert.equal(rig.file.text.toString(), 'one\ntheir two');
  assert.ok(rig.binding.takeBack('redo'));
  await rig.document.settleAll();
  rig.file.acknowledge();
  assert.equal(rig.shown, 'oneX\ntheir two');
  assert.ok(rig.binding.isSettled);
});

test('S7: what is typed while the editor takes a step back is kept', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'X'));
  rig.binding.takeBack('undo');
  rig.document.type(at(0, 0, 'a'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'aone');
});

test('S7: steps are taken back while there is no connection, and nobody ever hears of them', async () => {
  const rig = new Rig('one');
  rig.file.disconnect();
  rig.document.type(at(0, 3, 'X'));
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one');
  rig.file.connect();
  assert.equal(rig.file.sent.length, 0);
  assert.ok(rig.binding.isSettled);
});

test('S7: an undo of the editor’s own is made what it should have been, by one edit', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, 'X'));
  rig.file.acknowledge();
  rig.file.commit(at(1, 0, 'their '));
  await rig.document.settleAll();
  // The editor takes back what came last: theirs.
  rig.document.type(at(1, 0, '', 6), 'undo');
  assert.equal(rig.document.calls.length, 1);
  await rig.document.settleAll();
  rig.file.acknowledge();
  assert.equal(rig.shown, 'one\ntheir two');
  const ops = rig.file.sent.flatMap((batch) => batch.ops);
  assert.deepEqual(ops.at(-1)?.changes, at(0, 3, '', 4), 'theirs was never touched in the world');
  // And what it makes again.
  rig.document.type(at(0, 0, 'again'), 'redo');
  await rig.document.settleAll();
  assert.equal(rig.shown, 'oneX\ntheir two');
});

test('S7: an undo of the editor’s own that took back just my step is left as it is', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'X'));
  rig.file.acknowledge();
  rig.document.type(at(0, 3, '', 4), 'undo');
  assert.equal(rig.document.calls.length, 0);
  assert.equal(rig.shown, 'one');
  rig.file.acknowledge();
  assert.equal(rig.file.text.toString(), 'one');
  rig.document.type(at(0, 3, 'X'), 'redo');
  assert.equal(rig.document.calls.length, 0);
  rig.file.acknowledge();
  assert.equal(rig.file.text.toString(), 'oneX');
  assert.ok(rig.binding.isSettled);
});

test('S7: what the editor takes back from before the document was bound is the user’s own', () => {
  const rig = new Rig('oneX');
  assert.equal(rig.binding.hasUndo, false);
  rig.document.type(at(0, 3, '', 4), 'undo');
  rig.file.acknowledge();
  assert.equal(rig.file.text.toString(), 'one');
  rig.document.type(at(0, 3, 'X'), 'redo');
  rig.file.acknowledge();
  assert.equal(rig.file.text.toString(), 'oneX');
  rig.document.type(at(0, 4, 'Y'));
  assert.equal(rig.binding.hasUndo, true);
});

test('S6, S7: what a ticket took out of the text is taken back already', async () => {
  const rig = new Rig('the quick fox');
  rig.document.type(at(0, 0, '> '));
  rig.file.acknowledge();
  rig.document.type(at(0, 6, 's', 11));
  rig.document.type(at(0, 7, 'ly'));
  rig.file.commit(at(0, 6, 'slow', 11));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  assert.equal(rig.shown, '> the slow fox');
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  assert.equal(rig.shown, 'the slow fox', 'the step before the refused one');
  assert.equal(rig.binding.takeBack('undo'), undefined);
});

test('S6, S7: a refused undo leaves the text, and the steps before it, as they were', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 0, 'A'));
  rig.file.acknowledge();
  rig.document.type(at(0, 4, 'Z'));
  rig.file.acknowledge();
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  rig.file.answer({ tag: 'refused', code: 'locked', message: '' });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'AoneZ');
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  assert.equal(rig.shown, 'oneZ');
  assert.equal(rig.binding.takeBack('undo'), undefined);
});

test('S7: a function that others put back and went on with is not doubled', () => {
  const whole = 'function greet() {\n  say("hello");\n  return true;\n}\n';
  const text = Text.of(`first\n${whole}last`);
  const deletion = [replace({ line: 1, character: 0 }, { line: 5, character: 0 }, '')];
  let stack = recordOwn(EMPTY_STACK, deletion, text);
  let now = text.apply(deletion);
  const others = (line: number, character: number, inserted: string): void => {
    const changes = at(line, character, inserted);
    stack = recordOthers(stack, changes, () => now);
    now = now.apply(changes);
  };
  others(1, 0, whole);
  others(2, 13, ', world');
  assert.equal(takeStep(stack, 'undo', now), undefined);
});

test('S7: a letter somebody typed where I deleted the same letter is no reason to keep mine away', () => {
  const text = Text.of('cat');
  let stack = recordOwn(EMPTY_STACK, at(0, 1, '', 2), text);
  const now = text.apply(at(0, 1, '', 2));
  stack = recordOthers(stack, at(0, 1, 'bra'), () => now);
  const taken = takeStep(stack, 'undo', now.apply(at(0, 1, 'bra')));
  assert.equal(taken?.changes[0]?.text, 'a');
});

test('S7: of a line that others wrote anew, what they left as it was is still mine', () => {
  const text = Text.of('one two');
  let stack = recordOwn(EMPTY_STACK, at(0, 3, 'X'), text);
  const now = text.apply(at(0, 3, 'X'));
  const anew = at(0, 0, 'oneX two!', 8);
  stack = recordOthers(stack, anew, () => now);
  assert.deepEqual(takeStep(stack, 'undo', now.apply(anew))?.changes, at(0, 3, '', 4));
});

test('S7: what was typed and taken back before anybody was told is told to nobody', () => {
  const now = { policy: 'auto', nowMs: 0, waitingKeys: 'apart', newId: () => 'id' } as const;
  const opened = openedState({ version: 1, text: Text.of('one') });
  const typed = changeLocally(opened, at(0, 3, 'X'), 'typing', now);
  assert.equal(typed.pending.length, 1);
  assert.deepEqual(takeBackStep(typed, 'undo', now)?.state.pending, []);
});

test('S7: a document that is opened again has its steps, moved over what others did meanwhile', async () => {
  const kept = new KeptSteps();
  const first = new Rig('one\ntwo');
  first.document.type(at(0, 3, 'X'));
  first.file.acknowledge();
  const { undo, shadow } = first.binding.state;
  kept.keep(1, undo, shadow);
  assert.ok(kept.wasOpen(1));
  const base = { version: 3, text: Text.of('their\noneX\ntwo') };
  const steps = kept.take(1, base.text);
  const again = new Rig('', {
    shown: base.text.toString(),
    start: { base, steps, isReopened: true },
  });
  again.binding.takeBack('undo');
  await again.document.settleAll();
  assert.equal(again.shown, 'their\none\ntwo');
  assert.equal(kept.take(1, base.text), undefined);
});

test('S7: what is remembered is bounded, and the last step is always there', () => {
  const block = `${'x'.repeat(1023)}\n`.repeat(256);
  let text = Text.of('');
  let stack = EMPTY_STACK;
  for (let round = 0; round < 200; round++) {
    const all = [replace({ line: 0, character: 0 }, text.end, round % 2 === 0 ? block : 'y')];
    stack = recordOwn(stack, all, text);
    text = text.apply(all);
    assert.ok((stack.done?.size ?? 0) <= MAX_STACK_SIZE);
  }
  assert.ok(takeStep(stack, 'undo', text));
});

test('S7: what others do is kept in a few entries however often they write', () => {
  let text = Text.of('one\ntwo\n');
  let stack = recordOwn(EMPTY_STACK, at(0, 0, 'mine '), text);
  text = text.apply(at(0, 0, 'mine '));
  for (let round = 0; round < 20_000; round++) {
    const changes = round % 2 === 0 ? at(1, 0, 'word') : at(1, 0, '', 4);
    stack = recordOthers(stack, normalizeChanges(changes), () => text);
    text = text.apply(changes);
  }
  let entries = 0;
  for (let log = stack.done?.others; log; log = log.below) entries++;
  assert.ok(entries <= 15, `${entries} entries`);
  assert.ok(stack.done!.size < 4000, 'text that came and went takes no room');
  assert.deepEqual(takeStep(stack, 'undo', text)?.changes, at(0, 0, '', 5));
});

test('S7: steps of one command in several documents belong together', () => {
  const groups = new StepGroups<{ readonly name: string }>();
  const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
  groups.add({ member: a, stepId: 1 });
  groups.close();
  groups.add({ member: a, stepId: 2 });
  groups.add({ member: b, stepId: 9 });
  groups.add({ member: c, stepId: 4 });
  groups.add({ member: b, stepId: 10 });
  assert.deepEqual(groups.partners({ member: b, stepId: 9 }), [
    { member: a, stepId: 2 },
    { member: c, stepId: 4 },
  ]);
  assert.deepEqual(groups.partners({ member: a, stepId: 1 }), []);
  assert.deepEqual(groups.partners({ member: b, stepId: 10 }), []);
});
