import type { Change, Changes } from '../../src/core/change.ts';
import { mapPosition } from '../../src/core/map-position.ts';
import type { Position } from '../../src/core/position.ts';
import type { Text } from '../../src/core/text.ts';
import { DEFAULT_BINDING_OPTIONS, DocumentBinding } from '../../src/sync/document-binding.ts';
import type {
  DocumentChange,
  DraftStore,
  EditorDocument,
  StopListening,
  SyncLog,
} from '../../src/sync/ports.ts';
import { systemClock } from '../../src/world/clock.ts';
import { type FileFeed, openFile } from '../../src/world/file-feed.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import type { Writer, WriterIndex } from './subject.ts';
import { startOffset } from './subject.ts';

/**
 * A window of the extension without VS Code: session, feed and binding are the product's own, and
 * the document takes every edit at once. Each key stays an op of its own, however fast it is typed.
 */
export class AgentWorldWriter implements Writer {
  private readonly session: WorldSession;
  private readonly feed: FileFeed;
  private readonly binding: DocumentBinding;
  private readonly document: BenchDocument;

  static async open(
    session: WorldSession,
    path: string,
    writerIndex: WriterIndex,
  ): Promise<AgentWorldWriter> {
    await session.whenOnline();
    const head = session.view.fileAt(path);
    if (!head) throw new Error(`the world has no ${path}`);
    const { feed, ...base } = await openFile(session, head.fileId);
    const offset = startOffset(base.text.toString(), writerIndex);
    const document = new BenchDocument(base.text, offset);
    const binding = new DocumentBinding(
      {
        document,
        file: feed,
        ids: { next: () => newUuid(Date.now(), systemRandomBytes) },
        clock: systemClock,
        drafts: noDrafts,
        log: onlyErrors,
        hash: nativeHash,
      },
      { base },
      { ...DEFAULT_BINDING_OPTIONS, waitingKeys: 'apart' },
    );
    await feed.whenConnected();
    return new AgentWorldWriter(session, feed, binding, document);
  }

  private constructor(
    session: WorldSession,
    feed: FileFeed,
    binding: DocumentBinding,
    document: BenchDocument,
  ) {
    this.session = session;
    this.feed = feed;
    this.binding = binding;
    this.document = document;
  }

  text(): string {
    return this.document.text();
  }

  type(characters: string): void {
    for (const character of characters) this.document.type(character);
  }

  onRemote(listener: (keystrokes: number) => void): void {
    this.document.remoteListener = listener;
  }

  async settled(): Promise<void> {
    if (this.binding.isSettled) return;
    await new Promise<void>((resolve) => {
      const stop = this.binding.onUpdate(() => {
        if (!this.binding.isSettled) return;
        stop();
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.binding.dispose();
    this.feed.close();
    this.session.close();
  }
}

/** A document with a caret, such as an editor holds, that nobody looks at. */
class BenchDocument implements EditorDocument {
  version = 1;
  readonly holdsEventsBack = false;
  remoteListener: (keystrokes: number) => void = () => {};
  private content: Text;
  private caret: Position;
  private readonly listeners = new Set<(event: DocumentChange) => void>();

  constructor(content: Text, caretOffset: number) {
    this.content = content;
    const before = content.toString().slice(0, caretOffset).split('\n');
    this.caret = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  }

  text(): string {
    return this.content.toString();
  }

  type(character: string): void {
    const { line, character: column } = this.caret;
    const change: Change = {
      startLine: line,
      startCharacter: column,
      endLine: line,
      endCharacter: column,
      text: character,
    };
    this.change([change]);
  }

  async apply(changes: Changes, version: number): Promise<boolean> {
    if (version !== this.version) return false;
    this.change(changes);
    // Nobody here deletes: what is inserted are the other's keystrokes.
    this.remoteListener(changes.reduce((sum, { text }) => sum + text.length, 0));
    return true;
  }

  onChange(listener: (event: DocumentChange) => void): StopListening {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private change(changes: Changes): void {
    this.content = this.content.apply(changes);
    this.caret = mapPosition(this.caret, changes, 'after');
    this.version += 1;
    for (const listener of this.listeners) {
      listener({ version: this.version, changes, cause: 'edit' });
    }
  }
}

/** What the user's own disk keeps of unsent edits is no part of the way to the other writer. */
const noDrafts: DraftStore = {
  append: () => Promise.resolve(),
  putDraft: () => Promise.resolve(),
};

const onlyErrors: SyncLog = {
  debug() {},
  info() {},
  warn: (message, details) => console.warn(message, details),
  error: (message, details) => console.error(message, details),
};
