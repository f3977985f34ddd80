// What a paused agent of the editor's wrote is judged while its author may decide about it too.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DraftDecisions } from '../../../src/editor/draft-decisions.ts';
import { PausedDrafts } from '../../../src/editor/paused-drafts.ts';
import type { Draft } from '../../../src/sync/draft.ts';
import { isWholeAgents } from '../../../src/sync/refused-edits.ts';
import { silentLog } from '../../../src/world/log.ts';
import type { DeliveryAnswer, WorldSession } from '../../../src/world/world-session.ts';
import { at, Rig, turns } from '../sync/binding-rig.ts';

const USER = 'a'.repeat(64);
const CHAT = 'b'.repeat(64);
const PAUSED = { code: 'paused', message: 'this member is paused' } as const;
const TAKEN: DeliveryAnswer = { tag: 'judged', outcomes: [] };
const LOCKED: DeliveryAnswer = {
  tag: 'refused',
  refusal: { code: 'locked', message: 'Somebody has claimed these lines', details: {} },
};

/** A draft of the chat's that is paused no more, in a world that answers when the test says so. */
function stage(t: TestContext, isWhole: () => boolean = () => true) {
  const kept = new Map<string, Draft>();
  const asked: ((answer: DeliveryAnswer) => void)[] = [];
  const judged: string[] = [];
  const members = new Map([USER, CHAT].map((identity) => [identity, { paused: false }]));
  const session = {
    identity: USER,
    link: { moduleLevel: 0 },
    log: silentLog,
    view: { members: Object.assign(members, { onChange: () => () => undefined }) },
    onState: () => () => undefined,
    judge: () => new Promise<DeliveryAnswer>((resolve) => asked.push(resolve)),
  } as never as WorldSession;
  const drafts = {
    get drafts(): readonly Draft[] {
      return [...kept.values()];
    },
    putDraft: async (draft: Draft) => void kept.set(draft.draftId, draft),
    dropDraft: async (draftId: string) => void kept.delete(draftId),
  };
  const decisions = new DraftDecisions(drafts);
  const onJudged = ({ draftId }: Draft): void => void judged.push(draftId);
  const parts = { session, drafts, decisions, newId: () => 'batch', isWhole, onJudged };
  const paused = new PausedDrafts(parts);
  t.after(() => paused.dispose());
  const typed: string[] = [];
  return {
    drafts,
    kept,
    asked,
    judged,
    paused,
    decisions,
    /** What the user has put into the text by hand. */
    typed,
    typeIn: async ({ changes }: Draft): Promise<boolean> => {
      typed.push(...changes.map(({ text }) => text));
      return true;
    },
    answer: async (answer: DeliveryAnswer): Promise<void> => {
      asked.shift()!(answer);
      await turns();
    },
  };
}

function draftOf(text: string): Draft {
  const changes = at(0, 0, text, 3);
  const of = { opIds: ['op'], version: 1, changes, replaced: ['one'], madeAtMs: 0 };
  const none = { carriedFrom: 0, overlaps: [], rangeHashes: [] };
  const edit = { fileId: 1, expectedBaseVersion: 1, changes, author: CHAT, ...none };
  const agentEdit = { opId: 'op', intent: 'patch', ...edit } as const;
  return { draftId: 'draft', fileId: 1, ...of, ...PAUSED, agentEdit };
}

async function beingJudged(t: TestContext) {
  const staged = stage(t);
  const draft = draftOf('ONE');
  await staged.drafts.putDraft(draft);
  staged.paused.look();
  await turns();
  assert.equal(staged.asked.length, 1);
  return { ...staged, draft };
}

test('what the user applies while the world judges it is not put into the text a second time', async (t) => {
  const { draft, decisions, typeIn, answer, typed, kept, judged } = await beingJudged(t);
  const applied = decisions.decide(draft, typeIn);
  await answer(TAKEN);
  assert.equal(await applied, false, 'the user is told to look again');
  assert.deepEqual(typed, []);
  assert.equal(kept.size, 0);
  assert.deepEqual(judged, ['draft']);
});

test('what the user is about to apply is not judged, and not at all once it is applied', async (t) => {
  const { drafts, decisions, typeIn, paused, asked, typed, kept } = stage(t);
  const draft = draftOf('ONE');
  await drafts.putDraft(draft);
  const editor = Promise.withResolvers<void>();
  const applied = decisions.decide(draft, async (now) => {
    await editor.promise;
    return typeIn(now);
  });
  paused.look();
  await turns();
  assert.equal(asked.length, 0);
  editor.resolve();
  assert.equal(await applied, true);
  await turns();
  assert.deepEqual(typed, ['ONE']);
  assert.equal(asked.length, 0);
  assert.equal(kept.size, 0);
});

test('discarding what the world takes in meanwhile does not seem to have been done', async (t) => {
  const { draft, decisions, answer, kept } = await beingJudged(t);
  const discarded = decisions.decide(draft);
  await turns();
  assert.equal(kept.size, 1, 'nothing is known of it yet');
  await answer(TAKEN);
  assert.equal(await discarded, false);
  assert.equal(kept.size, 0);
});

test('what is discarded while the world refuses it for another reason does not come back', async (t) => {
  const { draft, decisions, answer, kept } = await beingJudged(t);
  const discarded = decisions.decide(draft);
  await answer(LOCKED);
  assert.equal(await discarded, true);
  assert.equal(kept.size, 0);
});

test('without an answer the user decides, and it is applied as it would have been', async (t) => {
  const { draft, decisions, typeIn, answer, typed, kept } = await beingJudged(t);
  const applied = decisions.decide(draft, typeIn);
  await answer({ tag: 'unanswered', why: 'disconnected' });
  assert.equal(await applied, true);
  assert.deepEqual(typed, ['ONE']);
  assert.equal(kept.size, 0);
});

for (const answered of [TAKEN, LOCKED]) {
  test(`words of the user’s that join it meanwhile stay, as they are: ${answered.tag}`, async (t) => {
    const { draft, drafts, decisions, answer, kept, judged } = await beingJudged(t);
    const { agentEdit: _no, ...others } = draft;
    const joined: Draft = { ...others, changes: at(0, 0, 'ONE!', 3) };
    await drafts.putDraft(joined);
    const discarded = decisions.decide(draft);
    await answer(answered);
    assert.equal(await discarded, false, 'the user has not seen the words');
    assert.deepEqual([...kept.values()], [joined]);
    assert.deepEqual(judged, []);
  });
}

test('it is not judged before it has left the editor: until then words of the user’s may join it', async (t) => {
  for (const joins of [false, true]) {
    const rig = new Rig('one\ntwo', { makerOf: () => ({ agent: CHAT }) });
    const { drafts, paused, asked } = stage(t, () => isWholeAgents(rig.binding.state, draftId));
    rig.document.type(at(0, 0, 'ONE', 3), 'edit', 1);
    rig.file.answer({ tag: 'refused', ...PAUSED });
    await rig.binding.flushed();
    const [draft] = rig.drafts.values();
    const { draftId } = draft!;
    assert.ok(draft!.agentEdit);
    await drafts.putDraft(draft!);
    paused.look();
    await turns();
    assert.equal(asked.length, 0, 'the editor still shows it');
    if (joins) rig.document.type(at(0, 3, '!'));
    await rig.document.settleAll();
    assert.equal(rig.shown, 'one\ntwo');
    // Before what joined is written down.
    paused.documentProgressed();
    await turns();
    assert.equal(asked.length, joins ? 0 : 1);
  }
});
