// A folder asks through its member's session; others see it and answer.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { readPayload } from '../../src/core/op-payload.ts';
import type { RestorationQuestion } from '../../src/core/restoration.ts';
import type { RestorationDesk } from '../../src/mirror/restorations/restoration-desk.ts';
import { backupWorld } from '../../src/world/backup.ts';
import type { StoredIdentity } from '../../src/world/identities.ts';
import { removeMember } from '../../src/world/change-member.ts';
import { publishModule } from '../../src/world/publish.ts';
import {
  answerRestoration,
  changeRestorationRules,
  isLeftBehind,
  mayAnswerRestoration,
  standingRestorations,
  withdrawRestoration,
} from '../../src/world/restorations.ts';
import { SessionDesk } from '../../src/world/session-desk.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { historyOfSession } from '../../src/world/world-history.ts';
import { WorldList } from '../../src/world/world-list.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { writeNote } from '../../src/world/write-note.ts';
import { newId, newTextFile } from '../harness/world-stage.ts';
import { bundle, caughtUp, whenever, WorldLab } from './world-lab.ts';

test('a folder asks, whose work it is answers, and the folder hears of it', async (t) => {
  const lab = await WorldLab.open(t);
  const { ada, bot, question } = await people(lab);
  const desk = deskOf(bot);
  assert.equal(desk.rule(), 'ask');
  const asked = await desk.ask(question, newId());
  assert.equal(desk.answerOf(asked), 'open');
  await caughtUp(ada, bot);
  const [seen] = standingRestorations(ada.view);
  assert.equal(seen?.restorationId, asked);
  assert.equal(seen.folderOf, bot.identity);
  assert.deepEqual(seen.items, question.items);
  assert.deepEqual(seen.owners, [ada.identity], 'neither nobody nor the asking agent');
  assert.equal(mayAnswerRestoration(ada.view, ada.identity, seen), true);
  assert.equal(mayAnswerRestoration(bot.view, bot.identity, seen), false);

  const answered = heard(desk);
  await answerRestoration(ada, asked, 'leave', systemRandomBytes);
  assert.equal(await answered, asked);
  assert.equal(desk.answerOf(asked), 'leave');
  assert.equal(standingRestorations(bot.view).length, 1, 'it can be answered anew');
  const anew = heard(desk);
  await answerRestoration(ada, asked, 'put_back', systemRandomBytes);
  await anew;
  assert.equal(desk.answerOf(asked), 'put_back');
  assert.deepEqual(standingRestorations(bot.view), []);
  await assert.rejects(answerRestoration(ada, asked, 'take', systemRandomBytes), {
    code: 'refused',
    message: /^already_resolved: /,
  });
  await assert.rejects(answerRestoration(bot, asked, 'take', systemRandomBytes));
  await writeNote(ada, { kind: 'message', to: '', text: 'done' }, systemRandomBytes);
  const late = await lab.enter(await lab.join());
  const notes = Array.from(late.view.notes.values(), ({ text }) => text);
  assert.deepEqual(notes, ['done'], 'questions are no messages, in no version of the client');
  const told: string[] = [];
  for await (const ops of historyOfSession(late).ops()) {
    const all = ops.filter(({ kind }) => kind === 'note');
    told.push(...all.map(({ payload }) => readPayload('note', payload).text));
  }
  assert.match(
    told.join('\n'),
    /asked about 3 files in the folder clone \(git put old text back\)/,
  );

  const world = { server: lab.server.uri, database: lab.database };
  const verified = { session: ada, world, worlds: new WorldList(lab.folder), bundle };
  assert.equal((await verifyWorld(verified)).tag, 'verified');
  await backupWorld({ session: ada, file: path.join(lab.folder, 'world.archive') });
});

test('a folder that was away learns its answers, and asks no question twice', async (t) => {
  const lab = await WorldLab.open(t);
  const { ada, bot, botSelf, question } = await people(lab);
  const askId = newId();
  const asked = await deskOf(bot).ask(question, askId);
  bot.close();
  await caughtUp(ada);
  await answerRestoration(ada, asked, 'take', systemRandomBytes);

  const back = lab.begin(botSelf);
  const desk = deskOf(back);
  assert.equal(desk.answerOf(asked), 'open', 'nothing is known before the world was seen');
  await back.whenOnline();
  assert.equal(desk.answerOf(asked), 'take');
  assert.equal(await desk.ask(question, askId), asked);
  await assert.rejects(desk.ask({ ...question, fileCount: 9 }, askId), /op_id_reused/);
});

