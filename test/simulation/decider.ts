import type { TypedText } from '../../src/editor/typed-texts.ts';
import {
  type KeptTexts,
  type ShownTexts,
  WrittenResult,
} from '../../src/views/conflicts/written-result.ts';
import type { Disputed } from './authority.ts';
import { DelayedLine, type DelayRange } from './delayed-line.ts';
import type { Ledger, Tokens } from './keystrokes.ts';
import type { Network } from './network.ts';
import type { IdSource } from '../../src/sync/ports.ts';
import type { Random } from './random.ts';

/** What the page of a window shows of a conflict, and what stands in its field. */
interface Page {
  readonly texts: ShownTexts;
  readonly seen: number;
  field: string;
  isWritten: boolean;
}

/** Somebody who writes in a window what should stand in place of a conflict, while others write on. */
export class Decider {
  readonly name: string;
  /** What the disk has of their fields. */
  readonly disk = new Map<string, TypedText>();
  /** Every character that they wrote into a field, and when. */
  readonly wrote = new Map<string, number>();
  /** Decisions that were carried out, and those that met a head that had moved. */
  done = 0;
  moved = 0;
  readonly #network: Network;
  readonly #random: Random;
  readonly #ids: IdSource;
  readonly #tokens: Tokens;
  readonly #ledger: Ledger;
  readonly #editorDelay: DelayRange;
  readonly #diskDelayMs: number;
  #life: WindowLife;
  #untilMs = 0;

  constructor(
    name: string,
    network: Network,
    ids: IdSource,
    tokens: Tokens,
    ledger: Ledger,
    delays: { readonly editorDelay: DelayRange; readonly diskDelayMs: number },
  ) {
    this.name = name;
    this.#network = network;
    this.#random = network.random.fork();
    this.#ids = ids;
    this.#tokens = tokens;
    this.#ledger = ledger;
    this.#editorDelay = delays.editorDelay;
    this.#diskDelayMs = delays.diskDelayMs;
    this.#life = this.#begin();
  }

  get isDeciding(): boolean {
    return this.#life.isDeciding;
  }

  /** How long before a crash a key may have been pressed that nobody could write down. */
  get graceMs(): number {
    return 4 * this.#editorDelay.maxMs + 3 * this.#diskDelayMs + 50;
  }

  start(untilMs: number): void {
    this.#untilMs = untilMs;
    this.#next();
  }

  /** The window is gone at once: what it had not written is excused. */
  crash(): void {
    const { time } = this.#network;
    this.#life.end();
    for (const [token, atMs] of this.wrote) {
      if (atMs >= time.nowMs() - this.graceMs) this.wrote.delete(token);
    }
    this.#life = this.#begin();
  }

  #begin(): WindowLife {
    const { time } = this.#network;
    return new WindowLife(this, {
      network: this.#network,
      random: this.#random,
      ids: this.#ids,
      ledger: this.#ledger,
      toPage: new DelayedLine(time, this.#random, this.#editorDelay),
      toHost: new DelayedLine(time, this.#random, this.#editorDelay),
      store: new DiskStore(this.disk, this.#network, this.#random, this.#diskDelayMs),
    });
  }

  #next(): void {
    this.#network.time.after(this.#random.integer(20, 200), () => {
      if (this.#network.time.nowMs() >= this.#untilMs) return;
      this.#act();
      this.#next();
    });
  }

  #act(): void {
    const kind = this.#random.next();
    if (kind < 0.15) this.#life.hide();
    else if (kind < 0.4) this.#life.lookAtAny();
    else if (kind < 0.85) {
      const token = this.#tokens.next();
      if (this.#life.press(token)) this.wrote.set(token, this.#network.time.nowMs());
    } else this.#life.apply();
  }
}

interface LifeParts {
  readonly network: Network;
  readonly random: Random;
  readonly ids: IdSource;
  readonly ledger: Ledger;
  readonly toPage: DelayedLine;
  readonly toHost: DelayedLine;
  readonly store: DiskStore;
}

/** One window from its beginning to its end: the page that is typed in, and what stands behind it. */
class WindowLife {
  readonly #decider: Decider;
  readonly #parts: LifeParts;
  readonly #written: WrittenResult;
  #page: Page | undefined;
  /** What the window has heard of the conflict that it shows. */
  #edit: Disputed | undefined;
  #isOver = false;
  isDeciding = false;

  constructor(decider: Decider, parts: LifeParts) {
    this.#decider = decider;
    this.#parts = parts;
    this.#written = new WrittenResult(() => parts.store);
    this.#hear();
  }

  end(): void {
    this.#isOver = true;
    this.isDeciding = false;
    this.#parts.store.crash();
    this.#parts.toPage.cut();
    this.#parts.toHost.cut();
  }

  /** Another tab stands before it: the page is made anew, and says when it is there. */
  hide(): void {
    this.#page = undefined;
    this.#parts.toPage.cut();
    this.#parts.toHost.send(() => this.#render());
  }

  lookAtAny(): void {
    if (this.isDeciding) return;
    const all = this.#disputed();
    if (all.length > 0) void this.#look(this.#parts.random.pick(all));
  }

