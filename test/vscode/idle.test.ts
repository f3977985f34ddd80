// A window where nothing happens does nothing: no timer but the one that sees whether the line still holds.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type inspector from 'node:inspector';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { hasDecoration } from './harness/shown.ts';
import type { EditorWindow } from './harness/window.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
/**
 * By which a cut line is noticed: how often the connection to the world is tried, and how long the one that
 * holds the folder's lease may be silent. Each is set anew with every sign of life.
 */
const CONNECTION_MS = [15_000, 30_000];

interface TimerWatch {
  /** Delays of the extension's timers that wait now. */
  readonly waiting: Map<unknown, number>;
  fired: number;
  /** Most timers at once that wait to draw cursors and names. */
  mostDrawing: number;
}

interface Watched {
  agentWorldTimers: TimerWatch;
}

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'notes.md': 'one\ntwo\nthree\n' },
    settings: { 'agentWorld.cursors.labelSeconds': 1 },
  });
  agent = await live.joinAgent('reader');
  window = await live.openWindow();
  await window.openFile('notes.md');
  await watchTimers();
});

after(() => live.dispose());

test('names that fade need one timer, and where nobody moves there is none', async () => {
  const read = await agent.read('notes.md');
  assert.ok(read.tag === 'text');
  for (const line of [0, 1, 2]) {
    const at = { line, character: 1 };
    await agent.show(read, { start: at, end: at }, `at ${line}`);
  }
  await window.type('typed ');
  await window.waitForDecoration('⚙ reader · at 2');
  await hasDecoration(window, '⚙ reader', false);
  await live.settled();
  await window.waitFor((_, connectionMs) => {
    const { waiting } = (globalThis as unknown as Watched).agentWorldTimers;
    return [...waiting.values()].every((delayMs) => connectionMs.includes(delayMs));
  }, CONNECTION_MS);
  assert.equal(await window.evaluate(drawingTimers), 1);
});

test('a minute in which nothing happens costs next to nothing', { skip: !isSoak }, async () => {
  const { fired, profile } = await window.evaluate(async () => {
    const timers = (globalThis as unknown as Watched).agentWorldTimers;
    const fired = timers.fired;
    const session = new (require('node:inspector') as typeof inspector).Session();
    session.connect();
    const post = (method: string): Promise<unknown> =>
      new Promise((resolve) => session.post(method, (_, result) => resolve(result)));
    await post('Profiler.enable');
    await post('Profiler.start');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const { profile } = (await post('Profiler.stop')) as inspector.Profiler.StopReturnType;
    session.disconnect();
    return { fired: timers.fired - fired, profile };
  });
  const minute = { fired, cpuMs: ownMilliseconds(profile) };
  const file = path.join(projectRoot, 'test-results', 'idle-minute.json');
  const measuredIn =
    'the extension’s code in the extension host, VS Code in the browser, one window, one minute';
  fs.writeFileSync(file, `${JSON.stringify({ measuredIn, ...minute }, null, 2)}\n`);
  assert.ok(minute.fired <= 5, `${minute.fired} timers in a minute, four of them to try the line`);
  assert.ok(minute.cpuMs < 60, `${minute.cpuMs} ms of a minute, a thousandth is 60`);
});

/** Time that samples of a profile found the extension's own code running, or what it called. */
function ownMilliseconds({ nodes, samples, timeDeltas }: inspector.Profiler.Profile): number {
  const isOwn = new Set<number>();
  for (const node of nodes) {
    if (node.callFrame.url.includes('window.cjs')) isOwn.add(node.id);
    // Nodes come before those they call.
    if (isOwn.has(node.id)) for (const child of node.children ?? []) isOwn.add(child);
  }
  const micros = (samples ?? []).map((id, index) => (isOwn.has(id) ? timeDeltas![index]! : 0));
  return micros.reduce((sum, each) => sum + each, 0) / 1000;
}

function drawingTimers(): number {
  return (globalThis as unknown as Watched).agentWorldTimers.mostDrawing;
}

/** Counts the timers that the extension makes from now on; whose a timer is tells its stack. */
async function watchTimers(): Promise<void> {
  await window.evaluate(() => {
    const watch: TimerWatch = { waiting: new Map(), fired: 0, mostDrawing: 0 };
    (globalThis as unknown as Watched).agentWorldTimers = watch;
    const drawing = new Set<unknown>();
    for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
      const original = globalThis[name] as (...args: unknown[]) => unknown;
      const watched = (fire: (...args: unknown[]) => void, ...rest: unknown[]): unknown => {
        const { stack = '' } = new Error('made here');
        if (!stack.includes('window.cjs')) return original(fire, ...rest);
        const timer = original(
          (...args: unknown[]) => {
            watch.fired += 1;
            if (name !== 'setInterval') forget(timer);
            fire(...args);
          },
          ...rest,
        );
        watch.waiting.set(timer, name === 'setImmediate' ? 0 : Number(rest[0]));
        if (stack.includes('#wakeIn')) drawing.add(timer);
        watch.mostDrawing = Math.max(watch.mostDrawing, drawing.size);
        return timer;
      };
      Object.assign(globalThis, { [name]: watched });
    }
    for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate'] as const) {
      const original = globalThis[name] as (timer: unknown) => void;
      Object.assign(globalThis, {
        [name]: (timer: unknown) => {
          forget(timer);
          original(timer);
        },
      });
    }
    function forget(timer: unknown): void {
      watch.waiting.delete(timer);
      drawing.delete(timer);
    }
  });
}
