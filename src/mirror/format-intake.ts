/**
 * Owns: what a text's bytes on disk say of its mark and its executable bit, and of line ends that are all alike,
 * and telling the world of it. Does not know: its text.
 */
import {
  contentBytes,
  detectContent,
  type FileContent,
  readMixedText,
  type TextContent,
} from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { DiskFile } from './disk-files.ts';
import { type FileFormat, formatByHash, formatOf, mergedFormat } from './file-format.ts';
import type { FolderLineEnds } from './folder-line-ends.ts';
import type { FolderLog } from './folder-log.ts';
import type { PutRecord } from './folder-log-entry.ts';
import type { FileMode, MirrorWorld } from './mirror-world.ts';

/**
 * What bytes are for a file of the world. Where one is a text already, line ends that nobody could put back make
 * no binary of it: it has even ones then.
 */
export function contentIn(
  world: Pick<MirrorWorld, 'keepsLineEnds'>,
  head: FileHead,
  bytes: Uint8Array,
  content: FileContent = detectContent(bytes),
): { readonly content: FileContent; readonly isEvened: boolean } {
  const isKept = content.kind === 'text' && (!content.otherEnds || world.keepsLineEnds);
  if (isKept || head.kind !== 'text') return { content: asKept(world, content), isEvened: false };
  const { eol } = head;
  const mixed = content.kind === 'text' ? content : readMixedText(bytes);
  if (!mixed) return { content, isEvened: false };
  const { text, bom } = mixed;
  return { content: { kind: 'text', text, eol, bom }, isEvened: true };
}

/** Where a world's module knows only line ends that are all alike, others are bytes. */
export function asKept(
  { keepsLineEnds }: Pick<MirrorWorld, 'keepsLineEnds'>,
  content: FileContent,
): FileContent {
  const isMixed = content.kind === 'text' && content.otherEnds;
  return isMixed && !keepsLineEnds ? asBinary(content) : content;
}

export interface FormatIntakeParts {
  readonly world: MirrorWorld;
  readonly log: FolderLog;
  readonly lineEnds: FolderLineEnds;
}

/** Tells the world what has changed on disk since `last` was put; of line ends only where they are all alike. */
export async function changeFormat(
  { world, log, lineEnds }: FormatIntakeParts,
  head: FileHead,
  { text, eol, bom }: TextContent,
  disk: DiskFile,
  last: PutRecord,
  areMixed = false,
): Promise<void> {
  const isSilent = areMixed || !text.includes('\n') || (await lineEnds.areGits(last.path, eol));
  const onDisk = { eol: isSilent ? undefined : eol, bom };
  const newest = world.file(head.fileId) ?? head;
  const isExecutableOfDisk = process.platform !== 'win32' && disk.isExecutable !== last.executable;
  const mode = isExecutableOfDisk ? modeOf(disk) : newest.mode;
  const isFormatOfWorld =
    bom === newest.bom && (onDisk.eol === undefined || onDisk.eol === newest.eol);
  if (isFormatOfWorld && mode === newest.mode) return;
  const format = isFormatOfWorld
    ? newest
    : mergedFormat(onDisk, await formatPut(world, log, last), newest);
  if (mode === newest.mode && format.eol === newest.eol && format.bom === newest.bom) return;
  await world.setMode(newest, { mode, eol: format.eol, bom: format.bom });
}

export function modeOf(disk: DiskFile): FileMode {
  return disk.isExecutable ? 'executable' : 'regular';
}

/** Of what was last put, or saved, before something wrote there; undefined where that is not known. */
export async function formatPut(
  world: MirrorWorld,
  log: FolderLog,
  last: Pick<PutRecord, 'fileId' | 'version' | 'hash'>,
): Promise<FileFormat | undefined> {
  const saved = await log.readText(last.hash);
  if (saved) return formatOf(saved);
  if (last.version === 0) return undefined;
  const file = await world.read(last.fileId, last.version);
  return file.kind === 'text' ? formatByHash(file.text, last.hash) : undefined;
}

function asBinary(content: FileContent): FileContent {
  return { kind: 'binary', bytes: contentBytes(content) };
}
