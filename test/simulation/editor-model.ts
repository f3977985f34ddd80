import { type Changes, normalizeChanges } from '../../src/core/change.ts';
import { invert } from '../../src/core/invert.ts';
import { Text } from '../../src/core/text.ts';
import type { DocumentChange, EditorDocument, StopListening } from '../../src/sync/ports.ts';
import { DelayedLine, type DelayRange } from './delayed-line.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * An editor in two processes, as VS Code is: the renderer has the text that the user sees and types
 * into; the extension host follows it by events. An edit that the extension host asks for is made
 * only if the renderer's text is still the one that the extension host saw.
 */
export class EditorModel implements EditorDocument {
  /** What the user sees. */
  shown: Text;
  shownVersion = 1;
  version = 1;
  readonly holdsEventsBack = false;
  /** What is shown was loaded from disk and not yet brought in line with the world. */
  isLoaded = false;
  /** Called for each change of what is shown that did not come from the user's keys. */
  onRemoteEdit: (changes: Changes) => void = () => {};
  readonly #time: VirtualTime;
  readonly #toHost: DelayedLine;
  readonly #toRenderer: DelayedLine;
  readonly #listeners = new Set<(event: DocumentChange) => void>();
  #text: Text;
  /** Inverses of every change, others' included, and of those that were undone. */
  readonly #native: Record<'undo' | 'redo', Changes[]> = { undo: [], redo: [] };
  #isGone = false;
  failedApplies = 0;
  overreachChance = 0;
  /** The last edit that it was asked for took a character along; never twice in a row. */
  hasOverreached = false;
  readonly #random: Random;
  madeApplies = 0;

  constructor(text: string, time: VirtualTime, random: Random, delay: DelayRange) {
    this.shown = Text.of(text);
    this.#text = this.shown;
    this.#time = time;
    this.#toHost = new DelayedLine(time, random.fork(), delay);
    this.#toRenderer = new DelayedLine(time, random.fork(), delay);
    this.#random = random.fork();
  }

  text(): string {
    return this.#text.toString();
  }

  onChange(listener: (event: DocumentChange) => void): StopListening {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  apply(changes: Changes, version: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#toRenderer.send(() => {
        const isCurrent = this.shownVersion === version;
        if (isCurrent) {
          const made = this.#overreach(changes);
          this.onRemoteEdit(made);
          this.#change(made, 'edit');
          this.isLoaded = made !== changes;
          this.madeApplies++;
        } else {
          this.failedApplies++;
        }
        this.#toHost.send(() => {
          resolve(isCurrent);
          this.#time.noteSettled();
        });
      });
    });
  }

  /** The user changes the shown text. */
  type(changes: Changes): void {
    this.#change(normalizeChanges(changes), 'edit');
  }

  /** The renderer takes back the last change by itself, whoever made it, or makes it again. */
  takeNative(kind: 'undo' | 'redo'): void {
    const changes = this.#native[kind].pop();
    if (!changes || changes.length === 0) return;
    this.onRemoteEdit(changes);
    this.isLoaded = true;
    this.#change(changes, kind);
  }

  /** The renderer loads another text from disk, replacing whole lines as VS Code does. */
  load(text: string): void {
    const changes = wholeLineChanges(this.shown, Text.of(text));
    if (changes.length === 0) return;
    this.onRemoteEdit(changes);
    this.isLoaded = true;
    this.#change(changes, 'disk');
  }

  /** The window is gone, with all that was on its way. */
  crash(): void {
    this.#isGone = true;
    this.#toHost.cut();
    this.#toRenderer.cut();
    this.#listeners.clear();
  }

  /** As VS Code does next to half of a pair: the last change takes along the character behind it. */
  #overreach(changes: Changes): Changes {
    const last = changes.at(-1);
    if (!last || this.overreachChance === 0 || this.isLoaded) return changes;
    if (!this.#random.chance(this.overreachChance)) return changes;
    const line = this.shown.line(last.endLine);
    const next = line.codePointAt(last.endCharacter);
    if (next === undefined) return changes;
    this.hasOverreached = true;
    const endCharacter = last.endCharacter + String.fromCodePoint(next).length;
    return [...changes.slice(0, -1), { ...last, endCharacter }];
  }

  #change(changes: Changes, cause: DocumentChange['cause']): void {
    if (this.#isGone) return;
    this.#native[cause === 'undo' ? 'redo' : 'undo'].push(invert(changes, this.shown));
    if (cause === 'edit' || cause === 'disk') this.#native.redo = [];
    this.shown = this.shown.apply(changes);
    const event: DocumentChange = { version: ++this.shownVersion, changes, cause };
    this.#toHost.send(() => {
      this.version = event.version;
      this.#text = this.#text.apply(changes);
      for (const listener of this.#listeners) listener(event);
    });
  }
}

/** One change from the first line that differs to the last. */
function wholeLineChanges(before: Text, after: Text): Changes {
  const old = [...before.lines()];
  const fresh = [...after.lines()];
  const most = Math.min(old.length, fresh.length);
  let first = 0;
  while (first < most && old[first] === fresh[first]) first++;
  if (first === old.length && first === fresh.length) return [];
  let last = 0;
  while (last < most - first && old.at(-1 - last) === fresh.at(-1 - last)) last++;
  if (first + last === old.length || first + last === fresh.length) {
    return [
      {
        startLine: 0,
        startCharacter: 0,
        endLine: before.end.line,
        endCharacter: before.end.character,
        text: after.toString(),
      },
    ];
  }
  const endLine = old.length - 1 - last;
  return [
    {
      startLine: first,
      startCharacter: 0,
      endLine,
      endCharacter: old[endLine]!.length,
      text: fresh.slice(first, fresh.length - last).join('\n'),
    },
  ];
}
