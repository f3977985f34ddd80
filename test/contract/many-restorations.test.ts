// A branch switch over others' work in many files: one question, and few questions to the world.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { authorshipOfFile } from '../../src/core/authorship-fold.ts';
import { RESTORATION_ITEMS } from '../../src/core/restoration.ts';
import { Text } from '../../src/core/text.ts';
import { mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { answerRestoration, standingRestorations } from '../../src/world/restorations.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { GitLab } from '../harness/git-lab.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { newId } from '../harness/world-stage.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const COUNT = 60;
const NAMES = Array.from({ length: COUNT }, (_, index) => `src/${index}.ts`).sort();
const LAST_LINES = { startLine: 1, startCharacter: 0, endLine: 3, endCharacter: 0 } as const;
const BY_ADA = 'two, which Ada has read\nthree, which she has not\n';

test('a branch switch that puts back sixty files: one question about all; taken, the lines are again their authors’', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.enter(await lab.join());
  const bot = await lab.enter(await lab.join({ kind: 'agent' }));
  const place = path.join(lab.folder, 'bot');
  const git = await GitLab.init(path.join(place, 'folder'));
  const clone = await KeptFolder.keep(bot, place);
  lab.endsFirst(() => clone.close());
  await worldOf(ada).createAll(
    NAMES.map((name) => {
      const text = `one of ${name}\ntwo\nthree\n`;
      const content = { kind: 'text', text, eol: 'lf', bom: false } as const;
      return { path: name, mode: 'regular', content, isOwn: true } as const;
    }),
  );
  await caughtUp(bot);
  await clone.look();
  git.commitAll();
  git.git('branch', 'before');
  const reads = countReads(bot);
  await noteInAll(ada);
  await caughtUp(bot);
  await clone.look();
  const before = Object.fromEntries(NAMES.map((name) => [name, `one of ${name}\ntwo\nthree\n`]));
  const after = Object.fromEntries(NAMES.map((name) => [name, `one of ${name}\n${BY_ADA}`]));
  assert.deepEqual(await clone.texts(), after);
  git.commitAll();
  git.git('checkout', '-q', 'before');
  const asked = await clone.says('asked');
  assert.ok(reads() < COUNT, `${reads()} reads of ${COUNT} files that are put and judged`);
  assert.deepEqual(asked.files, NAMES.slice(0, RESTORATION_ITEMS));
  assert.deepEqual([asked.cause, asked.fileCount, asked.owners], ['git', COUNT, [ada.identity]]);
  await caughtUp(ada);
  assert.equal(standingRestorations(ada.view).length, 1);
  await answerRestoration(ada, asked.question, 'take', systemRandomBytes);
  await whenever(ada, () => NAMES.every((name) => ada.view.fileAt(name)?.version === 3));
  await clone.says('answered');
  await clone.look();
  assert.deepEqual(await clone.texts(), before);
  const { fileId } = ada.view.fileAt(NAMES[0]!)!;
  const ops = await readFileOps(await ada.whenOnline(), fileId, 0, 3);
  assert.equal(ops.at(-1)!.author, bot.identity, 'the history says who put it back');
  const lines = authorshipOfFile(ops, fileId)!.linesByAuthor(Text.of(before[NAMES[0]!]!));
  assert.deepEqual([...new Set(lines.map(({ author }) => author))], [ada.identity]);
});

function worldOf(session: WorldSession) {
  return mirrorWorldOf(session, newId, new AbortController().signal);
}

async function noteInAll(session: WorldSession): Promise<void> {
  const world = worldOf(session);
  const edited = NAMES.map((name) => {
    const { fileId, version } = world.fileAt(name)!;
    return world.edit(fileId, version, [{ ...LAST_LINES, text: BY_ADA }]);
  });
  for (const { tag } of await Promise.all(edited)) assert.equal(tag, 'applied');
}

/** Counts what is asked from now on. */
function countReads(session: WorldSession): () => number {
  const link = session.link!;
  let count = 0;
  const subscribe = link.subscribe.bind(link);
  link.subscribe = (...asked) => {
    count += 1;
    return subscribe(...asked);
  };
  return () => count;
}
