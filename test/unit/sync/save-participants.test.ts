// What the participants of a save do to text that others wrote, as far as the binding and who decides about it go.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Changes } from '../../../src/core/change.ts';
import type { Position } from '../../../src/core/position.ts';
import {
  MOST_ROUNDS,
  SAVE_MS,
  SaveParticipants,
  SLOW_MS,
} from '../../../src/sync/save-participants.ts';
import { at, Rig, turns } from './binding-rig.ts';

const TOP = [{ start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }];

let rig: Rig;
let participants: SaveParticipants;
let isSlow: boolean;
let cursors: readonly Position[];
let timers: { delayMs: number; fire: () => void }[];
let heard: PromiseWithResolvers<void>;

beforeEach(() => {
  isSlow = false;
  cursors = [];
  timers = [];
  heard = Promise.withResolvers();
  participants = new SaveParticipants({
    heardAll: () => heard.promise,
    after: (delayMs, fire) => {
      const timer = { delayMs, fire };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer) >>> 0, 1);
    },
    othersAt: () => cursors,
    hasSlow: () => isSlow,
    onKnown: () => rig.binding.makersKnown(),
    onFailed: (doubts) => takeOut(doubts),
  });
  rig = new Rig('one\ntwo\nthree  ', {
    makerOf: (doubt) => participants.makerOf(doubt),
    suspectsIn: (changes, hands, text) => participants.suspectsIn(changes, hands, text),
  });
  rig.binding.onUpdate((update) => {
    if (update.tag === 'text') participants.updated(update);
  });
});

