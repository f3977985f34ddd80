import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Changes, replace } from '../../../../src/core/change.ts';
import type { Text } from '../../../../src/core/text.ts';
import type { Restored } from '../../../../src/mirror/restorations/restoration-judge.ts';
import { changesOf, content } from '../../core/arbitrary.ts';
import { BOT, ToldPast } from './told-past.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 20_000 : 400;

/** One deed: somebody replaces a line by one that never was, puts one in, or takes one out. */
interface Deed {
  readonly who: string;
  readonly what: 'replace' | 'insert' | 'delete';
  /** Where, as a share of the lines. */
  readonly at: number;
}

const place = fc.double({ min: 0, max: 0.999, noNaN: true });
const deedOf = (...who: readonly string[]): fc.Arbitrary<Deed> =>
  fc.record({
    who: fc.constantFrom(...who),
    what: fc.constantFrom('replace', 'insert', 'delete'),
    at: place,
  });
const deeds = fc.array(deedOf('ada', 'bob', BOT), { minLength: 1, maxLength: 10 });

interface Line {
  readonly text: string;
  readonly by: string;
}

/** A file told line by line: who wrote which line, and who took out which, at every version. */
class LineStory {
  readonly told = new ToldPast(lines('first', 8).join('\n') + '\n');
  readonly versions: (readonly Line[])[] = [];
  readonly goneBy = new Map<Line, string>();
  #names = 0;

  constructor() {
    this.versions.push(lines('first', 8).map((text) => ({ text, by: '' })));
  }

  get now(): readonly Line[] {
    return this.versions.at(-1)!;
  }

  fresh(): string {
    return `another line, number ${++this.#names}, that nobody has seen`;
  }

  do({ who, what, at }: Deed): void {
    const line = Math.floor(at * this.now.length);
    if (this.now.length === 0 && what !== 'insert') return;
    const next = [...this.now];
    const put = what === 'delete' ? [] : [{ text: this.fresh(), by: who }];
    const gone = next.splice(line, what === 'insert' ? 0 : 1, ...put);
    for (const each of gone) this.goneBy.set(each, who);
    this.told.change(who, changeOf(line, gone, put));
    this.versions.push(next);
  }

  /** Whose work lies between an older version and the newest. */
  ownersSince(version: number): readonly string[] {
    const then = this.versions[version - 1]!;
    const owners = new Set<string>();
    for (const line of this.now) if (!then.includes(line)) owners.add(line.by);
    for (const line of then) if (!this.now.includes(line)) owners.add(this.goneBy.get(line)!);
    return [...owners].filter((who) => who !== BOT).sort();
  }
}

