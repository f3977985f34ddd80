/**
 * Owns: keeping the world's text out of an editor for the moment in which a tool's writing comes into the editor
 * and into the world. Else the editor is given back what the tool took away, is given the tool's text after
 * that, and has to be saved over the tool's file. Does not know: who takes in what is on disk.
 */
import type { DiskFile, DiskFiles } from '../mirror/disk-files.ts';
import type { FolderLog } from '../mirror/folder-log.ts';
import { detectContent, readMixedText } from '../world/text-format.ts';
import { readHeadSeq } from '../world/read-head.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { BoundDocument } from './bound-document.ts';
import { withLf } from './document-changes.ts';

export interface DiskLoadsParts {
  readonly session: WorldSession;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
}

/** VS Code loads a file that changed, and a mirror takes it in, in less; where none does, others' edits go on. */
const MOST_MS = 1_000;
/**
 * Where the disk has what is no text: text of the world over that would make the document unsaved, and its next save
 * would write over the tool's bytes.
 */
const MOST_OF_BYTES_MS = 10_000;

export class DiskLoads {
  readonly #parts: DiskLoadsParts;

  constructor(parts: DiskLoadsParts) {
    this.#parts = parts;
  }

  /** The editor has just loaded what is on disk; nothing of the world has entered it since. */
  async loaded(bound: BoundDocument): Promise<void> {
    const { path } = bound;
    await hold(bound, async (signal, forLonger) => {
      const isOfBytes = hasBytes(await this.#parts.files.read(path));
      if (this.#isShared(bound) && !isOfBytes) return;
      if (isOfBytes) forLonger();
      await this.#known(path, signal);
    });
  }

  /** This window did not save what is on disk: the editor will load it, unless something in it is unsaved. */
  async found(bound: BoundDocument, disk: DiskFile): Promise<void> {
    const isOfBytes = hasBytes(disk);
    if (bound.document.isDirty || (this.#isShared(bound) && !isOfBytes)) return;
    const text = withLf(new TextDecoder().decode(disk.bytes));
    await hold(bound, async (signal, forLonger) => {
      if (isOfBytes) forLonger();
      const isShown = (): boolean => bound.document.isDirty || bound.port.text() === text;
      await whenSo(isShown, (look) => bound.port.onChange(look), signal);
      await this.#known(bound.path, signal);
    });
  }

  /** What is loaded may be another window's save, and may lack what was typed here last: that comes back at once. */
  #isShared({ path }: BoundDocument): boolean {
    return this.#parts.folderLog.holders(path).length > 1;
  }

  /** Resolves when the world has what is on disk, or what is there waits, and this window has heard of it. */
  async #known(path: string, signal: AbortSignal): Promise<void> {
    const { session, files, folderLog } = this.#parts;
    const disk = await files.read(path);
    await folderLog.refresh();
    const isKnown = (): boolean =>
      !disk ||
      folderLog.putOf(path, disk.hash, disk.stamp) !== undefined ||
      !!folderLog.waiting.of(path);
    await whenSo(isKnown, (look) => folderLog.onEntry(look), signal);
    if (session.link && !signal.aborted) await readHeadSeq(session.link);
  }
}

/** True for a file that a world keeps as bytes. */
function hasBytes(disk: DiskFile | undefined): boolean {
  return (
    disk !== undefined &&
    detectContent(disk.bytes).kind === 'binary' &&
    readMixedText(disk.bytes) === undefined
  );
}

/** `until` may take `MOST_MS`; once it calls `forLonger`, `MOST_OF_BYTES_MS` from then on. */
async function hold(
  bound: BoundDocument,
  until: (signal: AbortSignal, forLonger: () => void) => Promise<void>,
): Promise<void> {
  const held = bound.holdEntering();
  const late = new AbortController();
  const isLate = new Promise<void>((resolve) =>
    late.signal.addEventListener('abort', () => resolve()),
  );
  let timer = setTimeout(() => late.abort(), MOST_MS);
  const forLonger = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => late.abort(), MOST_OF_BYTES_MS);
  };
  try {
    await Promise.race([until(late.signal, forLonger), isLate]);
  } finally {
    clearTimeout(timer);
    (await held)();
  }
}

/** Looks now and whenever told to; resolves when it is so, or given up. */
async function whenSo(
  isSo: () => boolean,
  onChange: (look: () => void) => () => void,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!isSo() && !signal.aborted) return;
      stop();
      resolve();
    };
    const stop = onChange(look);
    signal.addEventListener('abort', look);
    look();
  });
}
