import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { TypedTexts } from '../../../src/editor/typed-texts.ts';
import { silentLog } from '../../../src/world/log.ts';

test('what stands in a field is there for the next window, whatever was typed, sent and typed again', async (context) => {
  const home = newHome(context);
  let runs = 0;
  const step = fc.record({
    field: fc.constantFrom('conflict ticket-7', 'message all'),
    text: fc.oneof(fc.constant(''), fc.string({ maxLength: 20 })),
    isSent: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const place = { home, database: `world-${runs++}` };
      const typed = new TypedTexts(place, silentLog);
      const wanted = new Map<string, string>();
      for (const { field, text, isSent } of steps) {
        if (isSent) typed.forget(field);
        else typed.keep(field, () => text, 'seen');
        if (isSent) wanted.delete(field);
        else wanted.set(field, text);
        assert.equal((await typed.read(field))?.text, wanted.get(field));
      }
      await typed.flush();
      const next = new TypedTexts(place, silentLog);
      for (const field of ['conflict ticket-7', 'message all']) {
        const text = wanted.get(field);
        const kept = text === undefined ? undefined : { text, about: 'seen' };
        assert.deepEqual(await next.read(field), kept);
      }
    }),
    { numRuns: 100 },
  );
});

test('a window that is killed right behind a key leaves what was typed by then', async (context) => {
  const home = newHome(context);
  const place = { home, database: 'world' };
  const typed = new TypedTexts(place, silentLog);
  for (const text of ['s', 'sl', 'slo', 'slow']) typed.keep('message all', text);
  // Nobody waits, and nobody ends it in order: the disk has it as soon as it can.
  await untilRead(place, 'message all', 'slow');
});

test('another window sees what was sent from this one', async (context) => {
  const place = { home: newHome(context), database: 'world' };
  const [here, there] = [new TypedTexts(place, silentLog), new TypedTexts(place, silentLog)];
  here.keep('message all', 'hello');
  await here.flush();
  assert.equal((await there.read('message all'))?.text, 'hello');
  there.forget('message all');
  await there.flush();
  assert.equal(await here.read('message all'), undefined);
});

test('the fields on disk are bounded; a text that is too long is kept while the window lives', async (context) => {
  const home = newHome(context);
  const place = { home, database: 'world' };
  const typed = new TypedTexts(place, silentLog);
  const long = 'x'.repeat(300 * 1024);
  typed.keep('long', long);
  for (let count = 0; count < 100; count++) {
    typed.keep(`field ${count}`, `text ${count}`);
    await typed.flush();
  }
  assert.ok(fs.readdirSync(path.join(home, 'typed', 'world')).length <= 64);
  assert.equal((await typed.read('long'))?.text.length, long.length);
  const next = new TypedTexts(place, silentLog);
  assert.equal((await next.read('field 99'))?.text, 'text 99');
  assert.equal(await next.read('field 0'), undefined);
  assert.equal(await next.read('long'), undefined);
});

test('a file that a crash cut short is none, and a disk that takes nothing loses no text', async (context) => {
  const home = newHome(context);
  const place = { home, database: 'world' };
  const typed = new TypedTexts(place, silentLog);
  typed.keep('message all', 'hello');
  await typed.flush();
  const folder = path.join(home, 'typed', 'world');
  const [file] = fs.readdirSync(folder);
  fs.writeFileSync(path.join(folder, file!), '{"field": "message');
  assert.equal(await typed.read('message all'), undefined);
  fs.rmSync(folder, { recursive: true });
  fs.writeFileSync(folder, 'in the way');
  typed.keep('message all', 'hello again');
  await typed.flush();
  assert.equal((await typed.read('message all'))?.text, 'hello again');
});

test('what was typed is not read in the event of the key, and one that cannot be read holds up no later one', async (context) => {
  const place = { home: newHome(context), database: 'world' };
  const typed = new TypedTexts(place, silentLog);
  let isRead = false;
  typed.keep('message all', () => {
    isRead = true;
    throw new Error('closed');
  });
  assert.equal(isRead, false);
  await typed.flush();
  assert.equal(isRead, true);
  typed.keep('message all', 'hello');
  await typed.flush();
  assert.equal((await new TypedTexts(place, silentLog).read('message all'))?.text, 'hello');
});

test('what is typed while a write fails is written, and what failed is tried again at the end', async (context) => {
  const place = { home: newHome(context), database: 'world' };
  const folder = path.join(place.home, 'typed', 'world');
  fs.mkdirSync(path.dirname(folder));
  fs.writeFileSync(folder, 'in the way');
  let onWarned = (): void => undefined;
  const typed = new TypedTexts(place, { warn: () => onWarned() });
  onWarned = () => {
    onWarned = () => undefined;
    fs.rmSync(folder);
    typed.keep('message all', 'hello');
  };
  typed.keep('message all', 'hell');
  await typed.flush();
  assert.equal((await new TypedTexts(place, silentLog).read('message all'))?.text, 'hello');

  fs.rmSync(folder, { recursive: true });
  fs.writeFileSync(folder, 'in the way');
  typed.keep('message all', 'hello again');
  await typed.flush();
  fs.rmSync(folder);
  await typed.flush();
  assert.equal((await new TypedTexts(place, silentLog).read('message all'))?.text, 'hello again');
});

test('a text that grew too long does not come back as it was before', async (context) => {
  const place = { home: newHome(context), database: 'world' };
  const typed = new TypedTexts(place, silentLog);
  typed.keep('message all', 'hello');
  await typed.flush();
  typed.keep('message all', 'x'.repeat(300 * 1024));
  await typed.flush();
  assert.equal(await new TypedTexts(place, silentLog).read('message all'), undefined);
  typed.keep('message all', 'hello again');
  await typed.flush();
  assert.equal((await new TypedTexts(place, silentLog).read('message all'))?.text, 'hello again');
});

test('what more fields hold than may wait for the disk deletes no file', async (context) => {
  const place = { home: newHome(context), database: 'world' };
  const typed = new TypedTexts(place, silentLog);
  typed.keep('first', 'hello');
  await typed.flush();
  typed.keep('first', 'hello again');
  for (let count = 0; count < 64; count++) typed.keep(`long ${count}`, 'x'.repeat(300 * 1024));
  await typed.flush();
  assert.equal((await new TypedTexts(place, silentLog).read('first'))?.text, 'hello');
});

function newHome(context: TestContext): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-typed-'));
  context.after(() => fs.rmSync(home, { recursive: true, force: true }));
  return home;
}

async function untilRead(
  place: { readonly home: string; readonly database: string },
  field: string,
  text: string,
): Promise<void> {
  const next = new TypedTexts(place, silentLog);
  while ((await next.read(field))?.text !== text) await new Promise(setImmediate);
}
