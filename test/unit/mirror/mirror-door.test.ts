import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { DOOR_FILE, type Holder, knock, readDoor } from '../../../src/mirror/knock.ts';
import { MirrorDoor, UNUSED_MS } from '../../../src/mirror/mirror-door.ts';
import type { CancelTimer } from '../../../src/world/clock.ts';
import { ManualClock } from '../agents/manual-clock.ts';

/** Tells when the time of a mirror that nobody holds begins to run. */
class DoorClock extends ManualClock {
  #wound = Promise.withResolvers<void>();

  override after(delayMs: number, fire: () => void): CancelTimer {
    this.#wound.resolve();
    return super.after(delayMs, fire);
  }

  async wound(): Promise<void> {
    await this.#wound.promise;
    this.#wound = Promise.withResolvers<void>();
  }
}

async function stage(t: TestContext) {
  const state = mkdtempSync(path.join(tmpdir(), 'agent-world-door-'));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  const clock = new DoorClock();
  const door = await MirrorDoor.open({ state, clock, unusedMs: UNUSED_MS, mayEnd: true });
  t.after(() => door.close());
  await clock.wound();
  let isUnused = false;
  void door.unused.then(() => (isUnused = true));
  return {
    state,
    clock,
    door,
    /** Whether it ends after so long. */
    endsAfter: async (durationMs: number): Promise<boolean> => {
      clock.pass(durationMs);
      await setImmediate();
      return isUnused;
    },
  };
}

/** Somebody who holds the mirror, and what they are told. */
function hold(state: string, as: Holder) {
  const told: number[] = [];
  let waiting: (() => void) | undefined;
  const gone = Promise.withResolvers<void>();
  const held = knock({
    state,
    as,
    onServers: (servers) => {
      told.push(servers);
      waiting?.();
    },
    onGone: () => gone.resolve(),
  });
  const hears = async (servers: number): Promise<void> => {
    while (told.at(-1) !== servers) await new Promise<void>((resolve) => (waiting = resolve));
  };
  return { release: () => held.release(), gone: gone.promise, hears };
}

test('a mirror goes on while somebody holds it, and for ten minutes after the last one', async (t) => {
  const { state, clock, endsAfter } = await stage(t);
  const server = hold(state, 'server');
  await server.hears(1);
  assert.equal(await endsAfter(10 * UNUSED_MS), false);
  server.release();
  await clock.wound();
  assert.equal(await endsAfter(UNUSED_MS - 1), false);
  const hook = hold(state, 'hook');
  await hook.hears(0);
  hook.release();
  await clock.wound();
  assert.equal(await endsAfter(UNUSED_MS - 1), false, 'a hook was there meanwhile');
  assert.equal(await endsAfter(1), true);
});

test('a mirror ends at once when it is asked to, unless a server needs it', async (t) => {
  const { state, endsAfter, clock } = await stage(t);
  const server = hold(state, 'server');
  await server.hears(1);
  const refused = hold(state, 'end');
  await refused.hears(1);
  refused.release();
  server.release();
  await clock.wound();
  assert.equal(await endsAfter(0), false);
  hold(state, 'end');
  while (!(await endsAfter(0)));
});

test('a window on the folder holds the mirror, and is no session of the agent’s client', async (t) => {
  const { state, endsAfter } = await stage(t);
  const server = hold(state, 'server');
  await server.hears(1);
  const window = hold(state, 'window');
  await window.hears(1);
  server.release();
  assert.equal(await endsAfter(10 * UNUSED_MS), false);
  hold(state, 'end');
  while (!(await endsAfter(0)));
  window.release();
});

test('each of several servers hears how many they are; a hook is none', async (t) => {
  const { state } = await stage(t);
  const one = hold(state, 'server');
  await one.hears(1);
  const two = hold(state, 'server');
  await Promise.all([one.hears(2), two.hears(2)]);
  const hook = hold(state, 'hook');
  await hook.hears(2);
  two.release();
  await one.hears(1);
  hook.release();
});

test('who holds a mirror hears when it is gone, or was never there', async (t) => {
  const { state, door } = await stage(t);
  if (process.platform !== 'win32') {
    assert.equal(statSync(path.join(state, DOOR_FILE)).mode & 0o077, 0, 'for its owner only');
  }
  const server = hold(state, 'server');
  await server.hears(1);
  door.close();
  await server.gone;
  assert.equal(existsSync(path.join(state, DOOR_FILE)), false);
  assert.equal(readDoor(state), undefined);
  await hold(state, 'hook').gone;
});
