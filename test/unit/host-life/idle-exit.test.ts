import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { watchIdle } from '../../../src/host/idle-exit.ts';
import { ManualClock } from './manual-clock.ts';

const MINUTE = 60_000;

describe('when the host ends by itself', () => {
  it('ends after ten minutes without anybody', () => {
    const host = watched();
    host.clock.advance(10 * MINUTE - 1);
    assert.deepEqual(host.ended, []);
    host.clock.advance(1);
    assert.deepEqual(host.ended, ['idle']);
    host.clock.advance(60 * MINUTE);
    assert.deepEqual(host.ended, ['idle']);
  });

  it('counts from the last request', () => {
    const host = watched();
    host.clock.advance(9 * MINUTE);
    host.lastActivityMs = host.clock.nowMs;
    host.clock.advance(10 * MINUTE - 1);
    assert.deepEqual(host.ended, []);
    host.clock.advance(1);
    assert.deepEqual(host.ended, ['idle']);
  });

  it('stays while anybody is connected, and a whole idle time after', () => {
    const host = watched();
    host.connections = 1;
    host.clock.advance(24 * 60 * MINUTE);
    assert.deepEqual(host.ended, []);
    host.connections = 0;
    host.clock.advance(10 * MINUTE - 15_000);
    assert.deepEqual(host.ended, []);
    host.clock.advance(15_000);
    assert.deepEqual(host.ended, ['idle']);
  });

  it('does not outlive the removal of its extension', () => {
    const host = watched();
    host.scriptExists = false;
    host.clock.advance(15_000);
    assert.deepEqual(host.ended, ['script_gone']);
  });

  it('serves those still connected when its extension is removed, and ends after them', () => {
    const host = watched();
    host.scriptExists = false;
    host.connections = 2;
    host.clock.advance(60 * MINUTE);
    assert.deepEqual(host.ended, []);
    host.connections = 0;
    host.clock.advance(15_000);
    assert.deepEqual(host.ended, ['script_gone']);
  });

  it('never ends once the watch was cancelled', () => {
    const host = watched();
    host.clock.advance(MINUTE);
    host.cancel();
    host.clock.advance(60 * MINUTE);
    assert.deepEqual(host.ended, []);
  });
});

function watched() {
  const clock = new ManualClock();
  const host = {
    clock,
    connections: 0,
    lastActivityMs: 0,
    scriptExists: true,
    ended: [] as string[],
    cancel: () => {},
  };
  host.cancel = watchIdle({
    clock,
    idleMs: 10 * MINUTE,
    scriptPollMs: 15_000,
    activity: () => host,
    scriptExists: () => host.scriptExists,
    onIdle: (reason) => host.ended.push(reason),
  });
  return host;
}
