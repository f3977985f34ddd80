// Edits of which it is in doubt whether the user made them, or an agent of the editor's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJournal, restoredState } from '../../../src/sync/draft-journal.ts';
import type { Maker } from '../../../src/sync/ports.ts';
import { Text } from '../../../src/core/text.ts';
import { at, Rig } from './binding-rig.ts';

const AGENT = 'a'.repeat(64);

function rigOf(text: string): { rig: Rig; makers: Map<number, Maker> } {
  const makers = new Map<number, Maker>();
  return { rig: new Rig(text, { makerOf: (doubt) => makers.get(doubt) }), makers };
}

test('what is in doubt is sent once it is known, under the name of who made it', () => {
  const { rig, makers } = rigOf('one\ntwo');
  rig.document.type(at(1, 0, 'TWO', 3), 'edit', 1);
  assert.equal(rig.file.sent.length, 0);
  assert.equal(rig.binding.isSettled, false);
  rig.binding.makersKnown();
  assert.equal(rig.file.sent.length, 0, 'nothing is known yet');
  makers.set(1, { agent: AGENT });
  rig.binding.makersKnown();
  const [op] = rig.lastSent.ops;
  assert.equal(op?.author, AGENT);
  assert.equal(op?.intent, 'patch', 'nobody typed it');
  assert.deepEqual(op?.changes, at(1, 0, 'TWO', 3));
  rig.file.acknowledge();
  assert.ok(rig.binding.isSettled);
});

test('what turns out to be the user’s is sent as typing is', () => {
  const { rig, makers } = rigOf('one');
  rig.document.type(at(0, 0, 'ONE', 3), 'edit', 1);
  makers.set(1, 'user');
  rig.binding.makersKnown();
  assert.equal(rig.lastSent.ops[0]?.author, '');
  assert.equal(rig.lastSent.ops[0]?.intent, 'typing');
});

test('keys before a doubt are sent at once, those behind it with what it was about, each under its own name', () => {
  const { rig, makers } = rigOf('one\ntwo');
  rig.document.type(at(0, 3, 'a'));
  assert.equal(rig.file.sent.length, 1);
  rig.document.type(at(0, 4, 'b'));
  rig.document.type(at(1, 0, 'TWO', 3), 'edit', 1);
  rig.file.acknowledge();
  assert.equal(rig.file.sent.length, 2, 'what was typed before it');
  rig.file.acknowledge();
  assert.equal(rig.file.sent.length, 2, 'the doubt waits');
  makers.set(1, { agent: AGENT });
  rig.document.type(at(0, 5, 'c'));
  rig.binding.makersKnown();
  rig.file.acknowledge();
  rig.file.acknowledge();
  assert.deepEqual(
    rig.file.sent.map(({ ops }) => ops.map(({ author, changes }) => [author, changes[0]?.text])),
    [[['', 'a']], [['', 'b']], [[AGENT, 'TWO']], [['', 'c']]],
  );
});

test('what others write meanwhile enters the editor, and the doubt is moved over it', async () => {
  const { rig, makers } = rigOf('one\ntwo');
  rig.document.type(at(1, 0, 'TWO', 3), 'edit', 1);
  rig.file.commit(at(0, 0, 'zero\n'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'zero\none\nTWO');
  makers.set(1, { agent: AGENT });
  rig.binding.makersKnown();
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(2, 0, 'TWO', 3));
  assert.equal(rig.lastSent.ops[0]?.author, AGENT);
});

test('what one agent made in a row is one op', () => {
  const { rig, makers } = rigOf('one\ntwo');
  rig.document.type(at(0, 0, 'ONE', 3), 'edit', 1);
  rig.document.type(at(1, 0, 'TWO', 3), 'edit', 2);
  makers.set(1, { agent: AGENT });
  makers.set(2, { agent: AGENT });
  rig.binding.makersKnown();
  assert.equal(rig.lastSent.ops.length, 1);
  assert.equal(rig.lastSent.ops[0]?.changes.length, 2);
});

const PAUSED = { tag: 'refused', code: 'paused', message: 'this member is paused' } as const;

