/** Owns: what a mirror of a folder is given, by a window or by a command. */
import type { WorldLog } from '../world/log.ts';
import type { DiskFiles } from './disk-files.ts';
import type { FolderGit } from './folder-git.ts';
import type { FolderLog } from './folder-log.ts';
import type { MirrorProgress } from './look-progress.ts';
import type { MirrorEvent } from './mirror-event.ts';
import type { MirrorWorld, Refused } from './mirror-world.ts';
import type { RestorationPorts } from './restorations/folder-restorations.ts';
import type { TooLargeParts } from './too-large.ts';

export interface FolderMirrorParts extends Pick<TooLargeParts, 'limits' | 'onInside'> {
  readonly files: DiskFiles;
  readonly world: MirrorWorld;
  readonly log: FolderLog;
  /** What git does in the folder; nothing where it is left out. */
  readonly git?: FolderGit | undefined;
  /**
   * True when a window typed this text of a file, on a version that is not older than the given
   * one, and keeps its edits: then nobody else wrote it, even if no window tells of the save.
   */
  readonly wasTyped: (fileId: number, text: string, sinceVersion: number) => Promise<boolean>;
  /** True for a file that is there for this machine's sake only and belongs into no world. */
  readonly isLocal: (path: string, bytes: Uint8Array) => boolean;
  /** Keeps a copy of bytes that are about to be replaced; returns where. */
  readonly keepCopy: (path: string, bytes: Uint8Array) => Promise<string>;
  /** Calls once after a delay in milliseconds; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => () => void;
  /** True while it is being found out which new files belong into the world. */
  readonly isGathering: () => boolean;
  /** Files that nobody has told of are to be looked for; `isGathering` from now on until they are. */
  readonly searchStrangers: () => void;
  /** True while what others do is to stay off the disk. */
  readonly isHolding?: () => boolean;
  readonly report: (event: MirrorEvent) => void;
  /** Without them a tool's writing is an edit, whatever it puts back. */
  readonly restorations?: RestorationPorts | undefined;
  /** Everything in the folder is to be looked at. */
  readonly lookAtAll?: (() => void) | undefined;
  /** The folder was gone and is another one now, at the same place. */
  readonly onFolderBack?: (() => void) | undefined;
  /** Many files are being looked at; the last of them is told too. */
  readonly onProgress?: ((progress: MirrorProgress) => void) | undefined;
  /** The world does not take a file that is new on disk, where it stays. */
  readonly onOutside: (path: string, refusal: Refused) => void;
  readonly output: WorldLog;
}
