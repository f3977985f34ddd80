import type { Changes } from '../core/change.ts';
import { Text } from '../core/text.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import { readMixedText } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { hashOfForm } from './file-format.ts';
import type { FolderLog } from './folder-log.ts';
import type { PutRecord } from './folder-log-entry.ts';
import type { MirrorWorld } from './mirror-world.ts';
import type { NearText } from './recent-reads.ts';

/** The text that was on disk, and what a version of the world has beyond it. */
export interface DiskBase {
  readonly text: Text;
  readonly version: number;
  /** From the text to the version's. */
  readonly since: Changes;
  /** The newest version that is known to be in the text. */
  readonly fromVersion: number;
}

/** Bytes that a text was made from, at a path. */
export interface BaseText extends Pick<PutRecord, 'path' | 'fileId' | 'version' | 'hash'> {
  /** The newest version that is known to be in it, where that is not what was put at the path last. */
  readonly holds?: number | undefined;
}

/**
 * What was last put at a path, or somebody had read, as a text to compare with; undefined where it is not known, or no text. `found`:
 * what is there now, which may be an older one.
 */
export async function readDiskBase(
  world: MirrorWorld,
  log: FolderLog,
  last: BaseText,
  found?: Text,
): Promise<DiskBase | undefined> {
  if (last.version > 0) {
    const file = await world.read(
      last.fileId,
      last.version,
      found === undefined ? undefined : nearTo(found, last, world.file(last.fileId)),
    );
    if (file.kind !== 'text') return undefined;
    return { text: file.text, version: last.version, since: [], fromVersion: last.version };
  }
  const saved = await readSavedText(log, last.hash);
  if (saved === undefined) return undefined;
  const text = Text.of(saved);
  const now = await world.read(last.fileId);
  if (now.kind !== 'text') return undefined;
  const since = minimalChanges(text, now.text.toString());
  const fromVersion = (last.holds ?? log.lastVersion(last.path)) || now.version;
  return { text, version: now.version, since, fromVersion };
}

function nearTo(text: Text, last: BaseText, head: FileHead | undefined): NearText {
  return {
    text,
    // The bytes that were put are known by their hash. They may have had another form than the file has now: then
    // the content hash tells.
    isWanted: (wanted) => head !== undefined && hashOfForm(wanted, head) === last.hash,
  };
}

/** A text that the folder's log keeps by the hash of its bytes. */
export async function readSavedText(log: FolderLog, hash: string): Promise<string | undefined> {
  const bytes = await log.readText(hash);
  return bytes && textOf(bytes);
}

/** The text of a file's bytes, whatever its line ends; undefined for what is no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  return readMixedText(bytes)?.text;
}
