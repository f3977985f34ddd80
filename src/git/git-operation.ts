import { existsSync } from 'node:fs';
import path from 'node:path';
import type { GitOperation } from '../mirror/folder-git.ts';

/** What git keeps in a work tree's git folder for as long as an operation waits. The first one counts. */
const MARKS: readonly (readonly [file: string, operation: GitOperation])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply/applying', 'apply_mailbox'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry_pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
];

/** The operation that stands still in a work tree, by its git folder. */
export function operationIn(gitFolder: string): GitOperation | undefined {
  return MARKS.find(([file]) => existsSync(path.join(gitFolder, file)))?.[1];
}
