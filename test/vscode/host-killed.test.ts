// The host ends the hard way under windows in which somebody types. Nobody but the windows themselves
// does anything about it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { killHost } from '../harness/host-life.ts';
import { LiveFolder } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

const KILLS = process.env['AGENT_WORLD_SOAK'] === '1' ? 20 : 3;
const KEYS = { keysPerSecond: 20 };

let live: LiveFolder;
let first: EditorWindow;
let second: EditorWindow;

before(async () => {
  live = await LiveFolder.start({
    files: { 'typed.md': 'first:\nsecond:\n', 'undone.md': 'start\n' },
    settings: { 'files.autoSave': 'afterDelay', 'files.autoSaveDelay': 200 },
    isOnOwnHost: true,
  });
  first = await live.openWindow();
  second = await live.openWindow();
});

after(() => live.dispose());

test(`S8: two windows go on by themselves when their host is killed, ${KILLS} times, as they type`, async () => {
  for (const window of [first, second]) await window.openFile('typed.md');
  let [ofFirst, ofSecond] = ['first:', 'second:'];
  for (let round = 0; round < KILLS; round++) {
    await first.placeCursor(0, ofFirst.length);
    await second.placeCursor(1, ofSecond.length);
    const typists = [new Typing(first, ` ${round} first`), new Typing(second, ` ${round} second`)];
    await live.until('keys of both have come through', async () => {
      const text = await live.worldText('typed.md');
      return typists.every(({ word }) => text.includes(word));
    });
    await killHost(live.home);
    const typed = await Promise.all(typists.map((each) => each.end()));
    ofFirst += typed[0]!;
    ofSecond += typed[1]!;
    const text = `${ofFirst}\n${ofSecond}\n`;
    await live.untilText('typed.md', text);
    for (const window of [first, second]) await window.waitForText('typed.md', text);
    await live.until('it is on disk', () => live.diskText('typed.md') === text);
  }
});

test('S7, S8: what was typed before the host was killed can be undone after', async () => {
  await first.openFile('undone.md');
  await first.placeCursor(0, 5);
  await first.type(' kept');
  await live.untilText('undone.md', 'start kept\n');
  await killHost(live.home);
  await first.page.keyboard.press('Control+z');
  await live.untilText('undone.md', 'start\n');
  await first.page.keyboard.press('Control+Shift+z');
  await live.untilText('undone.md', 'start kept\n');
});

test('the history of all that verifies', async () => {
  assert.equal((await live.verify()).tag, 'verified');
});

/** Types a word again and again until it is told to end, and once more then. */
class Typing {
  readonly word: string;
  readonly #window: EditorWindow;
  readonly #typed: Promise<string>;
  #isEnding = false;

  constructor(window: EditorWindow, word: string) {
    this.word = word;
    this.#window = window;
    this.#typed = this.#type();
  }

  /** Resolves to all that was typed. */
  end(): Promise<string> {
    this.#isEnding = true;
    return this.#typed;
  }

  async #type(): Promise<string> {
    let typed = '';
    for (let isLast = false; !isLast; typed += this.word) {
      isLast = this.#isEnding;
      await this.#window.type(this.word, KEYS);
    }
    return typed;
  }
}
