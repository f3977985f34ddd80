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
  });
  first = await live.openWindow();
  second = await live.openWindow();
});

after(() => live.dispose());

test(`S8: two windows go on by themselves when their host is killed, ${KILLS} times, as they type`, async () => {
  let [ofFirst, ofSecond] = ['', ''];
  for (const window of [first, second]) await window.openFile('typed.md');
  for (let round = 0; round < KILLS; round++) {
    const [one, other] = [
      ` ${round} ${'keys of the first '.repeat(3)}`,
      ` ${round} ${'others '.repeat(8)}`,
    ];
    await first.placeCursor(0, 'first:'.length + ofFirst.length);
    await second.placeCursor(1, 'second:'.length + ofSecond.length);
    const typing = Promise.all([first.type(one, KEYS), second.type(other, KEYS)]);
    let typed = false;
    void typing.then(() => (typed = true));
    await live.until('keys have come through', async () =>
      (await live.worldText('typed.md')).includes(` ${round} k`),
    );
    await killHost(live.home);
    assert.ok(!typed, 'the host is killed while both type');
    await typing;
    ofFirst += one;
    ofSecond += other;
    const text = `first:${ofFirst}\nsecond:${ofSecond}\n`;
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
