/**
 * Owns: what a text's bytes on disk say of its line ends, its mark and its executable bit, and telling the
 * world of it. Does not know: its text.
 */
import { detectContent, type FileContent, readMixedText } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { DiskFile } from './disk-files.ts';
import { type FileFormat, formatByHash, formatOf, mergedFormat } from './file-format.ts';
import type { FolderLineEnds } from './folder-line-ends.ts';
import type { FolderLog } from './folder-log.ts';
import type { PutRecord } from './folder-log-entry.ts';
import type { FileMode, MirrorWorld } from './mirror-world.ts';

type TextContent = Extract<FileContent, { kind: 'text' }>;

/**
 * What bytes are for a file of the world: where one is a text already, one line end more of the other kind makes
 * no binary of it.
 */
export function contentIn(
  head: FileHead,
  bytes: Uint8Array,
  content: FileContent = detectContent(bytes),
): { readonly content: FileContent; readonly isEvened: boolean } {
  const mixed =
    content.kind === 'binary' && head.kind === 'text' ? readMixedText(bytes) : undefined;
  return mixed
    ? { content: { ...mixed, eol: head.eol }, isEvened: true }
    : { content, isEvened: false };
}

export interface FormatIntakeParts {
  readonly world: MirrorWorld;
  readonly log: FolderLog;
  readonly lineEnds: FolderLineEnds;
}

/** Tells the world what has changed on disk since `last` was put. */
export async function changeFormat(
  { world, log, lineEnds }: FormatIntakeParts,
  head: FileHead,
  { text, eol, bom }: TextContent,
  disk: DiskFile,
  last: PutRecord,
): Promise<void> {
  const isSilent = !text.includes('\n') || (await lineEnds.areGits(last.path, eol));
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
async function formatPut(
  world: MirrorWorld,
  log: FolderLog,
  last: PutRecord,
): Promise<FileFormat | undefined> {
  const saved = await log.readText(last.hash);
  if (saved) return formatOf(saved);
  if (last.version === 0) return undefined;
  const file = await world.read(last.fileId, last.version);
  return file.kind === 'text' ? formatByHash(file.text, last.hash) : undefined;
}
