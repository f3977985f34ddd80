// What a window left behind and the world did not take is told when the next one has sent it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeftNotices } from '../../../src/editor/left-notices.ts';

test('what was left of several files is told once, all together', () => {
  const lab = openLab();
  for (const path of ['a.md', 'b.md', 'a.md']) lab.notices.tell(path);
  assert.deepEqual(lab.shown, []);
  lab.pass();
  assert.deepEqual(lab.shown, [['a.md', 'b.md']]);
  lab.notices.tell('c.md');
  lab.pass();
  assert.deepEqual(lab.shown, [['a.md', 'b.md'], ['c.md']]);
});

test('nothing is told by a window that has ended', () => {
  const lab = openLab();
  lab.notices.tell('a.md');
  lab.notices.dispose();
  lab.pass();
  assert.deepEqual(lab.shown, []);
});

function openLab() {
  const shown: (readonly string[])[] = [];
  let due: (() => void) | undefined;
  const notices = new LeftNotices(
    (_delayMs, fire) => {
      due = fire;
      return () => {
        due = undefined;
      };
    },
    (paths) => shown.push(paths),
  );
  const pass = (): void => {
    const fire = due;
    due = undefined;
    fire?.();
  };
  return { notices, shown, pass };
}
