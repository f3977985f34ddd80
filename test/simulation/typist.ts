import { type Change, type Changes, replace } from '../../src/core/change.ts';
import { mapPosition } from '../../src/core/map-position.ts';
import { comparePositions, endOfInserted, type Position } from '../../src/core/position.ts';
import type { EditorModel } from './editor-model.ts';
import type { Ledger, Tokens } from './keystrokes.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How a typist works. */
export interface Habits {
  /** Between two keys of a burst. */
  readonly keyMs: number;
  readonly pauseMs: number;
  /** How likely a jump goes to the first lines, where others are. */
  readonly hotChance: number;
  /** How likely a burst is one of steps taken back and made again. */
  readonly undoChance: number;
  /** How likely the editor does so by itself, others' work included. */
  readonly nativeChance: number;
}

/** Somebody at a keyboard, who sees what the editor shows and types into that. */
export class Typist {
  readonly name: string;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #tokens: Tokens;
  readonly #ledger: Ledger;
  readonly #habits: Habits;
  /** The keys for taking a step back and making it again, which the window hears. */
  onTakeBack: (kind: 'undo' | 'redo') => void = () => {};
  #editor: EditorModel | undefined;
  #cursor: Position = { line: 0, character: 0 };
  #keysLeft = 0;
  #isTyping = false;
  #untilMs = 0;

  constructor(
    name: string,
    time: VirtualTime,
    random: Random,
    tokens: Tokens,
    ledger: Ledger,
    habits: Habits,
  ) {
    this.name = name;
    this.#time = time;
    this.#random = random;
    this.#tokens = tokens;
    this.#ledger = ledger;
    this.#habits = habits;
  }

