import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, Rig } from './binding-rig.ts';

const REFUSED = { tag: 'refused', code: 'locked', message: 'claimed by somebody' } as const;

test('S6: a ticket takes its text out of the document, and what was typed elsewhere goes on', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, ' disputed'));
  rig.document.type(at(1, 3, ' fine'));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(1, 3, ' fine'), 'the slot is free at once');
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\ntwo fine');
  const [refused] = rig.binding.state.refused;
  assert.deepEqual(refused?.reason, { tag: 'ticket', ticketId: 7 });
  assert.deepEqual(refused.proposal, at(0, 3, ' disputed'), 'and it keeps its place');
});

test('S6: the inverse is that of the rebased form', async () => {
  const rig = new Rig('one two three');
  rig.document.type(at(0, 4, 'TWO', 7));
  rig.file.commit(at(0, 0, '> '));
  await rig.document.settleAll();
  assert.equal(rig.shown, '> one TWO three');
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  assert.equal(rig.shown, '> one two three');
  assert.deepEqual(rig.binding.state.refused[0]?.proposal, at(0, 6, 'TWO', 9));
});

test('S6: refused text moves with what happens before it', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(1, 3, ' disputed'));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  rig.file.commit([
    { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'new\n' },
  ]);
  await rig.document.settleAll();
  rig.document.type(at(2, 0, '>>'));
  assert.deepEqual(rig.binding.state.refused[0]?.proposal, at(2, 5, ' disputed'));
});

test('S6: what was typed on into the refused text joins its ticket', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, ' disp'));
  for (const [index, key] of [...'uted'].entries()) rig.document.type(at(0, 8 + index, key));
  rig.document.type(at(1, 0, '> '));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  // The other line first, then the ticket learns all that it proposes now.
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(1, 0, '> '));
  rig.file.acknowledge();
  assert.equal(rig.lastSent.extends, 7);
  const [addition] = rig.lastSent.ops;
  assert.deepEqual([addition?.changes, addition?.expectedBaseVersion], [at(0, 3, ' disputed'), 1]);
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\n> two');
  assert.ok(rig.binding.isSettled);
});

test('S6: what is typed into refused text before it has left the editor joins the ticket too', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, ' disp'));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  rig.document.type(at(0, 8, 'uted'));
  assert.equal(await rig.document.settle(), false);
  assert.equal(rig.lastSent.extends, 7);
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, ' disputed'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\ntwo');
});

test('S6: an addition is told in the ticket’s own coordinates, whatever happened since', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(1, 3, ' disp'));
  rig.file.commit([
    { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'new\n' },
  ]);
  await rig.document.settleAll();
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  rig.document.type(at(2, 8, 'uted'));
  await rig.document.settle();
  assert.equal(rig.lastSent.ops[0]?.expectedBaseVersion, 1);
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(1, 3, ' disputed'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'new\none\ntwo');
});

test('S6: a deletion that reaches beyond refused text deletes what lies beyond', async () => {
  const rig = new Rig('one two');
  rig.document.type(at(0, 3, ' disputed'));
  rig.document.type(at(0, 3, '', 16));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one');
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, '', 7));
});

test('S6: a refused edit becomes a draft with its text, its place and what it would replace', async () => {
  const rig = new Rig('one two');
  rig.document.type(at(0, 4, 'TWO', 7));
  rig.file.answer(REFUSED);
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'one two');
  const [draft] = rig.drafts.values();
  assert.deepEqual(
    [draft?.code, draft?.changes, draft?.replaced, draft?.version],
    ['locked', at(0, 4, 'TWO', 7), ['two'], 1],
  );
});