test('what a paused agent made is kept as it was sent, with what it made in the same place meanwhile', async () => {
  const { rig, makers } = rigOf('one\ntwo');
  for (const doubt of [1, 2]) makers.set(doubt, { agent: AGENT });
  rig.document.type(at(1, 0, 'TWO', 3), 'edit', 1);
  rig.document.type(at(1, 3, ' and more'), 'edit', 2);
  rig.file.commit(at(0, 0, 'zero\n'));
  rig.file.answer(PAUSED);
  await rig.document.settleAll();
  assert.equal(rig.shown, 'zero\none\ntwo');
  await rig.binding.flushed();
  const [draft] = rig.drafts.values();
  assert.equal(draft?.agentEdit?.author, AGENT);
  assert.equal(draft.agentEdit.expectedBaseVersion, 1);
  const { changes } = draft.agentEdit;
  assert.equal(Text.of('one\ntwo').apply(changes).toString(), 'one\nTWO and more');
});

test('what the user has typed into it is theirs to decide about, with all of it', async () => {
  const { rig, makers } = rigOf('one\ntwo');
  makers.set(1, { agent: AGENT });
  rig.document.type(at(1, 0, 'TWO', 3), 'edit', 1);
  rig.document.type(at(1, 3, '!'));
  rig.file.answer(PAUSED);
  await rig.document.settleAll();
  await rig.binding.flushed();
  const [draft] = rig.drafts.values();
  assert.equal(draft?.changes.map(({ text }) => text).join(''), 'TWO!');
  assert.equal(draft.agentEdit, undefined);
});

test('so it is with what the user types into it while it leaves the text', async () => {
  const { rig, makers } = rigOf('one\ntwo');
  makers.set(1, { agent: AGENT });
  rig.document.type(at(1, 0, 'TWO', 3), 'edit', 1);
  rig.file.answer(PAUSED);
  rig.document.type(at(1, 3, '!'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\ntwo');
  await rig.binding.flushed();
  const [draft] = rig.drafts.values();
  assert.equal(draft?.changes.map(({ text }) => text).join(''), 'TWO!');
  assert.equal(draft.agentEdit, undefined);
});

test('what was in doubt when the window ended is the user’s', () => {
  const { rig } = rigOf('one');
  rig.document.type(at(0, 3, '!'), 'edit', 1);
  const unsent = readJournal(rig.journal);
  const state = restoredState({ version: 1, text: Text.of('one') }, unsent!, undefined);
  assert.equal(state.pending[0]?.doubt, undefined);
  assert.equal(state.pending[0]?.author, undefined);
});

test('old text in doubt is taken out, the editor has others’ text again, and what is new is sent', async () => {
  const { rig, makers } = rigOf('one\ntheirs\nthree');
  rig.document.type([...at(0, 0, 'ONE', 3), ...at(1, 0, 'old', 6)], 'edit', 1);
  const doubts = new Set([1]);
  const doubted = await rig.binding.doubted(doubts);
  assert.equal(doubted?.version, 1);
  assert.equal(doubted?.before.toString(), 'one\ntheirs\nthree');
  rig.document.type(at(2, 5, '!'));
  assert.ok(rig.binding.takeOut(doubts, doubted, at(0, 0, 'ONE', 3)));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'ONE\ntheirs\nthree!');
  makers.set(1, 'user');
  rig.binding.makersKnown();
  rig.file.acknowledge();
  assert.equal(rig.file.text.toString(), 'ONE\ntheirs\nthree!');
  assert.ok(rig.binding.isSettled);
  assert.equal(await rig.binding.doubted(doubts), undefined, 'it is there no more');
});

test('what others wrote meanwhile has it looked at anew', async () => {
  const { rig } = rigOf('one\ntheirs');
  rig.document.type(at(1, 0, 'old', 6), 'edit', 1);
  const doubts = new Set([1]);
  const first = await rig.binding.doubted(doubts);
  rig.file.commit(at(0, 0, 'zero\n'));
  assert.equal(rig.binding.takeOut(doubts, first!, []), false);
  const second = await rig.binding.doubted(doubts);
  assert.deepEqual(second?.changes, at(2, 0, 'old', 6));
  assert.ok(rig.binding.takeOut(doubts, second, []));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'zero\none\ntheirs');
  assert.ok(rig.binding.isSettled);
});

test('who waits for what is in doubt is told that the document is gone', async () => {
  const { rig } = rigOf('one');
  rig.document.type(at(0, 3, 'X'));
  rig.document.type(at(0, 0, 'Y'), 'edit', 1);
  const waiting = rig.binding.doubted(new Set([1]));
  rig.binding.dispose();
  assert.equal(await waiting, undefined);
});
