import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveVerifier, ArchiveWriter } from '../core/log-archive.ts';
import type { OpRecord } from '../core/op.ts';
import type { LogHead } from '../core/verify-log.ts';
import { syncDirectory } from '../host/durable-file.ts';
import { systemCode } from '../host/host-error.ts';
import { renameOver } from '../host/rename-over.ts';
import { downloadParts, missingParts } from './download-log.ts';
import type { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { nativeHash } from './native-hash.ts';
import { readHead } from './read-head.ts';
import { LOG_FAULTS } from './log-faults.ts';
import { opsBetween } from './read-ops.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

export interface BackupOptions {
  readonly session: WorldSession;
  /** Absolute; what is there is replaced once the archive is whole. */
  readonly file: string;
  readonly onProgress?: (progress: OpProgress) => void;
  readonly signal?: AbortSignal;
}

export interface OpProgress {
  readonly ops: number;
  readonly totalOps: number;
}

export interface BackupReport {
  readonly head: LogHead;
  readonly bytes: number;
}

/**
 * Writes a world's whole history up to now into an archive that only this user can read, and verifies
 * it on the way. There is the whole archive under its name or none. Throws `WorldError` `damaged`,
 * `unreachable` or `cancelled`.
 */
export async function backupWorld(options: BackupOptions): Promise<BackupReport> {
  const { session, file, signal } = options;
  await removeAbandoned(file);
  const draft = draftOf(file, process.pid);
  const handle = await open(draft, 'w', PRIVATE_FILE);
  try {
    const link = await session.whenOnline(signal);
    const report = await writeArchive(link, handle, options);
    await handle.sync();
    await handle.close();
    await renameOver(draft, file);
    syncDirectory(path.dirname(file));
    return report;
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    if (!(error instanceof LinkFailure)) throw error;
    throw new WorldError('unreachable', 'The connection to the world ended', { cause: error });
  }
}

async function writeArchive(
  link: Link,
  handle: FileHandle,
  { session, onProgress, signal }: BackupOptions,
): Promise<BackupReport> {
  const head = await readHead(link, (newest) => newest);
  const archive = new CheckedArchive(handle);
  await archive.start();
  for await (const ops of opsBetween(session, 0, head.opSeq)) {
    if (signal?.aborted) throw new WorldError('cancelled', 'Cancelled');
    await archive.add(link, ops);
    onProgress?.({ ops: ops.at(-1)?.opSeq ?? 0, totalOps: head.opSeq });
  }
  return { head, bytes: await archive.finish(head) };
}

/** Writes frames in pieces, and replays what it writes: a backup that does not verify is none. */
class CheckedArchive {
  readonly #handle: FileHandle;
  readonly #writer = new ArchiveWriter();
  readonly #verifier = new ArchiveVerifier(nativeHash);
  readonly #written = new Set<string>();
  #frames: Uint8Array[] = [];
  #frameBytes = 0;
  #bytes = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  start(): Promise<void> {
    return this.#put(this.#writer.start());
  }

  /** Ops, behind those of their parts that were not written yet. */
  async add(link: Link, ops: readonly OpRecord[]): Promise<void> {
    const missing = missingParts(ops, (key) => this.#written.has(key));
    for (const [key, part] of await downloadParts(link, missing)) {
      this.#written.add(key);
      await this.#put(this.#writer.part(key, part));
    }
    for (const op of ops) await this.#put(this.#writer.op(op));
  }

  /** Returns the size in bytes. */
  async finish(head: LogHead): Promise<number> {
    await this.#put(this.#writer.end());
    await this.#flush();
    const { opSeq } = this.#verifier.log.head;
    refuse(opSeq === head.opSeq ? this.#verifier.finish() : { opSeq, kind: 'head' });
    return this.#bytes;
  }

  async #put(frame: Uint8Array): Promise<void> {
    refuse(this.#verifier.push(frame));
    this.#frames.push(frame);
    this.#frameBytes += frame.length;
    if (this.#frameBytes >= WRITE_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    await this.#handle.writev(this.#frames);
    this.#bytes += this.#frameBytes;
    this.#frames = [];
    this.#frameBytes = 0;
  }
}

function refuse(fault: ReturnType<ArchiveVerifier['push']>): void {
  if (!fault) return;
  const why = LOG_FAULTS[fault.kind];
  throw new WorldError('damaged', `The world does not verify: op ${fault.opSeq}: ${why}`);
}

function draftOf(file: string, pid: number): string {
  return `${file}.${pid}.partial`;
}

/** A backup that was killed could not tidy up. */
async function removeAbandoned(file: string): Promise<void> {
  const folder = path.dirname(file);
  const name = path.basename(file);
  for (const entry of await readdir(folder)) {
    const pid = /^\.(\d+)\.partial$/.exec(entry.slice(name.length))?.[1];
    if (!entry.startsWith(name) || pid === undefined || isAlive(Number(pid))) continue;
    await rm(path.join(folder, entry), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

const PRIVATE_FILE = 0o600;
const WRITE_BYTES = 1024 * 1024;