/** Somebody begins an indented line, and waits in it. */
async function othersIndent(): Promise<void> {
  rig.file.commit(at(0, 3, '\n\t\t'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\n\t\t\ntwo\nthree  ');
}

/** Both lines that end in white space, in one event, as VS Code tells of it. */
const TRIM: Changes = [...at(1, 0, '', 2), ...at(3, 5, '', 7)];
const OWN_TRIM = at(3, 5, '', 7);

function makes(changes: Changes, hands = TOP): void {
  rig.document.type(changes, 'edit', undefined, hands);
}

function takeOut(doubts: ReadonlySet<number>): void {
  rig.binding.takeBackDoubted(doubts);
  participants.taken(doubts);
}

async function hearAll(): Promise<void> {
  heard.resolve();
  await turns();
  heard = Promise.withResolvers();
}

const sent = (): readonly Changes[] =>
  rig.file.sent.flatMap(({ ops }) => ops.map(({ changes }) => changes));

test('what trims before the save is announced leaves others’ text, and is sent where it is one’s own', async () => {
  await othersIndent();
  makes(TRIM);
  assert.deepEqual(sent(), [OWN_TRIM]);
  takeOut(participants.announced(true));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\n\t\t\ntwo\nthree');
  participants.saved();
  rig.file.acknowledge();
  assert.deepEqual(sent(), [OWN_TRIM]);
  assert.ok(rig.binding.isSettled);
  assert.equal(rig.file.text.toString(), rig.shown);
});

test('what trims after the save is announced is not sent, and is taken out when the save is told of', async () => {
  await othersIndent();
  takeOut(participants.announced(true));
  makes(TRIM);
  await hearAll();
  assert.deepEqual(sent(), [OWN_TRIM], 'nothing more is sent meanwhile');
  takeOut(participants.saved());
  await rig.document.settleAll();
  rig.file.acknowledge();
  assert.equal(rig.shown, 'one\n\t\t\ntwo\nthree');
  assert.deepEqual(sent(), [OWN_TRIM]);
});

test('what a save made is not sent while its report is under way', async () => {
  isSlow = true;
  await othersIndent();
  participants.announced(false);
  makes(at(1, 0, '', 2));
  const made = participants.saved();
  await hearAll();
  for (const { delayMs, fire } of timers) if (delayMs === SLOW_MS) fire();
  assert.deepEqual(sent(), []);
  takeOut(made);
  await rig.document.settleAll();
  assert.deepEqual(sent(), []);
  assert.equal(rig.shown, 'one\n\t\t\ntwo\nthree  ');
});

test('what was found trimmed before a slow save is not sent by its timer once the save is told of', async () => {
  isSlow = true;
  await othersIndent();
  makes(at(1, 0, '', 2));
  await hearAll();
  const late = timers.find(({ delayMs }) => delayMs === SLOW_MS)!;
  participants.announced(false);
  const made = participants.saved();
  late.fire();
  assert.deepEqual(sent(), []);
  takeOut(made);
  assert.equal(rig.binding.state.pending.length, 0);
});

test('what a save made is taken out where the document is closed before its report is done', async () => {
  await othersIndent();
  participants.announced(false);
  makes(at(1, 0, '', 2));
  participants.saved();
  participants.end();
  rig.binding.documentClosed();
  await rig.document.settleAll();
  assert.deepEqual(sent(), []);
  assert.equal(rig.binding.state.pending.length, 0);
});

test('what nobody announced a save for is the user’s where the document is closed', async () => {
  await othersIndent();
  makes(at(1, 0, '', 2));
  participants.end();
  assert.deepEqual(sent(), [at(1, 0, '', 2)]);
});

test('it is no step of the user’s to be taken back', async () => {
  await othersIndent();
  makes(at(1, 0, '', 2));
  takeOut(participants.announced(true));
  await rig.document.settleAll();
  assert.equal(rig.binding.takeBack('undo'), undefined);
});

test('what one command did to one’s own and to others’ lines is one step, and no other is', async () => {
  await othersIndent();
  makes(at(0, 0, 'x'));
  makes(TRIM);
  await hearAll();
  assert.equal(rig.shown, 'xone\n\ntwo\nthree');
  const texts = ['xone\n\t\t\ntwo\nthree  ', 'one\n\t\t\ntwo\nthree  '];
  for (const text of texts) {
    rig.binding.takeBack('undo');
    await rig.document.settleAll();
    assert.equal(rig.shown, text);
  }
  assert.equal(rig.binding.takeBack('undo'), undefined);
  for (let count = 0; count < 2; count++) {
    rig.binding.takeBack('redo');
    await rig.document.settleAll();
  }
  assert.equal(rig.shown, 'xone\n\ntwo\nthree');
});

test('what a save did to one’s own lines is a step once its changes in others’ are taken out', async () => {
  await othersIndent();
  makes(TRIM);
  takeOut(participants.announced(true));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\n\t\t\ntwo\nthree');
  rig.binding.takeBack('undo');
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\n\t\t\ntwo\nthree  ');
  assert.equal(rig.binding.takeBack('undo'), undefined);
});

test('what is typed behind it stays, and is sent', async () => {
  await othersIndent();
  makes(at(1, 0, '', 2));
  makes(at(0, 3, '!'));
  assert.deepEqual(sent(), []);
  takeOut(participants.announced(true));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one!\n\t\t\ntwo\nthree  ');
  assert.deepEqual(sent(), [at(0, 3, '!')]);
});

test('what changes others’ text away from the cursors without a save is the user’s, as soon as all else is heard', async () => {
  await othersIndent();
  makes(at(1, 0, '', 2));
  assert.deepEqual(sent(), []);
  await hearAll();
  assert.deepEqual(sent(), [at(1, 0, '', 2)]);
  assert.equal(participants.announced(true).size, 0);
});

test('words that are replaced in others’ text and saved at once are the user’s', async () => {
  rig.file.commit(at(1, 3, '\ntheirs = 1'));
  await rig.document.settleAll();
  makes(at(2, 0, 'renamed', 6));
  assert.deepEqual(sent(), [at(2, 0, 'renamed', 6)]);
  assert.equal(participants.announced(false).size, 0);
});

test('quotes and line ends that are put into others’ words just before a save are the save’s', async () => {
  rig.file.commit(at(1, 3, '\nlet theirs = "a"'));
  await rig.document.settleAll();
  makes([...at(2, 4, '\n  ', 4), ...at(2, 13, "'a'", 16)]);
  takeOut(participants.announced(false));
  await rig.document.settleAll();
  assert.deepEqual(sent(), []);
  assert.equal(rig.shown, rig.file.text.toString());
});

test('words that are taken away from others’ text or moved while a save is under way are the save’s', async () => {
  rig.file.commit(at(1, 3, '\nimport a\nimport b // unused'));
  await rig.document.settleAll();
  participants.announced(false);
  makes([...at(2, 7, 'b', 8), ...at(3, 7, 'a', 18)]);
  takeOut(participants.saved());
  await rig.document.settleAll();
  assert.deepEqual(sent(), []);
  assert.equal(rig.shown, rig.file.text.toString());
});

test('a symbol that is renamed in others’ text while a save is under way is the user’s; what else is made is not', async () => {
  rig.file.commit(at(1, 3, '\nlet theirs = 1  '));
  await rig.document.settleAll();
  participants.announced(false);
  makes(at(2, 9, '', 10));
  makes(at(2, 14, '', 15));
  const renamed = at(2, 4, 'ours', 9);
  makes(renamed);
  takeOut(participants.saved());
  await rig.document.settleAll();
  while (rig.file.sent.length > 0 && !rig.binding.isSettled) rig.file.acknowledge();
  assert.equal(rig.shown, 'one\ntwo\nlet ours = 1  \nthree  ');
  assert.equal(rig.file.text.toString(), rig.shown);
});

test('words that were taken away under a save that is never told of are the user’s', async () => {
  const begin = async (): Promise<void> => {
    rig.file.commit(at(1, 3, '\nlet theirs = 1'));
    await rig.document.settleAll();
    participants.announced(false);
    const before = sent();
    makes(at(2, 4, '', 11));
    assert.deepEqual(sent(), before);
  };
  await begin();
  timers.find(({ delayMs }) => delayMs === SAVE_MS)!.fire();
  assert.deepEqual(sent(), [at(2, 4, '', 11)]);
  rig.file.acknowledge();
  await begin();
  assert.equal(participants.announced(false).size, 0, 'nor the next one’s');
  assert.equal(rig.file.sent.length, 2);
});

test('words that were taken away under a save are the user’s where the document is closed before it is told of', async () => {
  rig.file.commit(at(1, 3, '\nlet theirs = 1'));
  await rig.document.settleAll();
  participants.announced(false);
  makes(at(2, 4, '', 11));
  participants.end();
  assert.deepEqual(sent(), [at(2, 4, '', 11)]);
});

test('what is typed at a cursor in others’ text is sent at once', async () => {
  await othersIndent();
  const hands = [{ start: { line: 1, character: 2 }, end: { line: 1, character: 2 } }];
  makes(at(1, 2, 'x'), hands);
  assert.deepEqual(sent(), [at(1, 2, 'x')]);
});

test('the line of somebody’s cursor is theirs, though a save has it', async () => {
  await othersIndent();
  participants.announced(true);
  participants.saved();
  cursors = [{ line: 1, character: 2 }];
  makes(TRIM);
  assert.deepEqual(sent(), [OWN_TRIM]);
});

test('others’ text that a save has is as one’s own', async () => {
  await othersIndent();
  participants.announced(true);
  participants.saved();
  makes(TRIM);
  assert.deepEqual(sent(), [TRIM]);
});

test('what is given back counts as nothing that others wrote since', async () => {
  await othersIndent();
  makes(at(1, 0, '', 2));
  takeOut(participants.announced(true));
  await rig.document.settleAll();
  participants.saved();
  makes(at(1, 0, '', 2));
  assert.deepEqual(sent(), [at(1, 0, '', 2)]);
});

test('what trims before a formatter runs is made by the save that the user asks for', async () => {
  isSlow = true;
  await othersIndent();
  makes(at(1, 0, '', 2));
  await hearAll();
  assert.deepEqual(sent(), []);
  assert.equal(participants.announced(false).size, 1);
});

test('what trims and is followed by no save that the user asks for is sent after a time', async () => {
  isSlow = true;
  await othersIndent();
  makes(at(1, 0, '', 2));
  await hearAll();
  assert.deepEqual(
    timers.map(({ delayMs }) => delayMs),
    [SLOW_MS],
  );
  timers[0]!.fire();
  assert.deepEqual(sent(), [at(1, 0, '', 2)]);
});

test('what a save of the editor’s own finds trimmed long before is the user’s', async () => {
  isSlow = true;
  await othersIndent();
  makes(at(1, 0, '', 2));
  await hearAll();
  assert.equal(participants.announced(true).size, 0);
  assert.deepEqual(sent(), [at(1, 0, '', 2)]);
});

test('what a save did that is never told of is taken out after a time', async () => {
  await othersIndent();
  participants.announced(true);
  makes(at(1, 0, '', 2));
  timers.find(({ delayMs }) => delayMs === SAVE_MS)!.fire();
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\n\t\t\ntwo\nthree  ');
  assert.deepEqual(sent(), []);
});

test('a document that does not come to rest is left as its saves want it, after some rounds', async () => {
  await othersIndent();
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    cursors = [{ line: 1, character: 2 }];
    participants.announced(true);
    makes(at(1, 0, '', 2));
    takeOut(participants.saved());
    await rig.document.settleAll();
    assert.deepEqual(sent(), [], `round ${round}`);
  }
  participants.announced(true);
  makes(at(1, 0, '', 2));
  assert.deepEqual(sent(), [at(1, 0, '', 2)]);
});

test('what comes to rest, or is typed on, begins to count anew', async () => {
  await othersIndent();
  cursors = [{ line: 1, character: 2 }];
  for (let round = 1; round <= 2 * MOST_ROUNDS; round++) {
    participants.announced(true);
    makes(at(1, 0, '', 2));
    takeOut(participants.saved());
    await rig.document.settleAll();
    if (round === MOST_ROUNDS - 1) participants.cameToRest();
    if (round === 2 * MOST_ROUNDS - 2) makes(at(0, 0, 'x'));
  }
  assert.deepEqual(sent(), [at(0, 0, 'x')]);
});
