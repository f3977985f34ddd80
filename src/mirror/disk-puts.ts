/**
 * Owns: bringing the world's content and its executable bit to the disk, and noting that in the folder's log.
 * Does not know: when, and what the disk has to say.
 */
import { Text } from '../core/text.ts';
import type { FileHead } from '../world/world-rows.ts';
import { textOf } from './disk-base.ts';
import { type DiskFile, hashOf } from './disk-files.ts';
import { bytesOf } from './file-bytes.ts';
import { hasMixedEnds } from './file-format.ts';
import type { FolderLineEnds } from './folder-line-ends.ts';
import type { PutRecord } from './folder-log-entry.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { NearText } from './recent-reads.ts';
import type { JoinedFolders } from './joined-folders.ts';
import type { ModeBits } from './mode-bits.ts';

export interface DiskPutsParts extends Pick<
  FolderMirrorParts,
  'files' | 'world' | 'log' | 'report'
> {
  readonly lineEnds: FolderLineEnds;
  readonly joined: JoinedFolders;
  readonly isStopped: () => boolean;
  /** True while git changes files in the folder. */
  readonly isShut: () => boolean;
  readonly isHolding: () => boolean;
  /** For another reason than what was just done. */
  readonly look: (path: string) => void;
  readonly again: (path: string) => void;
  /** Takes what somebody wrote just before it was replaced. */
  readonly handOver: (
    path: string,
    bytes: Uint8Array,
    base: PutRecord | undefined,
  ) => Promise<void>;
}

export class DiskPuts {
  readonly #parts: DiskPutsParts;
  /** Of files that others gave another name, until they are put there. */
  readonly #formerBits = new Map<number, ModeBits>();

  constructor(parts: DiskPutsParts) {
    this.#parts = parts;
  }

  /** The file will be put at another path, with the bits that it has here. */
  willMove(fileId: number, { bits }: DiskFile): void {
    if (bits) this.#formerBits.set(fileId, bits);
  }

  hasMode(disk: Pick<DiskFile, 'isExecutable'>, { mode }: FileHead): boolean {
    return disk.isExecutable === (mode === 'executable');
  }

  /** Whichever side has changed the executable bit since the file was put has its way. */
  async alignMode(path: string, disk: DiskFile, head: FileHead): Promise<void> {
    if (this.hasMode(disk, head)) return;
    const { files, log, world } = this.#parts;
    const isExecutable = head.mode === 'executable';
    const last = log.lastPut(path);
    if (last?.executable === isExecutable) {
      const { eol, bom } = head;
      const mode = disk.isExecutable ? 'executable' : 'regular';
      const verdict = await world.setMode(head, { mode, eol, bom });
      if (verdict.tag === 'applied') {
        return log.append({ tag: 'put', ...last, executable: disk.isExecutable });
      }
    }
    if (this.#parts.isHolding()) return;
    await files.setExecutable(path, isExecutable);
    if (last) await log.append({ tag: 'put', ...last, executable: isExecutable });
  }

  /** The disk has what the world has, though nobody put it there. */
  async found(
    path: string,
    { bytes, hash, isExecutable }: DiskFile,
    head: FileHead,
  ): Promise<void> {
    if (head.kind === 'text' && hasMixedEnds(bytes)) await this.#parts.log.keepText(hash, bytes);
    const { fileId, version } = head;
    const put = { path, fileId, version, hash, executable: isExecutable };
    await this.#parts.log.append({ tag: 'put', ...put, ...(await this.#spelled(path)) });
  }

  /** How the disk spells a path that was not there before, where that is in another way. */
  async #spelled(path: string): Promise<Pick<PutRecord, 'spelled'>> {
    const { files } = this.#parts;
    if (files.tellsNamesApart) return {};
    const spelled = await files.spelling(path);
    return spelled === path ? {} : { spelled };
  }

  /**
   * Writes the world's content in the place of what was read there, unless the disk changed since. Where
   * that had line ends that are git's, so has what is written.
   */
  async put(path: string, head: FileHead, replaced: DiskFile | undefined): Promise<void> {
    const { files, world, log, lineEnds } = this.#parts;
    const expectedHash = replaced?.hash;
    const near = replaced && nearText(replaced, log.putOf(path, replaced.hash));
    // Which lines end otherwise holds for the text of that version.
    const version = head.otherEnds ? head.version : undefined;
    const content = await world.read(head.fileId, version, near);
    const bytes = bytesOf(await lineEnds.here(path, head, replaced?.bytes), content);
    const executable = head.mode === 'executable';
    const put: PutRecord = {
      path,
      fileId: head.fileId,
      version: content.version,
      hash: hashOf(bytes),
      executable,
    };
    if (this.#parts.isStopped()) return;
    // git would find a file half exchanged, and take its draft for one of the user's.
    if (this.#parts.isShut()) return this.#parts.look(path);
    if (expectedHash !== put.hash) {
      const base = log.lastPut(path);
      if (hasMixedEnds(bytes)) await log.keepText(put.hash, bytes);
      await log.append({ tag: 'putting', ...put });
      if (replaced === undefined) this.#parts.joined.willPut(path);
      const bits = this.#formerBits.get(head.fileId);
      const written = await files.write(path, bytes, { hash: expectedHash, executable, bits });
      if (written.tag === 'blocked') throw new BlockedPath();
      if (written.tag === 'changed') return this.#parts.again(path);
      this.#formerBits.delete(head.fileId);
      const spelled = replaced === undefined ? await this.#spelled(path) : {};
      await log.append({ tag: 'put', ...put, ...spelled });
      if (written.tag === 'done' && written.isParted) this.#parts.report({ tag: 'parted', path });
      if (written.tag === 'late') await this.#parts.handOver(path, written.bytes, base);
    } else {
      await log.append({ tag: 'put', ...put });
    }
    const newest = world.file(head.fileId);
    if (newest && newest.version > content.version) this.#parts.again(path);
  }
}

/** The text of a version that others have changed since. */
function nearText({ bytes }: DiskFile, put: PutRecord | undefined): NearText | undefined {
  const text = put && put.version > 0 ? textOf(bytes) : undefined;
  return text === undefined ? undefined : { text: Text.of(text), version: put!.version };
}

/** A folder, or something else that is no file, is where a file should be. */
export class BlockedPath extends Error {
  readonly code = 'EEXIST';

  constructor() {
    super('something that is not a file is in the way');
    this.name = 'BlockedPath';
  }
}