test('a folder that is in step takes its question back, once or more often', async (t) => {
  const lab = await WorldLab.open(t);
  const { ada, bot, question } = await people(lab);
  const desk = deskOf(bot);
  const asked = await desk.ask(question, newId());
  await desk.withdraw(asked);
  await desk.withdraw(asked);
  await desk.withdraw(asked + 1000);
  await caughtUp(ada, bot);
  assert.equal(desk.answerOf(asked), 'gone');
  assert.equal(desk.answerOf(asked + 1000), 'gone');
  assert.deepEqual(standingRestorations(ada.view), []);
  await assert.rejects(
    answerRestoration(ada, asked, 'take', systemRandomBytes),
    /already_resolved/,
  );
  const late = await desk.ask(question, newId(Date.now() - 8 * 24 * 3_600_000));
  assert.equal(desk.answerOf(late), 'open', 'a folder that waited for weeks asks all the same');
});

test('of who was removed a question takes no answer; who may answer ends it', async (t) => {
  const lab = await WorldLab.open(t);
  const { ada, bot, question } = await people(lab);
  const asked = await deskOf(bot).ask(question, newId());
  await caughtUp(ada, bot);
  const seen = standingRestorations(ada.view)[0]!;
  assert.equal(isLeftBehind(ada.view, seen), false);
  await removeMember(await lab.enter(lab.owner), bot.identity);
  await caughtUp(ada);
  assert.equal(isLeftBehind(ada.view, seen), true);
  await assert.rejects(answerRestoration(ada, asked, 'take', systemRandomBytes), /removed/);
  await withdrawRestoration(ada, asked, systemRandomBytes);
  await caughtUp(ada);
  assert.deepEqual(standingRestorations(ada.view), []);
});

test('the world’s rule is for agents or for people; who may not write never asks', async (t) => {
  const lab = await WorldLab.open(t);
  const { ada, bot } = await people(lab);
  const owner = await lab.enter(lab.owner);
  const viewer = await lab.enter(await lab.join({ role: 'viewer' }));
  const rules = () => [ada, bot, owner, viewer].map((session) => deskOf(session).rule());
  assert.deepEqual(rules(), ['ask', 'ask', 'ask', 'take']);
  await changeRestorationRules(owner, { agents: 'take' });
  await caughtUp(ada, bot, owner);
  assert.deepEqual(rules(), ['ask', 'take', 'ask', 'take']);
  const later = { agents: 'ask', people: 'take' } as const;
  assert.deepEqual(await changeRestorationRules(owner, later), later);
  await caughtUp(ada, bot, owner);
  assert.deepEqual(rules(), ['take', 'ask', 'take', 'take']);
  await assert.rejects(changeRestorationRules(ada, { people: 'ask' }), /forbidden/);
});

test('in a world of an older module nobody asks, and all goes on as before', async (t) => {
  const lab = await WorldLab.open(t);
  const source = new TextDecoder().decode(await bundle());
  const former = source.replace(/module_level: \w+,/, 'module_level: 2,');
  assert.notEqual(former, source);
  await publishModule({
    uri: lab.server.uri,
    token: lab.owner.token,
    database: lab.database,
    bundle: new TextEncoder().encode(former),
  });
  const { ada, bot, question } = await people(lab);
  assert.equal(ada.moduleLevel, 2);
  const desk = deskOf(bot);
  assert.equal(desk.rule(), 'take');
  await assert.rejects(desk.ask(question, newId()), {
    code: 'refused',
    message: /^upgrade_needed: /,
  });
  await assert.rejects(changeRestorationRules(ada, { people: 'ask' }), /upgrade_needed/);
  await assert.rejects(answerRestoration(ada, 1, 'take', systemRandomBytes), /upgrade_needed/);
  const world = { server: lab.server.uri, database: lab.database };
  const verified = { session: ada, world, worlds: new WorldList(lab.folder), bundle };
  assert.equal((await verifyWorld(verified)).tag, 'verified');
});

interface People {
  readonly ada: WorldSession;
  readonly bot: WorldSession;
  readonly botSelf: StoredIdentity;
  /** About a file of Ada's, in a folder of the bot's. */
  readonly question: RestorationQuestion;
}

async function people(lab: WorldLab): Promise<People> {
  const ada = await lab.enter(await lab.join());
  const botSelf = await lab.join({ kind: 'agent' });
  const bot = await lab.enter(botSelf);
  const file = newTextFile('src/a.ts', 'one\n');
  await ada.judge('create_file', { author: '', file }, [file.opId]);
  await whenever(bot, () => bot.view.fileAt('src/a.ts') !== undefined);
  const { fileId } = bot.view.fileAt('src/a.ts')!;
  const question: RestorationQuestion = {
    cause: 'git',
    folderName: '/home/bot/clone/',
    items: [{ fileId, path: 'src/a.ts', what: 'changed' }],
    fileCount: 3,
    owners: ['ab'.repeat(32), bot.identity, ada.identity],
  };
  return { ada, bot, botSelf, question };
}

/** What the mirror works with. */
function deskOf(session: WorldSession): RestorationDesk {
  return new SessionDesk(session, systemRandomBytes);
}

/** The number of the next question that is answered. */
function heard(desk: RestorationDesk): Promise<number> {
  return new Promise((resolve) => {
    const stop = desk.onAnswer((asked) => {
      stop();
      resolve(asked);
    });
  });
}
