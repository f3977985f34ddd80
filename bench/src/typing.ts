import { setImmediate as nextTurn } from 'node:timers/promises';
import { percentile } from './statistics.ts';
import type { Writer } from './subject.ts';

type Writers = readonly [Writer, Writer];

/** Delays of single keystrokes from one writer's `type` to the other's text, in milliseconds. */
export interface KeystrokeDelays {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** What is typed: prose with some line breaks, or nothing but those. */
export type Keys = 'prose' | 'enter';

/** The writers answer each other: as soon as one's keystroke is in the other's text, the other types. */
export async function typeInTurns(
  writers: Writers,
  count: number,
  keys: Keys,
): Promise<KeystrokeDelays> {
  const arrivals = writers.map(() => new Arrivals());
  writers.forEach((writer, index) => writer.onRemote((n) => arrivals[1 - index]?.add(n)));
  const lengthBefore = writers[0].text().length;
  const delaysMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const turn = index % 2 === 0 ? 0 : 1;
    const due = Math.floor(index / 2) + 1;
    const startMs = performance.now();
    writers[turn].type(keys === 'enter' ? '\n' : characterAt(due - 1));
    await arrivals[turn]?.reach(due);
    delaysMs.push(performance.now() - startMs);
  }
  await expectAllTyped(writers, lengthBefore + count);
  return { p50Ms: percentile(delaysMs, 0.5), p95Ms: percentile(delaysMs, 0.95) };
}

export interface Flood {
  readonly keystrokesPerWriter: number;
  /** Keystrokes handed to the writer at once, between two turns of the event loop. */
  readonly burst: number;
  /** A writer pauses while this many of its keystrokes have not reached the other. */
  readonly windowKeystrokes: number;
}

/** Both type as fast as they can; the clock stops when everything is everywhere and acknowledged. */
export async function typeTogether(writers: Writers, flood: Flood): Promise<number> {
  const lengthBefore = writers[0].text().length;
  const startMs = performance.now();
  await Promise.all([
    typeAhead(writers[0], writers[1], flood),
    typeAhead(writers[1], writers[0], flood),
  ]);
  const seconds = (performance.now() - startMs) / 1000;
  await expectAllTyped(writers, lengthBefore + 2 * flood.keystrokesPerWriter);
  return (2 * flood.keystrokesPerWriter) / seconds;
}

async function typeAhead(writer: Writer, reader: Writer, flood: Flood): Promise<void> {
  const arrivals = new Arrivals();
  reader.onRemote((keystrokes) => arrivals.add(keystrokes));
  for (let typed = 0; typed < flood.keystrokesPerWriter;) {
    const burst = Math.min(flood.burst, flood.keystrokesPerWriter - typed);
    await arrivals.reach(typed + burst - flood.windowKeystrokes);
    writer.type(Array.from({ length: burst }, (_, index) => characterAt(typed + index)).join(''));
    typed += burst;
    await nextTurn();
  }
  await arrivals.reach(flood.keystrokesPerWriter);
  await writer.settled();
}

async function expectAllTyped(writers: Writers, expectedLength: number): Promise<void> {
  await Promise.all(writers.map((writer) => writer.settled()));
  const [first, second] = [writers[0].text(), writers[1].text()];
  if (first !== second) throw new Error('the two writers see different texts');
  if (first.length !== expectedLength) {
    throw new Error(`the text has ${first.length} characters instead of ${expectedLength}`);
  }
}

/** Counts keystrokes that have arrived, and wakes whoever waits for a certain number of them. */
class Arrivals {
  private count = 0;
  private waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  add(keystrokes: number): void {
    this.count += keystrokes;
    if (!this.waiting || this.count < this.waiting.count) return;
    const { resolve } = this.waiting;
    this.waiting = undefined;
    resolve();
  }

  async reach(count: number): Promise<void> {
    if (this.count >= count) return;
    await new Promise<void>((resolve) => {
      this.waiting = { count, resolve };
    });
  }
}

const prose = 'the quick brown fox jumps over a lazy dog ';

/** What is typed: prose with a line break after every 42 characters. */
function characterAt(index: number): string {
  const column = index % (prose.length + 1);
  return prose[column] ?? '\n';
}
