/** Owns: what is shown of a run, bounded: entries in their order, and which of them changed. */
import type { RunContent, RunEntry } from './agent-run.ts';

interface RunEntriesOptions {
  readonly nowMs: () => number;
  /** Something is new, other or gone. */
  readonly onChange: () => void;
}

export class RunEntries {
  readonly #options: RunEntriesOptions;
  #entries: RunEntry[] = [];
  readonly #sizes = new Map<string, number>();
  #size = 0;
  #lastId = 0;
  #leftOut = 0;
  /** Those that are new, other or gone. */
  #changed = new Set<string>();

  constructor(options: RunEntriesOptions) {
    this.#options = options;
  }

  get all(): readonly RunEntry[] {
    return this.#entries;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  get last(): RunEntry | undefined {
    return this.#entries.at(-1);
  }

  find(id: string): RunEntry | undefined {
    // What changes is nearly always among the last.
    return this.#entries.findLast((entry) => entry.id === id);
  }

  /** Returns the id of the new entry. */
  add(content: RunContent): string {
    const id = String(++this.#lastId);
    this.#entries = [...this.#entries, { ...content, id, atMs: this.#options.nowMs() }];
    this.#count(id, content);
    this.#makeRoom();
    this.#tell(id);
    return id;
  }

  /** False where the entry is gone. */
  replace(id: string, content: RunContent): boolean {
    const at = this.#entries.findLastIndex((entry) => entry.id === id);
    const entry = this.#entries[at];
    if (!entry) return false;
    this.#entries = this.#entries.with(at, { ...content, id, atMs: entry.atMs });
    this.#count(id, content);
    this.#makeRoom();
    this.#tell(id);
    return true;
  }

  /** What changed since this was asked last. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  #count(id: string, content: RunContent): void {
    const size = sizeOf(content);
    this.#size += size - (this.#sizes.get(id) ?? 0);
    this.#sizes.set(id, size);
  }

  #makeRoom(): void {
    while (this.#entries.length > MOST_ENTRIES || this.#size > MOST_SIZE) {
      // A question that waits for its answer stays, and so does what was said last.
      const at = this.#entries.findIndex((entry) => !isWaiting(entry));
      if (at < 0 || at >= this.#entries.length - 1) return;
      const { id } = this.#entries[at]!;
      this.#entries = this.#entries.toSpliced(at, 1);
      this.#size -= this.#sizes.get(id) ?? 0;
      this.#sizes.delete(id);
      this.#leftOut++;
      this.#changed.add(id);
    }
  }

  #tell(id: string): void {
    this.#changed.add(id);
    this.#options.onChange();
  }
}

function isWaiting(entry: RunEntry): boolean {
  return entry.kind === 'permission' && entry.outcome.tag === 'open';
}

/** In UTF-16 code units, about. */
function sizeOf(content: RunContent): number {
  switch (content.kind) {
    case 'prompt':
    case 'answer':
    case 'thought':
    case 'notice':
      return content.text.length;
    case 'plan':
      return content.steps.reduce((sum, { text }) => sum + text.length, 0);
    case 'tool':
    case 'permission': {
      const { diffs, text, title } = content.tool;
      const texts = diffs.map(({ oldText = '', newText }) => oldText.length + newText.length);
      return texts.reduce((sum, each) => sum + each, text.length + title.length);
    }
    case 'file':
      return content.message.length;
    case 'end':
      return 0;
  }
}

const MOST_ENTRIES = 500;
/** In UTF-16 code units. */
const MOST_SIZE = 4 * 1024 * 1024;
