import { type Change, type Changes, replace } from '../../src/core/change.ts';
import type { Batch, SubmittedOp } from '../../src/core/op.ts';
import type { Text } from '../../src/core/text.ts';
import { minimalChanges } from '../../src/sync/minimal-changes.ts';
import type { IdSource, WorldFileEvent } from '../../src/sync/ports.ts';
import type { Ledger, SeenEdit, Tokens } from './keystrokes.ts';
import { FILE_ID, type Network, type NetworkFile } from './network.ts';
import type { Random } from './random.ts';

/**
 * What an agent is like: it patches what it knows; the same without pause or waiting for answers; it dies in
 * the middle of calls and begins anew; or it writes whole files, also from a copy that it read a while ago.
 */
export type AgentHabit = 'patches' | 'floods' | 'crashes' | 'writes';

/** Calls of one agent that wait for an answer. */
const MOST_CALLS = { patches: 1, floods: 8, crashes: 1, writes: 1 } as const;

interface SentCall {
  readonly batch: Batch;
  readonly edits: readonly SeenEdit[];
}

/** An agent: no editor; it reads the text it knows and sends whole patches on that version. */
export class Patcher {
  readonly name: string;
  readonly habit: AgentHabit;
  file: NetworkFile;
  readonly #network: Network;
  readonly #random: Random;
  readonly #ids: IdSource;
  readonly #tokens: Tokens;
  readonly #ledger: Ledger;
  readonly #pauseMs: number;
  #text: Text;
  #version: number;
  /** As of when it last read the file, if it keeps a copy. */
  #copy: { readonly text: Text; readonly version: number } | undefined;
  readonly #sent = new Map<string, SentCall>();
  #untilMs = 0;
  /** Edits that the world refused and the agent was told about, or that it died over. */
  readonly refused: SeenEdit[] = [];

  constructor(
    name: string,
    network: Network,
    ids: IdSource,
    tokens: Tokens,
    ledger: Ledger,
    pauseMs: number,
    habit: AgentHabit = 'patches',
  ) {
    this.name = name;
    this.habit = habit;
    this.#network = network;
    this.#random = network.random.fork();
    this.#ids = ids;
    this.#tokens = tokens;
    this.#ledger = ledger;
    this.#pauseMs = habit === 'floods' ? Math.ceil(pauseMs / 30) : pauseMs;
    this.#version = network.authority.history.length + 1;
    this.#text = network.authority.textAt(this.#version);
    this.file = this.#enter();
  }

  #enter(): NetworkFile {
    const file = this.#network.open(this.name, this.#version);
    file.onEvent((event) => this.#hear(event));
    return file;
  }

  get isSettled(): boolean {
    return this.#sent.size === 0;
  }

  get text(): string {
    return this.#text.toString();
  }

  start(untilMs: number): void {
    this.#untilMs = untilMs;
    this.#next();
  }

  #next(): void {
    this.#network.time.after(this.#random.integer(1, this.#pauseMs * 2), () => {
      if (this.#network.time.nowMs() >= this.#untilMs) return;
      const mayCall = this.#sent.size < MOST_CALLS[this.habit] && this.file.isConnected;
      if (mayCall) this.#call();
      this.#next();
    });
  }

  #hear(event: WorldFileEvent): void {
    if (event.tag === 'committed' && event.op.version === this.#version + 1) {
      this.#text = this.#text.apply(event.op.changes);
      this.#version++;
    }
    if (event.tag === 'connected')
      for (const { batch } of this.#sent.values()) this.file.send(batch);
    if (event.tag === 'answered') {
      const sent = this.#sent.get(event.batchId);
      if (event.answer.tag === 'refused') this.refused.push(...(sent?.edits ?? []));
      this.#sent.delete(event.batchId);
    }
  }

  #call(): void {
    if (this.habit === 'writes') this.#write();
    else this.#patch();
    if (this.habit !== 'crashes' || this.#random.chance(0.5)) return;
    // Before the call is there, while the world has it, or with the answer on its way.
    const { time, delay } = this.#network;
    void time.after(this.#random.integer(0, 2 * delay.maxMs), () => this.#crash());
  }

  /** Dies with all that it had in mind, and begins anew with what is there then. */
  #crash(): void {
    if (this.#sent.size === 0) return;
    for (const { edits } of this.#sent.values()) this.refused.push(...edits);
    this.#sent.clear();
    this.file.close();
    this.#version = this.#network.authority.history.length + 1;
    this.#text = this.#network.authority.textAt(this.#version);
    this.file = this.#enter();
  }

  /** Writes the file as it reads it, or read it a while ago, with changes in several places. */
  #write(): void {
    if (!this.#copy || this.#random.chance(0.4)) {
      this.#copy = { text: this.#text, version: this.#version };
    }
    const { text, version } = this.#copy;
    const wanted = text.apply(this.#changes(text));
    const changes = minimalChanges(text, wanted.toString());
    const edit = this.#ledger.note(this.name, this.#network.time.nowMs(), text, changes);
    this.#send([this.#op(version, changes)], [edit]);
    // It has written what nobody else has: the next time it reads anew.
    this.#copy = undefined;
  }

  #patch(): void {
    const ops: SubmittedOp[] = [];
    const edits: SeenEdit[] = [];
    let text = this.#text;
    for (let count = this.#random.chance(0.2) ? 2 : 1; count > 0; count--) {
      const changes = this.#changes(text);
      edits.push(this.#ledger.note(this.name, this.#network.time.nowMs(), text, changes));
      text = text.apply(changes);
      ops.push(this.#op(ops.length === 0 ? this.#version : 0, changes));
    }
    this.#send(ops, edits);
  }

  #op(expectedBaseVersion: number, changes: Changes): SubmittedOp {
    return {
      opId: this.#ids.next(),
      fileId: FILE_ID,
      expectedBaseVersion,
      intent: 'patch',
      author: '',
      carriedFrom: 0,
      overlaps: [],
      rangeHashes: [],
      changes,
    };
  }

  #send(ops: readonly SubmittedOp[], edits: readonly SeenEdit[]): void {
    const batch: Batch = { batchId: this.#ids.next(), extends: 0, ops };
    this.#sent.set(batch.batchId, { batch, edits });
    this.file.send(batch);
  }

  #changes(text: Text): Changes {
    const line = this.#random.integer(0, text.lineCount - 1);
    const content = text.line(line);
    const start = { line, character: 0 };
    const kind = this.#random.next();
    if (kind < 0.3) return [replace(start, start, `${this.#tokens.several(4)}\n`)];
    if (kind < 0.6) {
      return [replace(start, { line, character: content.length }, this.#tokens.several(5))];
    }
    const end = { line, character: content.length };
    const changes: Change[] = [replace(end, end, this.#tokens.several(2))];
    if (line + 2 < text.lineCount) {
      const later = { line: line + 2, character: 0 };
      changes.push(replace(later, later, this.#tokens.several(2)));
    }
    return changes;
  }
}
