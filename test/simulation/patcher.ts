import { type Change, type Changes, replace } from '../../src/core/change.ts';
import type { Batch, SubmittedOp } from '../../src/core/op.ts';
import type { Text } from '../../src/core/text.ts';
import type { IdSource, WorldFileEvent } from '../../src/sync/ports.ts';
import type { Ledger, SeenEdit, Tokens } from './keystrokes.ts';
import { FILE_ID, type Network, type NetworkFile } from './network.ts';
import type { Random } from './random.ts';

/** An agent: no editor; it reads the text it knows and sends whole patches on that version. */
export class Patcher {
  readonly name: string;
  readonly file: NetworkFile;
  readonly #network: Network;
  readonly #random: Random;
  readonly #ids: IdSource;
  readonly #tokens: Tokens;
  readonly #ledger: Ledger;
  readonly #pauseMs: number;
  #text: Text;
  #version: number;
  #sent: { readonly batch: Batch; readonly edits: readonly SeenEdit[] } | undefined;
  #untilMs = 0;
  /** Edits that the world refused and the agent was told about. */
  readonly refused: SeenEdit[] = [];

  constructor(
    name: string,
    network: Network,
    ids: IdSource,
    tokens: Tokens,
    ledger: Ledger,
    pauseMs: number,
  ) {
    this.name = name;
    this.#network = network;
    this.#random = network.random.fork();
    this.#ids = ids;
    this.#tokens = tokens;
    this.#ledger = ledger;
    this.#pauseMs = pauseMs;
    this.#version = network.authority.history.length + 1;
    this.#text = network.authority.textAt(this.#version);
    this.file = network.open(name, this.#version);
    this.file.onEvent((event) => this.#hear(event));
  }

  get isSettled(): boolean {
    return !this.#sent;
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
      if (!this.#sent && this.file.isConnected) this.#patch();
      this.#next();
    });
  }

  #hear(event: WorldFileEvent): void {
    if (event.tag === 'committed' && event.op.version === this.#version + 1) {
      this.#text = this.#text.apply(event.op.changes);
      this.#version++;
    }
    if (event.tag === 'connected' && this.#sent) this.file.send(this.#sent.batch);
    if (event.tag === 'answered' && event.batchId === this.#sent?.batch.batchId) {
      if (event.answer.tag === 'refused') this.refused.push(...this.#sent.edits);
      this.#sent = undefined;
    }
  }

  #patch(): void {
    const ops: SubmittedOp[] = [];
    const edits: SeenEdit[] = [];
    let text = this.#text;
    for (let count = this.#random.chance(0.2) ? 2 : 1; count > 0; count--) {
      const changes = this.#changes(text);
      edits.push(this.#ledger.note(this.name, this.#network.time.nowMs(), text, changes));
      text = text.apply(changes);
      ops.push({
        opId: this.#ids.next(),
        fileId: FILE_ID,
        expectedBaseVersion: ops.length === 0 ? this.#version : 0,
        intent: 'patch',
        author: '',
        carriedFrom: 0,
        overlaps: [],
        rangeHashes: [],
        changes,
      });
    }
    const batch: Batch = { batchId: this.#ids.next(), extends: 0, ops };
    this.#sent = { batch, edits };
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