  /** Sits down at a window. */
  use(editor: EditorModel): void {
    this.#editor = editor;
    this.#cursor = this.#randomPlace();
    editor.onRemoteEdit = (changes) => {
      if (this.#editor === editor) this.#cursor = mapPosition(this.#cursor, changes, 'before');
    };
  }

  /** Gets up, for instance because the window crashed. */
  leave(): void {
    this.#editor = undefined;
  }

  start(untilMs: number): void {
    this.#untilMs = untilMs;
    if (this.#isTyping) return;
    this.#isTyping = true;
    this.#next(this.#random.integer(0, this.#habits.pauseMs));
  }

  #next(delayMs: number): void {
    this.#time.after(delayMs, () => {
      if (this.#time.nowMs() >= this.#untilMs) {
        this.#isTyping = false;
        return;
      }
      const editor = this.#editor;
      if (editor) this.#act(editor);
      const { keyMs, pauseMs } = this.#habits;
      const isInBurst = this.#keysLeft > 0;
      this.#next(
        isInBurst
          ? this.#random.integer(keyMs / 2, keyMs * 2)
          : this.#random.integer(1, pauseMs * 2),
      );
    });
  }

  #act(editor: EditorModel): void {
    if (this.#keysLeft > 0) {
      this.#keysLeft--;
      this.#press(editor);
      return;
    }
    if (this.#habits.undoChance > 0 && this.#random.chance(this.#habits.undoChance)) {
      this.#takeBack(editor);
      return;
    }
    if (this.#random.chance(0.6)) this.#cursor = this.#randomPlace();
    const kind = this.#random.next();
    if (kind < 0.7) this.#keysLeft = this.#random.integer(1, 25);
    else if (kind < 0.8) this.#paste(editor);
    else if (kind < 0.92) this.#replaceSelection(editor);
    else this.#typeAtSeveralPlaces(editor);
  }

  #takeBack(editor: EditorModel): void {
    const isNative = this.#random.chance(this.#habits.nativeChance);
    const undos = this.#random.integer(1, 3);
    const redos = this.#random.integer(0, undos);
    for (let count = 0; count < undos + redos; count++) {
      const kind = count < undos ? 'undo' : 'redo';
      if (isNative) editor.takeNative(kind);
      else this.onTakeBack(kind);
    }
  }

  #press(editor: EditorModel): void {
    const kind = this.#random.next();
    const { line, character } = this.#cursor;
    if (kind < 0.74) this.#edit(editor, replace(this.#cursor, this.#cursor, this.#tokens.next()));
    else if (kind < 0.9) this.#backspace(editor);
    else if (kind < 0.95) {
      this.#edit(editor, replace(this.#cursor, this.#cursor, `\n${this.#tokens.next()}`));
    } else if (kind < 0.98) {
      const end = this.#rightOf(this.#rightOf(this.#cursor));
      if (comparePositions(this.#cursor, end) < 0)
        this.#edit(editor, replace(this.#cursor, end, ''));
    } else {
      const start = { line, character: 0 };
      const end = this.#rightOf({ line, character: editor.shown.line(line).length });
      if (character < 12 && comparePositions(start, end) < 0)
        this.#edit(editor, replace(start, end, ''));
    }
  }

  #backspace(editor: EditorModel): void {
    const start = this.#leftOf(this.#cursor);
    if (comparePositions(start, this.#cursor) < 0) {
      this.#edit(editor, replace(start, this.#cursor, ''));
    }
  }

  #paste(editor: EditorModel): void {
    const lines = this.#random.integer(1, 4);
    const text = Array.from({ length: lines }, () =>
      this.#tokens.several(this.#random.integer(1, 6)),
    );
    const end = this.#random.chance(0.3) ? '\n' : '';
    this.#edit(editor, replace(this.#cursor, this.#cursor, text.join('\n') + end));
  }

  #replaceSelection(editor: EditorModel): void {
    let end = this.#cursor;
    for (let step = this.#random.integer(1, 10); step > 0; step--) end = this.#rightOf(end);
    const text = this.#random.chance(0.6) ? this.#tokens.several(this.#random.integer(1, 3)) : '';
    if (comparePositions(this.#cursor, end) < 0 || text !== '') {
      this.#edit(editor, replace(this.#cursor, end, text));
    }
  }

  #typeAtSeveralPlaces(editor: EditorModel): void {
    const places = Array.from({ length: this.#random.integer(2, 4) }, () => this.#randomPlace());
    places.sort(comparePositions);
    const distinct = places.filter(
      (place, index) => index === 0 || comparePositions(places[index - 1]!, place) < 0,
    );
    const changes: Change[] = [];
    for (const [index, place] of distinct.entries()) {
      const next = distinct[index + 1];
      let end = this.#random.chance(0.3) ? this.#rightOf(place) : place;
      if (next && comparePositions(end, next) >= 0) end = place;
      changes.push(replace(place, end, this.#tokens.next()));
    }
    this.#send(editor, changes);
  }

  #edit(editor: EditorModel, change: Change): void {
    this.#send(editor, [change]);
    const start = { line: change.startLine, character: change.startCharacter };
    this.#cursor = endOfInserted(start, change.text);
  }

  #send(editor: EditorModel, changes: Changes): void {
    const isSettledText = !editor.isLoaded;
    this.#ledger.note(this.name, this.#time.nowMs(), editor.shown, changes, isSettledText);
    editor.type(changes);
    this.#cursor = mapPosition(this.#cursor, changes, 'after');
  }

  #randomPlace(): Position {
    const text = this.#editor!.shown;
    const last = text.lineCount - 1;
    const isHot = this.#random.chance(this.#habits.hotChance);
    const line = this.#random.integer(0, isHot ? Math.min(2, last) : last);
    const character = this.#random.integer(0, text.line(line).length);
    const place = { line, character };
    return text.contains(place) ? place : { line, character: character - 1 };
  }

  #leftOf({ line, character }: Position): Position {
    const text = this.#editor!.shown;
    if (character === 0) {
      return line === 0
        ? { line, character }
        : { line: line - 1, character: text.line(line - 1).length };
    }
    const place = { line, character: character - 1 };
    return text.contains(place) ? place : { line, character: character - 2 };
  }

  #rightOf({ line, character }: Position): Position {
    const text = this.#editor!.shown;
    if (character >= text.line(line).length) {
      return line + 1 < text.lineCount ? { line: line + 1, character: 0 } : { line, character };
    }
    const place = { line, character: character + 1 };
    return text.contains(place) ? place : { line, character: character + 2 };
  }
}
