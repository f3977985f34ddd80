// What the editor's chat writes and what its user does, as VS Code 1.139 was seen to tell of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PlaceRange, replacesAll, type ToldChange } from '../../../src/sync/at-hand.ts';
import { ChangeDoubts, DOUBT_MOST_MS, SAVE_WITHIN_MS } from '../../../src/editor/change-doubts.ts';
import { turns } from '../sync/binding-rig.ts';

const AGENT = 'c'.repeat(64);

class Scene {
  nowMs = 0;
  known = 0;
  agent: () => Promise<string | undefined> = () => Promise.resolve(AGENT);
  look: (doubts: ReadonlySet<number>) => Promise<void> = () => Promise.resolve();
  readonly doubts: ChangeDoubts;
  readonly #timers = new Set<{ readonly atMs: number; readonly fire: () => void }>();

  constructor() {
    this.doubts = new ChangeDoubts({
      after: (delayMs, fire) => {
        const timer = { atMs: this.nowMs + delayMs, fire };
        this.#timers.add(timer);
        return () => void this.#timers.delete(timer);
      },
      agent: () => this.agent(),
      look: (doubts) => this.look(doubts),
      onKnown: () => void this.known++,
    });
  }

  get timers(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const timer of this.#timers) {
      if (timer.atMs > this.nowMs) continue;
      this.#timers.delete(timer);
      timer.fire();
    }
  }

  /** Whose a change is in the end. */
  maker(doubt: number | undefined): string | undefined {
    const maker = doubt === undefined ? 'user' : this.doubts.makerOf(doubt);
    return typeof maker === 'object' ? maker.agent : maker;
  }
}

const range = (line: number, from: number, to = from, endLine = line): PlaceRange => ({
  start: { line, character: from },
  end: { line: endLine, character: to },
});
const change = (where: PlaceRange, text: string): ToldChange => ({ range: where, text });
const CURSOR = [range(0, 0)];
const written = [change(range(2, 0, 6, 3), 'CHAT 2\nCHAT 3')];

test('a change away from the cursor, then a save that nobody announced, is the chat’s', async () => {
  const scene = new Scene();
  const doubt = scene.doubts.observe(written, CURSOR);
  assert.equal(scene.maker(doubt), undefined);
  scene.pass(590);
  scene.doubts.saved();
  await turns();
  assert.equal(scene.maker(doubt), AGENT);
  assert.equal(scene.known, 1);
  assert.equal(scene.timers, 0);
});

test('several edits before the save are all the chat’s', async () => {
  const scene = new Scene();
  const first = scene.doubts.observe(written, CURSOR);
  scene.pass(SAVE_WITHIN_MS - 1);
  const second = scene.doubts.observe([change(range(7, 0, 6), 'CHAT 7')], []);
  scene.pass(SAVE_WITHIN_MS - 1);
  scene.doubts.saved();
  await turns();
  assert.deepEqual(
    [first, second].map((each) => scene.maker(each)),
    [AGENT, AGENT],
  );
});

test('without a save in time it is the user’s, and nobody waits for long whatever is written on', () => {
  const scene = new Scene();
  const doubt = scene.doubts.observe(written, CURSOR);
  scene.pass(SAVE_WITHIN_MS);
  assert.equal(scene.maker(doubt), 'user');
  const first = scene.doubts.observe(written, CURSOR);
  for (let ms = 0; ms <= DOUBT_MOST_MS; ms += 1_000) {
    scene.doubts.observe(written, CURSOR);
    scene.pass(1_000);
  }
  assert.equal(scene.maker(first), 'user');
});

test('a key ends every doubt at once, so that nothing that is typed waits', async () => {
  const scene = new Scene();
  const doubt = scene.doubts.observe(written, CURSOR);
  assert.equal(scene.doubts.observe([change(range(0, 0), 'k')], CURSOR), undefined);
  assert.equal(scene.maker(doubt), 'user');
  const late = Promise.withResolvers<string | undefined>();
  scene.agent = () => late.promise;
  const asked = scene.doubts.observe(written, CURSOR);
  scene.doubts.saved();
  scene.doubts.observe([change(range(0, 0), 'k')], CURSOR);
  assert.equal(scene.maker(asked), 'user', 'also while the agent joins');
  late.resolve(AGENT);
  await turns();
  assert.equal(scene.maker(asked), 'user');
});

test('where the chat is no agent, or does not become one in time, it is the user’s', async () => {
  const scene = new Scene();
  scene.agent = () => Promise.resolve(undefined);
  const refused = scene.doubts.observe(written, CURSOR);
  scene.doubts.saved();
  await turns();
  assert.equal(scene.maker(refused), 'user');
  scene.agent = () => new Promise(() => undefined);
  const late = scene.doubts.observe(written, CURSOR);
  scene.doubts.saved();
  assert.equal(scene.maker(late), undefined);
  scene.pass(10_000);
  await turns();
  assert.equal(scene.maker(late), 'user');
});

