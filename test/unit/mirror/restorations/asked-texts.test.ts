// Old text that came back by an open document, was put away, and waits for an answer.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RestorationAnswer, RestorationQuestion } from '../../../../src/core/restoration.ts';
import type { MirrorWorld } from '../../../../src/mirror/mirror-world.ts';
import { type AskedText, AskedTexts } from '../../../../src/mirror/restorations/asked-texts.ts';
import type { RestorationDesk } from '../../../../src/mirror/restorations/restoration-desk.ts';
import { silentLog } from '../../../../src/world/log.ts';
import { replace } from '../../../../src/core/change.ts';

const CHANGES = [replace({ line: 1, character: 0 }, { line: 2, character: 0 }, 'old\n')];

class Desk implements RestorationDesk {
  readonly asked: { readonly question: RestorationQuestion; readonly askId: string }[] = [];
  readonly withdrawn: number[] = [];
  readonly answers = new Map<number, RestorationAnswer | 'gone'>();
  readonly #listeners = new Set<(question: number) => void>();
  isOnline = true;

  rule(): 'ask' {
    return 'ask';
  }

  ask(question: RestorationQuestion, askId: string): Promise<number> {
    if (!this.isOnline) return Promise.reject(new Error('offline'));
    const known = this.asked.findIndex((each) => each.askId === askId);
    if (known >= 0) return Promise.resolve(known + 1);
    return Promise.resolve(this.asked.push({ question, askId }));
  }

  withdraw(question: number): Promise<void> {
    this.withdrawn.push(question);
    return Promise.resolve();
  }

  answerOf(question: number): RestorationAnswer | 'open' | 'gone' {
    return this.answers.get(question) ?? 'open';
  }

  onAnswer(listener: (question: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  answer(question: number, answer: RestorationAnswer | 'gone'): void {
    this.answers.set(question, answer);
    for (const listener of this.#listeners) listener(question);
  }
}

class Scene {
  readonly desk = new Desk();
  readonly sent: { readonly fileId: number; readonly version: number; readonly opId: unknown }[] =
    [];
  readonly folder: string;

  constructor(context: TestContext) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-asked-'));
    context.after(() => fs.rmSync(this.folder, { recursive: true }));
  }

  get kept(): number {
    return fs.readdirSync(this.folder).length;
  }

  window(): AskedTexts {
    const edit: MirrorWorld['edit'] = (fileId, version, _changes, _carried, facts) => {
      this.sent.push({ fileId, version, opId: facts?.opId });
      return Promise.resolve({ tag: 'applied', version: version + 1 });
    };
    const { desk, folder } = this;
    return new AskedTexts({ folder, folderName: 'here', desk, world: { edit }, log: silentLog });
  }
}

function text(number: number): AskedText {
  return {
    askId: `ask-${number}`,
    opId: `op-${number}`,
    fileId: 7,
    path: 'app.ts',
    version: 3,
    changes: CHANGES,
    returned: [],
    owners: ['b'.repeat(64)],
  };
}

test('a text that is taken goes into the world once, one that is put back does not', async (context) => {
  const scene = new Scene(context);
  const window = scene.window();
  for (const number of [1, 2]) {
    await window.keep(text(number));
    window.ask(`ask-${number}`);
  }
  await window.settled();
  assert.deepEqual(scene.desk.asked[0]?.question, {
    cause: 'tool',
    folderName: 'here',
    items: [{ fileId: 7, path: 'app.ts', what: 'changed' }],
    fileCount: 1,
    owners: ['b'.repeat(64)],
  });
  scene.desk.answer(1, 'leave');
  scene.desk.answer(2, 'put_back');
  await window.settled();
  assert.deepEqual([scene.sent, scene.kept], [[], 1]);
  scene.desk.answer(1, 'take');
  scene.desk.answer(1, 'take');
  await window.settled();
  assert.deepEqual(scene.sent, [{ fileId: 7, version: 3, opId: 'op-1' }]);
  assert.equal(scene.kept, 0);
});

test('what was not asked before the window ended is asked by the next one, under the same id', async (context) => {
  const scene = new Scene(context);
  scene.desk.isOnline = false;
  const first = scene.window();
  await first.keep(text(1));
  first.ask('ask-1');
  await first.settled();
  first.stop();
  scene.desk.isOnline = true;
  const second = scene.window();
  await second.settled();
  assert.deepEqual(
    scene.desk.asked.map(({ askId }) => askId),
    ['ask-1'],
  );
  second.stop();
  scene.desk.answers.set(1, 'take');
  await scene.window().settled();
  assert.equal(scene.sent.length, 1, 'it was answered while no window was open');
  assert.equal(scene.desk.asked.length, 1);
});

test('a question that the world ended keeps nothing, and there are never many', async (context) => {
  const scene = new Scene(context);
  const window = scene.window();
  for (let number = 0; number < 70; number++) await window.keep(text(number));
  assert.equal(scene.kept, 64);
  window.ask('ask-69');
  await window.settled();
  scene.desk.answer(1, 'gone');
  await window.settled();
  assert.deepEqual([scene.sent.length, scene.kept], [0, 63]);
});

test('what gives way to newer ones is asked about no more', async (context) => {
  const scene = new Scene(context);
  const window = scene.window();
  for (let number = 0; number < 64; number++) {
    await window.keep(text(number));
    window.ask(`ask-${number}`);
  }
  await window.settled();
  await window.keep(text(64));
  await window.settled();
  assert.deepEqual([scene.desk.withdrawn, scene.kept], [[1], 64]);
});

test('what a window finds beyond that gives way too, and one file that cannot be read does not stop the others', async (context) => {
  const scene = new Scene(context);
  const name = (number: number): string => path.join(scene.folder, `ask-${100 + number}.json`);
  for (let number = 0; number < 66; number++) {
    const kept = { ...text(100 + number), ...(number === 0 && { question: 9 }) };
    fs.writeFileSync(name(number), JSON.stringify(kept));
  }
  fs.writeFileSync(name(5), '{"askId":"ask-105"');
  fs.rmSync(name(6));
  fs.mkdirSync(name(6));
  await scene.window().settled();
  assert.equal(scene.desk.asked.length, 62, 'the 64 newest, without the two that cannot be read');
  assert.deepEqual(scene.desk.withdrawn, [9]);
  assert.equal(fs.existsSync(name(0)), false);
});