  /** Types a character; false where there is no field. */
  press(token: string): boolean {
    const page = this.#page;
    if (!page) return false;
    // They write anew: what others typed may be in several proposals, and would be there twice.
    if (page.field === page.texts.refusedText) page.field = '';
    page.field += token;
    page.isWritten = true;
    const { texts, field } = page;
    this.#parts.toHost.send(() => {
      const edit = this.#disputed().find(({ refusedId }) => refusedId === texts.refusedId);
      // As the window knows it, or as it was when it was shown.
      this.#written.write(edit ?? texts, field);
    });
    return true;
  }

  apply(): void {
    const page = this.#page;
    if (page?.isWritten !== true) return;
    const { texts, seen, field } = page;
    this.#parts.toHost.send(() => {
      const edit = this.#edit;
      if (this.isDeciding || !edit) return;
      if (texts.refusedId !== edit.refusedId || !this.#written.isShown(seen)) {
        this.#decider.moved++;
        this.#render();
        return;
      }
      this.isDeciding = true;
      this.#deliver(this.#parts.ids.next(), edit, field, texts.currentText);
    });
  }

  async #look(edit: Disputed): Promise<void> {
    this.#edit = edit;
    await this.#written.look(edit.refusedId);
    this.#render();
  }

  #disputed(): readonly Disputed[] {
    return this.#parts.network.authority.disputed?.() ?? [];
  }

  /** What the world tells comes later than it is so. */
  #hear(): void {
    const { network, random } = this.#parts;
    const now = this.#disputed();
    network.time.after(random.integer(network.delay.minMs, network.delay.maxMs) + 5, () => {
      if (this.#isOver) return;
      const before = this.#edit;
      if (before && !this.isDeciding) {
        this.#edit = now.find(({ refusedId }) => refusedId === before.refusedId);
        if (JSON.stringify(this.#edit) !== JSON.stringify(before)) this.#render();
      }
      this.#hear();
    });
  }

  #render(): void {
    const edit = this.#edit;
    if (!edit || this.isDeciding) return;
    const seen = this.#written.show(edit);
    const result = this.#written.textFor(edit.refusedId) ?? edit.refusedText;
    this.#parts.toPage.send(() => {
      const page = this.#page;
      const isWritten = page?.texts.refusedId === edit.refusedId && page.isWritten;
      const field = isWritten ? page.field : result;
      this.#page = { texts: edit, seen, field, isWritten };
    });
  }

  /** Sends a decision until it is answered; `seenText` is what the page showed as it was pressed. */
  #deliver(opId: string, edit: Disputed, text: string, seenText: string): void {
    const { network, random, ledger } = this.#parts;
    const delayMs = (): number => random.integer(network.delay.minMs, network.delay.maxMs);
    network.time.after(delayMs(), async () => {
      if (this.#isOver) return;
      if (random.chance(0.1)) return this.#deliver(opId, edit, text, seenText);
      const code = await network.decide(this.#decider.name, opId, edit, text);
      if (code === 'ok') {
        ledger.noteDecision(this.#decider.name, opId, network.time.nowMs(), seenText, text);
      }
      network.time.after(delayMs(), () => {
        if (this.#isOver) return;
        if (random.chance(0.1)) return this.#deliver(opId, edit, text, seenText);
        this.isDeciding = false;
        this.#answered(edit, code, text);
      });
    });
  }

  #answered({ refusedId }: Disputed, code: string, text: string): void {
    if (code === 'head_moved') this.#decider.moved++;
    if (code === 'ok') {
      this.#decider.done++;
      this.#written.applied(refusedId, text);
    }
    if (code === 'ok' || code === 'already_resolved') {
      this.#edit = undefined;
      this.#page = undefined;
    } else this.#render();
  }
}

/** The disk as one window writes it, as late as it may be. */
class DiskStore implements KeptTexts {
  readonly #disk: Map<string, TypedText>;
  readonly #network: Network;
  readonly #random: Random;
  readonly #delayMs: number;
  readonly #held = new Map<string, TypedText | undefined>();
  readonly #writing = new Set<string>();
  #isGone = false;

  constructor(disk: Map<string, TypedText>, network: Network, random: Random, delayMs: number) {
    this.#disk = disk;
    this.#network = network;
    this.#random = random;
    this.#delayMs = delayMs;
  }

  keep(field: string, text: string | (() => string), about = ''): void {
    this.#put(field, { text: typeof text === 'string' ? text : text(), about });
  }

  forget(field: string): void {
    this.#put(field, undefined);
  }

  read(field: string): Promise<TypedText | undefined> {
    const held = this.#held.has(field) ? this.#held.get(field) : this.#disk.get(field);
    this.#network.time.noteSettled();
    return Promise.resolve(held);
  }

  crash(): void {
    this.#isGone = true;
  }

  #put(field: string, held: TypedText | undefined): void {
    this.#held.set(field, held);
    if (this.#writing.has(field)) return;
    this.#writing.add(field);
    this.#network.time.after(this.#random.integer(0, this.#delayMs), () => {
      this.#writing.delete(field);
      if (this.#isGone) return;
      const last = this.#held.get(field);
      if (last) this.#disk.set(field, last);
      else this.#disk.delete(field);
      this.#held.delete(field);
    });
  }
}
