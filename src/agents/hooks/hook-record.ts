import {
  type AgentRecord,
  type FileEntry,
  MemoryRecord,
  type ToldEntry,
} from '../tools/agent-record.ts';

/**
 * What a client's own file tools gave an agent. It is kept apart from what the tools of the server gave it:
 * those edit on the text that they gave, and a hook cannot know which text the client showed. Messages and
 * tickets are shared, so that nothing is told twice.
 */
export class HookRecord implements AgentRecord {
  readonly #own = new MemoryRecord();
  readonly #shared: AgentRecord;

  constructor(shared: AgentRecord) {
    this.#shared = shared;
  }

  file(fileId: number): FileEntry | undefined {
    return this.#own.file(fileId);
  }

  fileAt(path: string): FileEntry | undefined {
    return this.#own.fileAt(path);
  }

  files(): readonly FileEntry[] {
    return this.#own.files();
  }

  putFile(entry: FileEntry): void {
    this.#own.putFile(entry);
  }

  told(): ToldEntry {
    return { ...this.#shared.told(), claims: this.#own.told().claims };
  }

  putTold(entry: ToldEntry): void {
    this.#own.putTold(entry);
    this.#shared.putTold({ ...entry, claims: this.#shared.told().claims });
  }
}
