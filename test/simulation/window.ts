import { createHash } from 'node:crypto';
import { DEFAULT_BINDING_OPTIONS, DocumentBinding } from '../../src/sync/document-binding.ts';
import { comingText } from '../../src/sync/document-state.ts';
import { readJournal, sentBaseVersion } from '../../src/sync/draft-journal.ts';
import type { WaitingKeys } from '../../src/sync/pending-edit.ts';
import type { IdSource, SyncLog } from '../../src/sync/ports.ts';
import type { UndoKind } from '../../src/sync/undo-stack.ts';
import type { Changes } from '../../src/core/change.ts';
import type { Text } from '../../src/core/text.ts';
import type { DelayRange } from './delayed-line.ts';
import { DiskModel } from './disk-model.ts';
import { EditorModel } from './editor-model.ts';
import type { Network, NetworkFile } from './network.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface WindowOptions {
  readonly editorDelay: DelayRange;
  readonly diskDelayMs: number;
  readonly waitingKeys: WaitingKeys;
  readonly overreachChance: number;
}

/** One window of one author: an editor, a binding and a connection, which can crash together. */
export class Window {
  readonly actor: string;
  readonly disk: DiskModel;
  readonly editorDelay: DelayRange;
  editor!: EditorModel;
  binding!: DocumentBinding;
  file!: NetworkFile;
  /** Called with each new editor. */
  onOpened: (editor: EditorModel) => void = () => {};
  /** Called with each step that was taken back or made again, and the text that it was in. */
  onTaken: (changes: Changes, before: Text) => void = () => {};
  readonly #network: Network;
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #ids: IdSource;
  readonly #waitingKeys: WaitingKeys;
  readonly #overreachChance: number;
  #crashDisk: () => void = () => {};
  isOpen = false;
  /** The first thing that went wrong inside the binding. */
  broken: unknown;
  warnings: string[] = [];

  constructor(actor: string, network: Network, ids: IdSource, options: WindowOptions) {
    this.actor = actor;
    this.#network = network;
    this.#time = network.time;
    this.#random = network.random.fork();
    this.#ids = ids;
    this.editorDelay = options.editorDelay;
    this.#waitingKeys = options.waitingKeys;
    this.#overreachChance = options.overreachChance;
    this.disk = new DiskModel(network.time, this.#random.fork(), options.diskDelayMs);
  }

  /** Opens the file with what is on disk, which may be any text at all. */
  open(textOnDisk: string): void {
    const { authority } = this.#network;
    const unsent = readJournal(this.disk.journal);
    const version = unsent?.version ?? authority.history.length + 1;
    const sentVersion = unsent && sentBaseVersion(unsent);
    const sentBase = sentVersion === undefined ? undefined : authority.textAt(sentVersion);
    const disk = this.disk.open();
    this.#crashDisk = () => disk.crash();
    this.editor = new EditorModel(textOnDisk, this.#time, this.#random.fork(), this.editorDelay);
    this.editor.overreachChance = this.#overreachChance;
    this.file = this.#network.open(this.actor, version);
    this.binding = new DocumentBinding(
      {
        document: this.editor,
        file: this.file,
        ids: this.#ids,
        clock: this.#time,
        drafts: disk.store,
        log: this.#log(),
        hash: (data) => createHash('sha256').update(data).digest(),
      },
      { base: { version, text: authority.textAt(version) }, unsent, sentBase },
      {
        ...DEFAULT_BINDING_OPTIONS,
        waitingKeys: this.#waitingKeys,
        invariants: 'fatal',
        onBroken: (error) => (this.broken ??= error),
        onNativeUndo: (kind) => this.takeBack(kind),
      },
    );
    this.editor.isLoaded = this.binding.state.remote.length > 0;
    this.isOpen = true;
    this.onOpened(this.editor);
  }

  /** The author takes a step back, or makes one again. */
  takeBack(kind: UndoKind): void {
    const before = comingText(this.binding.state);
    const taken = this.binding.takeBack(kind);
    if (taken) this.onTaken(taken.changes, before);
  }

  /** The window is gone at once, without a word. */
  crash(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#crashDisk();
    this.editor.crash();
    this.binding.dispose();
    this.file.close();
  }

  #log(): SyncLog {
    const { editor } = this;
    const note = (message: string): void => void this.warnings.push(message);
    const warn = (message: string): void => {
      if (editor.hasOverreached) editor.hasOverreached = false;
      else note(message);
    };
    return { debug: () => {}, info: () => {}, warn, error: note };
  }
}
