import { fromBytePath } from './byte-path.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import type { FileMode } from '../core/op-payload.ts';

/** A file that two commits have otherwise, by its paths in the repository's folder. */
export interface FileDifference {
  /** Undefined for a file that only the newer one has. */
  readonly from: string | undefined;
  /** Undefined for one that only the older one has. */
  readonly to: string | undefined;
  /** In the newer commit. */
  readonly mode: FileMode;
  readonly isModeNew: boolean;
  /** Whether the bytes differ. */
  readonly isContentNew: boolean;
}

/** What plain files differ between two commits, renames found. Links and submodules are left out. */
export async function treeDifference(
  repository: Repository,
  older: string,
  newer: string,
  signal?: AbortSignal,
): Promise<readonly FileDifference[]> {
  const { out } = await runGit(repository.folder, [...DIFF, older, newer, '--', '.'], { signal });
  const fields = out.toString('latin1').split('\0');
  const found: FileDifference[] = [];
  for (let at = 0; at + 1 < fields.length;) {
    const [oldMode = '', newMode = '', oldId, newId, status = ''] =
      fields[at++]!.slice(1).split(' ');
    const first = fields[at++]!;
    const second = /^[RC]/.test(status) ? fields[at++]! : first;
    const from = isPlain(oldMode) ? fromBytePath(first) : undefined;
    const to = isPlain(newMode) ? fromBytePath(second) : undefined;
    if (from === undefined && to === undefined) continue;
    const mode = newMode === '100755' ? 'executable' : 'regular';
    found.push({ from, to, mode, isModeNew: oldMode !== newMode, isContentNew: oldId !== newId });
  }
  return found;
}

function isPlain(mode: string): boolean {
  return mode === '100644' || mode === '100755';
}

const DIFF = [
  'diff',
  '--raw',
  '-z',
  '--relative',
  '--no-abbrev',
  '--find-renames',
  '--no-ext-diff',
  '--ignore-submodules=none',
];