for (const code of ['locked', 'too_large', 'paused', 'out_of_scope', 'not_a_member', 'bad_range']) {
  test(`S6: after a refusal with ${code} the slot is free and typing goes on`, async () => {
    const rig = new Rig('one');
    rig.document.type(at(0, 0, 'A'));
    rig.document.type(at(0, 4, 'B'));
    rig.file.answer({ ...REFUSED, code });
    assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, 'B'));
    rig.file.acknowledge();
    await rig.document.settleAll();
    assert.equal(rig.shown, 'oneB');
    assert.ok(rig.binding.isSettled);
  });
}

test('S6: what is typed into a refused edit joins its draft', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'AB'));
  rig.file.answer(REFUSED);
  rig.document.type(at(0, 4, 'x'));
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.drafts.size, 1);
  const [draft] = rig.drafts.values();
  assert.deepEqual(draft?.changes, at(0, 3, 'AxB'));
  assert.equal(rig.shown, 'one');
});

test('S6: an addition that the ticket does not take becomes a draft, with what follows', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'AB'));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  rig.document.type(at(0, 5, 'C'));
  await rig.document.settle();
  assert.equal(rig.lastSent.extends, 7);
  rig.file.answer({ ...REFUSED, code: 'no_such_ticket' });
  rig.document.type(at(0, 6, 'D'));
  await rig.document.settleAll();
  await rig.binding.flushed();
  const [draft] = rig.drafts.values();
  assert.deepEqual([rig.drafts.size, draft?.changes.map((change) => change.text)], [1, ['CD']]);
  assert.equal(rig.shown, 'one');
  assert.ok(rig.binding.isSettled);
});

test('S6: a ticket for several ops of one batch takes all of them out', async () => {
  const rig = new Rig('one\ntwo\nthree');
  rig.file.disconnect();
  rig.document.type(at(0, 3, 'a'));
  rig.document.type(at(1, 3, 'x'.repeat(3000)));
  rig.file.connect();
  assert.equal(rig.lastSent.ops.length, 2);
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\ntwo\nthree');
  assert.equal(rig.binding.state.refused[0]?.opIds.length, 2);
});

test('S6: an edit that the world applies without making an op of it goes from the document', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, '!'));
  rig.file.answer({ tag: 'applied', version: 0 });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one');
  assert.ok(rig.binding.isSettled);
});

test('refused text is forgotten once somebody decided', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, '!'));
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  rig.binding.forgetRefused('ticket-7');
  assert.deepEqual(rig.binding.state.refused, []);
});

test('S6: text that is no Unicode is not sent, where it would be replaced without a word: it is a draft', async () => {
  for (const [name, text] of [
    ['half of a pair', '\uD83D'],
    ['NUL', '\0'],
    ['byte order mark', '\uFEFF'],
  ] as const) {
    const rig = new Rig('one two');
    rig.document.type(at(0, 3, text));
    rig.document.type(at(0, 8, ' three'));
    await rig.document.settleAll();
    await rig.binding.flushed();
    assert.equal(rig.shown, 'one two three', name);
    assert.deepEqual(
      rig.file.sent.flatMap(({ ops }) => ops.map(({ changes }) => changes)),
      [at(0, 7, ' three')],
    );
    const [draft] = rig.drafts.values();
    assert.deepEqual([draft?.code, draft?.changes], ['bad_text', at(0, 3, text)]);
    assert.match(draft?.message ?? '', /Unicode/);
    rig.file.acknowledge();
    assert.equal(rig.binding.check(), 'consistent');
  }
});

test('S6: sound edits that wait with one that is no Unicode are sent', async () => {
  const rig = new Rig('one two');
  rig.document.type(at(0, 7, 'a'));
  rig.document.type(at(0, 8, 'b'));
  rig.document.type(at(0, 3, '\0'));
  rig.document.type(at(0, 10, 'c'));
  while (rig.binding.state.inFlight) rig.file.acknowledge();
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'one twoabc');
  assert.equal(rig.file.text.toString(), 'one twoabc');
  assert.deepEqual(
    [...rig.drafts.values()].map(({ changes }) => changes),
    [at(0, 3, '\0')],
  );
});
