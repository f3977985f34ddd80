import { createHash } from 'node:crypto';
import { type Changes, replace } from '../../../src/core/change.ts';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import type { Batch } from '../../../src/core/op.ts';
import type { PolicyMode } from '../../../src/core/policy.ts';
import { Text } from '../../../src/core/text.ts';
import {
  type BindingOptions,
  type BindingStart,
  type BindingUpdate,
  DEFAULT_BINDING_OPTIONS,
  DocumentBinding,
} from '../../../src/sync/document-binding.ts';
import type { Draft } from '../../../src/sync/draft.ts';
import type { JournalRecord } from '../../../src/sync/draft-journal.ts';
import type {
  BatchAnswer,
  DocumentChange,
  EditorDocument,
  FileHeadState,
  VersionedText,
  WorldFile,
  WorldFileEvent,
} from '../../../src/sync/ports.ts';

const sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest();
const hasher = new ContentHasher(sha256);

/** One change within a line, or an insertion when `to` is left out. */
export function at(line: number, from: number, text: string, to = from): Changes {
  return [replace({ line, character: from }, { line, character: to }, text)];
}

interface Call {
  readonly changes: Changes;
  readonly version: number;
  readonly resolve: (isApplied: boolean) => void;
}

/** An editor that does nothing until the test says what happens. */
export class ManualDocument implements EditorDocument {
  version = 1;
  holdsEventsBack = false;
  /** Calls of `apply` that were not settled. */
  readonly calls: Call[] = [];
  content: Text;
  #listener: (event: DocumentChange) => void = () => {};

  constructor(text: string) {
    this.content = Text.of(text);
  }

  text(): string {
    return this.content.toString();
  }

  onChange(listener: (event: DocumentChange) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = () => {});
  }

  apply(changes: Changes, version: number): Promise<boolean> {
    return new Promise((resolve) => this.calls.push({ changes, version, resolve }));
  }

  /** The user types, or the disk is loaded. */
  type(
    changes: Changes,
    cause: DocumentChange['cause'] = 'edit',
    doubt?: number,
    hands?: DocumentChange['hands'],
  ): void {
    this.content = this.content.apply(changes);
    this.#listener({ version: ++this.version, changes, cause, doubt, hands });
  }

  /** The editor takes the call under way, if its version is still the text's, and says so. */
  async settle(): Promise<boolean> {
    const call = this.calls.shift();
    if (!call) throw new Error('no call is under way');
    const isCurrent = call.version === this.version;
    if (isCurrent) this.type(call.changes);
    call.resolve(isCurrent);
    await turns();
    return isCurrent;
  }

  /** Settles calls until there are none. */
  async settleAll(): Promise<void> {
    while (this.calls.length > 0) await this.settle();
  }
}

/** A world's file whose events the test makes. */
export class ManualFile implements WorldFile {
  readonly fileId = 1;
  isConnected = true;
  policy: PolicyMode = 'auto';
  head: FileHeadState;
  readonly sent: Batch[] = [];
  readonly replays: number[] = [];
  readonly tickets = new Map<string, number>();
  text: Text;
  isText = true;
  #listener: (event: WorldFileEvent) => void = () => {};
  #opSeq = 100;

  constructor(start: VersionedText) {
    this.text = start.text;
    this.head = { version: start.version, contentHash: hasher.text(start.text) };
  }

  send(batch: Batch): void {
    this.sent.push(batch);
  }

  replayAfter(version: number): void {
    this.replays.push(version);
  }

  readHead(): Promise<VersionedText | undefined> {
    const { version } = this.head;
    return Promise.resolve(this.isText ? { version, text: this.text } : undefined);
  }

  ticketOf(opId: string): number | undefined {
    return this.tickets.get(opId);
  }

  onEvent(listener: (event: WorldFileEvent) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = () => {});
  }

  emit(event: WorldFileEvent): void {
    this.#listener(event);
  }

  /** An op is committed: somebody else's, unless it is given an own id. Returns its number. */
  commit(changes: Changes, opId = `other-${this.#opSeq}`): number {
    const opSeq = ++this.#opSeq;
    this.text = this.text.apply(changes);
    const version = this.head.version + 1;
    const afterHash = hasher.text(this.text);
    this.head = { version, contentHash: afterHash };
    this.emit({ tag: 'committed', op: { opSeq, opId, version, changes, afterHash } });
    return opSeq;
  }

  answer(answer: BatchAnswer, batch = this.sent.at(-1)!): void {
    this.emit({ tag: 'answered', batchId: batch.batchId, answer });
  }

  /** The batch sent last is applied as it is. */
  acknowledge(batch = this.sent.at(-1)!): void {
    for (const op of batch.ops) this.commit(op.changes, op.opId);
    this.answer({ tag: 'applied', version: this.head.version }, batch);
  }

  disconnect(): void {
    this.isConnected = false;
    this.emit({ tag: 'disconnected' });
  }

  connect(): void {
    this.isConnected = true;
    this.emit({ tag: 'connected' });
  }
}

/** A binding with everything around it in the test's hands. */
export class Rig {
  readonly document: ManualDocument;
  readonly file: ManualFile;
  readonly binding: DocumentBinding;
  readonly journal: JournalRecord[] = [];
  readonly drafts = new Map<string, Draft>();
  readonly updates: BindingUpdate[] = [];
  readonly logged: string[] = [];
  readonly timers: { delayMs: number; fire: () => void }[] = [];
  nowMs = 1_000_000;
  #ids = 0;

  constructor(
    text: string,
    options: {
      shown?: string;
      start?: Partial<BindingStart>;
      invariants?: 'fatal' | 'recover';
      ids?: string;
      isConnected?: boolean;
      makerOf?: BindingOptions['makerOf'];
      suspectsIn?: BindingOptions['suspectsIn'];
    } = {},
  ) {
    const base = options.start?.base ?? { version: 1, text: Text.of(text) };
    this.document = new ManualDocument(options.shown ?? text);
    this.file = new ManualFile(base);
    this.file.isConnected = options.isConnected ?? true;
    const log = (message: string): void => void this.logged.push(message);
    this.binding = new DocumentBinding(
      {
        document: this.document,
        file: this.file,
        ids: { next: () => `${options.ids ?? 'id'}-${++this.#ids}` },
        clock: {
          nowMs: () => this.nowMs,
          after: (delayMs, fire) => {
            const timer = { delayMs, fire };
            this.timers.push(timer);
            return () => void this.timers.splice(this.timers.indexOf(timer) >>> 0, 1);
          },
        },
        drafts: {
          append: (_fileId, records) => {
            this.journal.push(...(JSON.parse(JSON.stringify(records)) as JournalRecord[]));
            return Promise.resolve();
          },
          putDraft: (draft) => {
            this.drafts.set(draft.draftId, draft);
            return Promise.resolve();
          },
        },
        log: { debug: () => {}, info: () => {}, warn: log, error: log },
        hash: sha256,
      },
      { ...options.start, base },
      {
        ...DEFAULT_BINDING_OPTIONS,
        invariants: options.invariants ?? 'fatal',
        ...(options.makerOf && { makerOf: options.makerOf }),
        ...(options.suspectsIn && { suspectsIn: options.suspectsIn }),
      },
    );
    this.binding.onUpdate((update) => this.updates.push(update));
  }

  get shown(): string {
    return this.document.text();
  }

  get lastSent(): Batch {
    return this.file.sent.at(-1)!;
  }
}

/** Lets promises that are ready run on. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
