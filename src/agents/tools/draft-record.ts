import { type AgentRecord, type FileEntry, newestAt, type ToldEntry } from './agent-record.ts';

/** What would be noted in a record, until it is kept. */
export class DraftRecord implements AgentRecord {
  readonly #base: AgentRecord;
  readonly #files = new Map<number, FileEntry>();
  #told: ToldEntry | undefined;

  constructor(base: AgentRecord) {
    this.#base = base;
  }

  file(fileId: number): FileEntry | undefined {
    return this.#files.get(fileId) ?? this.#base.file(fileId);
  }

  fileAt(path: string): FileEntry | undefined {
    return newestAt(this.files(), path);
  }

  files(): readonly FileEntry[] {
    const others = this.#base.files().filter(({ fileId }) => !this.#files.has(fileId));
    return [...others, ...this.#files.values()];
  }

  putFile(entry: FileEntry): void {
    this.#files.set(entry.fileId, entry);
  }

  told(): ToldEntry {
    return this.#told ?? this.#base.told();
  }

  putTold(entry: ToldEntry): void {
    this.#told = entry;
  }

  /** Notes it. */
  keep(): void {
    for (const entry of this.#files.values()) this.#base.putFile(entry);
    if (this.#told) this.#base.putTold(this.#told);
    this.#files.clear();
    this.#told = undefined;
  }
}