test('a save that was announced is the user’s, and says nothing of the next one', async () => {
  const scene = new Scene();
  const doubt = scene.doubts.observe(written, CURSOR);
  scene.doubts.saveAnnounced();
  scene.doubts.saved();
  assert.equal(scene.maker(doubt), 'user');
  const next = scene.doubts.observe(written, CURSOR);
  scene.doubts.saved();
  await turns();
  assert.equal(scene.maker(next), AGENT);
});

test('a save that was announced and came to nothing does not stand for the next one', async () => {
  const scene = new Scene();
  scene.doubts.saveAnnounced();
  scene.pass(SAVE_WITHIN_MS);
  const doubt = scene.doubts.observe(written, CURSOR);
  scene.doubts.saved();
  await turns();
  assert.equal(scene.maker(doubt), AGENT);
  scene.doubts.saveAnnounced();
  scene.doubts.dispose();
  assert.equal(scene.timers, 0);
});

test('what is the chat’s is looked at before it is sent', async () => {
  const scene = new Scene();
  const looked = Promise.withResolvers<void>();
  const seen: number[] = [];
  scene.look = (doubts) => {
    seen.push(...doubts);
    return looked.promise;
  };
  const doubt = scene.doubts.observe(written, CURSOR);
  scene.doubts.saved();
  await turns();
  assert.deepEqual([seen, scene.maker(doubt)], [[doubt], undefined]);
  looked.resolve();
  await turns();
  assert.equal(scene.maker(doubt), AGENT);
});

test('a whole text that comes without being pasted is looked at at once, and is the user’s', async () => {
  const scene = new Scene();
  const all = range(0, 0, 0, 9);
  const whole = [change(all, 'old\ntext\n')];
  const looked = Promise.withResolvers<void>();
  scene.look = () => looked.promise;
  assert.ok(replacesAll(whole, all, CURSOR));
  const doubt = scene.doubts.observe(whole, CURSOR, true);
  // A key keeps nobody from looking: it would go with what others lose.
  scene.doubts.observe([change(range(0, 0), 'k')], CURSOR);
  await turns();
  assert.equal(scene.maker(doubt), undefined);
  looked.resolve();
  await turns();
  assert.equal(scene.maker(doubt), 'user');
});

test('a text that is pasted over all that was selected is the user’s, and is not looked at', () => {
  const all = range(0, 0, 0, 9);
  const pasted = [change(all, 'old\ntext\n')];
  assert.equal(replacesAll(pasted, all, [all]), false);
  assert.equal(new Scene().doubts.observe(pasted, [all]), undefined);
  assert.equal(replacesAll([change(range(1, 0, 0, 9), '')], all, CURSOR), false);
});

test('property: what is typed, pasted, formatted or renamed stays the user’s, whatever is saved and how', async () => {
  const places = fc.record({ line: fc.nat(20), from: fc.nat(8), to: fc.nat(8) });
  const text = fc.constantFrom('x', '', 'word', 'two\nlines\n', '\n');
  /** Typed, pasted or dropped: just what is selected gives way. Deleted or completed: what is at the cursor. */
  const typed = fc.record({ tag: fc.constant('typed' as const), places, text });
  /** Formatted, renamed, changed by a command: anywhere; the chat has it in its baseline right after. */
  const elsewhere = fc.record({
    tag: fc.constant('elsewhere' as const),
    where: fc.array(places, { minLength: 1, maxLength: 5 }),
    text,
  });
  /** In text of the chat's own its baseline has nothing of it: then only a save that asks nobody would mislead. */
  const inside = fc.record({ tag: fc.constant('inside' as const), places, text });
  const save = fc.constantFrom(
    { tag: 'save' as const },
    { tag: 'save without formatting' as const },
  );
  const time = fc.record({ tag: fc.constant('time' as const), ms: fc.nat(6_000) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(typed, elsewhere, inside, save, time), { maxLength: 20 }),
      async (happenings) => {
        const scene = new Scene();
        const made: (number | undefined)[] = [];
        let isInside = false;
        for (const each of happenings) {
          if (each.tag === 'typed') {
            const { line, from, to } = each.places;
            const where = range(line, Math.min(from, to), Math.max(from, to));
            made.push(scene.doubts.observe([change(where, each.text)], [where]));
          } else if (each.tag === 'elsewhere') {
            const changes = each.where.map(({ line, from, to }) =>
              change(range(line, Math.min(from, to), Math.max(from, to)), each.text),
            );
            made.push(scene.doubts.observe(changes, [range(30, 0)]));
            scene.doubts.mirrored(changes.toReversed());
          } else if (each.tag === 'inside') {
            const { line, from } = each.places;
            made.push(scene.doubts.observe([change(range(line, from), each.text)], [range(30, 0)]));
            isInside = true;
          } else if (each.tag === 'save' || isInside) {
            scene.doubts.saveAnnounced();
            scene.doubts.saved();
            isInside = false;
          } else if (each.tag === 'save without formatting') {
            scene.doubts.saved();
          } else scene.pass(each.ms);
          await turns();
        }
        scene.pass(SAVE_WITHIN_MS);
        for (const doubt of made) assert.equal(scene.maker(doubt), 'user');
      },
    ),
    { numRuns: 500 },
  );
});
