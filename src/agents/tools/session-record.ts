/**
 * Owns: which of an agent's records a server goes on with: one of its own until the client says by a hook which
 * session it is for, and then that session's, also after a restart. Does not know: what a record holds.
 */
import type { AgentRecord, FileEntry, ToldEntry } from './agent-record.ts';
import { RecordOnDisk, type RecordKey } from './record-on-disk.ts';

export interface SessionRecordOptions extends Omit<RecordKey, 'clientSession'> {
  /** Of a session that nobody has named yet. */
  readonly unnamed: string;
  readonly nowMs: () => number;
}

export class SessionRecord implements AgentRecord {
  readonly #options: SessionRecordOptions;
  #record: RecordOnDisk;
  #followed: string | undefined;

  constructor(options: SessionRecordOptions) {
    this.#options = options;
    this.#record = this.#open(options.unnamed);
  }

  /**
   * The client works for this session of its own from now on; empty for an unknown one. What the server gave
   * and told before the first was named belongs to that. A later one begins with what it had, if anything: its
   * model does not know what another session was given.
   */
  follow(clientSession: string): void {
    if (clientSession === '' || clientSession === this.#followed) return;
    const before = this.#record;
    before.flush();
    this.#record = this.#open(clientSession);
    if (this.#followed === undefined) {
      this.#record.takeOver(before);
      before.remove();
    }
    this.#followed = clientSession;
  }

  file(fileId: number): FileEntry | undefined {
    return this.#record.file(fileId);
  }

  fileAt(path: string): FileEntry | undefined {
    return this.#record.fileAt(path);
  }

  files(): readonly FileEntry[] {
    return this.#record.files();
  }

  putFile(entry: FileEntry): void {
    this.#record.putFile(entry);
  }

  told(): ToldEntry {
    return this.#record.told();
  }

  putTold(entry: ToldEntry): void {
    this.#record.putTold(entry);
  }

  flush(): void {
    this.#record.flush();
  }

  #open(clientSession: string): RecordOnDisk {
    const { nowMs } = this.#options;
    return RecordOnDisk.open({ ...this.#options, clientSession }, nowMs, TRUST_MS);
  }
}

/** A call looks at it several times. */
const TRUST_MS = 2;
