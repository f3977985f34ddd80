import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { TypedTexts } from '../../../src/editor/typed-texts.ts';
import {
  fieldOf,
  idIn,
  keyIn,
  WrittenResult,
} from '../../../src/views/conflicts/written-result.ts';
import { silentLog } from '../../../src/world/log.ts';

const SHOWN = {
  refusedId: 'ticket-12',
  baseText: 'quick',
  refusedText: 'sly',
  currentText: 'slow',
};

test('what is written about a ticket of one world is not in the field of the same ticket of another', async (context) => {
  const [one, other] = worldsOf(context);
  let kept = one;
  const written = new WrittenResult(() => kept);
  await written.look('ticket-12');
  const seen = written.show(SHOWN);
  written.write(SHOWN, 'slow and sly');

  kept = other;
  written.reset();
  assert.equal(written.isShown(seen), false, 'also while nothing of the other one is shown');
  assert.equal(written.textFor('ticket-12'), undefined);
  await written.look('ticket-12');
  assert.equal(written.textFor('ticket-12'), undefined);
  written.show(SHOWN);
  assert.equal(written.isShown(seen), false, 'a decision about the other one is none about this');

  // Back, and away again before what is kept was read.
  kept = one;
  written.reset();
  const looking = written.look('ticket-12');
  kept = other;
  written.reset();
  await Promise.all([looking, written.look('ticket-12')]);
  assert.equal(written.textFor('ticket-12'), undefined);

  kept = one;
  written.reset();
  await written.look('ticket-12');
  assert.equal(written.textFor('ticket-12'), 'slow and sly');
});

test('what was written and could not be applied is told once, and stays on disk', async (context) => {
  const [world] = worldsOf(context);
  const written = new WrittenResult(() => world);
  await written.look('ticket-12');
  written.write(SHOWN, 'slow');
  written.write(SHOWN, 'slow and sly');
  assert.equal(written.applied('ticket-12', 'slow'), 'slow and sly', 'written behind the key');
  written.told('ticket-12');
  // It is the only one that is left: until the world says that it is decided it is looked at again.
  await written.look('ticket-12');
  assert.equal(written.textFor('ticket-12'), undefined);
  assert.equal((await world.read(fieldOf('ticket-12')))?.text, 'slow and sly');
});

test('a key names the conflict of one world', () => {
  const key = keyIn('c200', 'ticket-12');
  assert.equal(idIn('c200', key), 'ticket-12');
  assert.equal(idIn('c2', key), undefined);
  assert.equal(idIn('c200aa', key), undefined);
});

function worldsOf(context: TestContext): readonly [TypedTexts, TypedTexts] {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-written-'));
  const open = (database: string): TypedTexts => new TypedTexts({ home, database }, silentLog);
  const worlds = [open('one'), open('other')] as const;
  context.after(async () => {
    for (const world of worlds) await world.flush();
    fs.rmSync(home, { recursive: true, force: true });
  });
  return worlds;
}