function lines(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name} text in line number ${index}`);
}

function changeOf(line: number, gone: readonly Line[], put: readonly Line[]): Changes {
  const text = put.map((each) => `${each.text}\n`).join('');
  const [start, end] = [line, line + gone.length];
  return [replace({ line: start, character: 0 }, { line: end, character: 0 }, text)];
}

function textOf(all: readonly { readonly text: string }[]): string {
  return all.map(({ text }) => `${text}\n`).join('');
}

function storyOf(all: readonly Deed[]): LineStory {
  const story = new LineStory();
  for (const deed of all) story.do(deed);
  return story;
}

/** What holds of every judgement, whatever was written. */
function checkLaws(told: ToldPast, after: string, found: Restored): void {
  assert.equal(told.text.apply(found.changes).toString(), after, 'the changes do what was written');
  assert.ok(found.restoring.length > 0 && found.owners.length > 0);
  assert.ok(!found.owners.includes(BOT), 'nobody is asked about their own work');
  assert.equal(new Set(found.owners).size, found.owners.length);
  for (const { change, line, lines, version, fromLine } of found.returned) {
    assert.ok(lines > 0 && version < told.texts.length);
    const written = found.changes[change]!.text.split('\n').slice(line, line + lines);
    const old = [...told.texts[version - 1]!.lines(fromLine, fromLine + lines)];
    assert.deepEqual(written, old, `lines from ${fromLine} of version ${version}`);
  }
}

async function check<T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => Promise<void>) {
  await fc.assert(fc.asyncProperty(arbitrary, law), { numRuns: RUNS });
}

test('a file written as it was at an older version is a restoration, over just those whose work lies between', async () => {
  await check(fc.tuple(deeds, fc.nat()), async ([all, pick]) => {
    const story = storyOf(all);
    const { told, versions } = story;
    const after = textOf(versions[pick % versions.length]!);
    const newest = versions.findLastIndex((each) => textOf(each) === after) + 1;
    const found = await told.writes(after);
    const owners = newest === versions.length ? [] : story.ownersSince(newest);
    assert.deepEqual([...(found?.owners ?? [])].sort(), owners);
    if (found) checkLaws(told, after, found);
  });
});

test('new text is never a restoration, whoever wrote what it replaces, git or another tool', async () => {
  const edits = fc.array(fc.tuple(place, fc.boolean()), { minLength: 1, maxLength: 5 });
  await check(fc.tuple(deeds, edits, fc.boolean()), async ([all, edits, byGit]) => {
    const story = storyOf(all);
    const next = [...story.now];
    for (const [at, isInsertion] of edits) {
      const count = isInsertion || next.length === 0 ? 0 : 1;
      next.splice(Math.floor(at * next.length), count, { text: story.fresh(), by: BOT });
    }
    assert.equal(await story.told.writes(textOf(next), { byGit }), undefined);
  });
});

test('what only the folder’s own member changed may be put back freely', async () => {
  const own = fc.array(deedOf(BOT), { minLength: 1, maxLength: 10 });
  await check(fc.tuple(own, fc.nat(), fc.boolean()), async ([all, pick, byGit]) => {
    const { told, versions } = storyOf(all);
    const after = textOf(versions[pick % versions.length]!);
    assert.equal(await told.writes(after, { byGit }), undefined);
  });
});

test('old lines and new lines in one write are told apart', async () => {
  const replacing = fc
    .array(fc.tuple(fc.constantFrom('ada', 'bob', BOT), place), { minLength: 1, maxLength: 8 })
    .map((all) => all.map(([who, at]): Deed => ({ who, what: 'replace', at })));
  const edits = fc.array(fc.tuple(place, fc.boolean()), { maxLength: 4 });
  await check(fc.tuple(replacing, edits, fc.nat()), async ([all, edits, pick]) => {
    const story = storyOf(all);
    const { told, versions } = story;
    const then = versions[pick % (versions.length - 1)]!;
    const next: Line[] = [...then];
    const fresh = new Set<string>();
    for (const [at, isInsertion] of edits) {
      const line = { text: story.fresh(), by: BOT };
      fresh.add(line.text);
      next.splice(Math.floor(at * next.length), isInsertion ? 0 : 1, line);
    }
    const after = textOf(next);
    const found = await told.writes(after);
    if (found) checkLaws(told, after, found);
    const back = new Set(
      found?.restoring.flatMap((index) => found.changes[index]!.text.split('\n')) ?? [],
    );
    for (const text of fresh) assert.ok(!back.has(text), `${text} is new`);
    const now = new Set(story.now.map(({ text }) => text));
    for (const line of next) {
      const isOld = !now.has(line.text) && !fresh.has(line.text);
      // Where the bot had overwritten what others wrote instead, it undoes work of its own, too.
      if (isOld && story.goneBy.get(line) !== BOT) assert.ok(back.has(line.text), line.text);
    }
  });
});

test('whatever was written when: what is said of it is true', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('ada', 'bob', BOT), fc.nat()), {
    minLength: 1,
    maxLength: 8,
  });
  const write = fc.tuple(fc.nat(), fc.nat(), fc.boolean(), fc.boolean());
  await check(
    fc.tuple(content, steps, write),
    async ([first, all, [pick, seed, isMixed, byGit]]) => {
      const told = new ToldPast(first);
      for (const [who, seed] of all) told.change(who, drawn(told.text, seed));
      const then = told.texts[pick % told.texts.length]!;
      const after = isMixed ? then.apply(drawn(then, seed)).toString() : then.toString();
      const found = await told.writes(after, { byGit, isOfAnyText: true });
      if (found) checkLaws(told, after, found);
    },
  );
});

function drawn(text: Text, seed: number): Changes {
  return fc.sample(changesOf(text.toString(), 2), { seed, numRuns: 1 })[0]!;
}
