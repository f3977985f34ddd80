import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_LIMITS, parseLimits, type Limits } from '../core/limits.ts';
import type { ReducerArguments } from './bindings.ts';
import { scanFolder, type ScannedFile, type SkippedFile } from './folder-scan.ts';
import type { Refusal } from './refusal.ts';
import { detectContent } from './text-format.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

export interface ImportOptions {
  readonly session: WorldSession;
  /** Absolute. */
  readonly folder: string;
  readonly randomBytes: RandomBytes;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly files: number;
  readonly totalFiles: number;
}

export interface ImportReport {
  readonly files: number;
  readonly bytes: number;
  /** Files of which the world knows the bytes only. */
  readonly binary: number;
  readonly skipped: readonly (SkippedFile | { readonly path: string; readonly why: 'too_large' })[];
  /** Paths where the world has something else already: those became tickets. */
  readonly disputed: readonly string[];
}

type NewFile = ReducerArguments<'import_files'>['files'][number];

/**
 * Brings a folder's files into a world, about a mebibyte at a time so that others can work
 * meanwhile. Files that are there already with the same content stay as they are. Throws
 * `WorldError` `refused`, `closed` or `cancelled`.
 */
export async function importFolder(options: ImportOptions): Promise<ImportReport> {
  const { session, folder, onProgress, signal } = options;
  await session.whenOnline(signal);
  const limits = parseLimits(session.workspace?.limits ?? '') ?? DEFAULT_LIMITS;
  const scan = await scanFolder(folder, signal);
  const skipped: ImportReport['skipped'][number][] = [...scan.skipped];
  const disputed: string[] = [];
  let done = { files: 0, bytes: 0, binary: 0 };
  for (const group of groupsOf(scan.files, limits)) {
    const files: NewFile[] = [];
    for (const file of group) {
      const made = await newFile(options, file, limits);
      if (made) files.push(made);
      else skipped.push({ path: file.path, why: 'too_large' });
    }
    disputed.push(...(await send(options, files)));
    done = {
      files: done.files + files.length,
      bytes: done.bytes + group.reduce((sum, file) => sum + file.bytes, 0),
      binary: done.binary + files.filter((file) => file.content.kind === 'binary').length,
    };
    onProgress?.({ files: done.files, totalFiles: scan.files.length });
  }
  return { ...done, skipped, disputed };
}

const GROUP_BYTES = 1024 * 1024;

function* groupsOf(files: readonly ScannedFile[], limits: Limits): Generator<ScannedFile[]> {
  let group: ScannedFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const isFull = bytes + file.bytes > GROUP_BYTES || group.length >= limits.filesPerImport;
    if (isFull && group.length > 0) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += file.bytes;
  }
  if (group.length > 0) yield group;
}

/** Undefined for a file that is larger than the world takes. */
async function newFile(
  { session, folder, randomBytes }: ImportOptions,
  file: ScannedFile,
  limits: Limits,
): Promise<NewFile | undefined> {
  if (file.bytes > Math.max(limits.textFileBytes, limits.binaryFileBytes)) return undefined;
  const found = detectContent(new Uint8Array(await readFile(path.join(folder, file.path))));
  const limit = found.kind === 'text' ? limits.textFileBytes : limits.binaryFileBytes;
  if (file.bytes > limit) return undefined;
  return {
    opId: newUuid(session.clock.nowMs(), randomBytes),
    path: file.path,
    mode: file.executable ? 'executable' : 'regular',
    content:
      found.kind === 'text'
        ? { ...found, bytes: new Uint8Array() }
        : { kind: 'binary', eol: 'lf', bom: false, text: '', bytes: found.bytes },
  };
}

/** Returns the paths that became tickets. */
async function send(
  { session, randomBytes, signal }: ImportOptions,
  files: NewFile[],
): Promise<string[]> {
  if (files.length === 0) return [];
  const batchId = newUuid(session.clock.nowMs(), randomBytes);
  const opIds = files.map((file) => file.opId);
  const answer = await session.deliver(
    'import_files',
    { batchId, author: '', files },
    opIds,
    signal,
  );
  if (answer.tag === 'refused') throw refusedImport(answer.refusal);
  if (answer.tag === 'unanswered') throw new WorldError('cancelled', 'The import was cancelled');
  const tickets = new Set(
    answer.outcomes.filter(({ outcome }) => outcome === 'ticket').map((outcome) => outcome.opId),
  );
  return files.filter((file) => tickets.has(file.opId)).map((file) => file.path);
}

function refusedImport({ code, message }: Refusal): WorldError {
  return new WorldError('refused', `The world does not take the files: ${message} (${code})`);
}
