/**
 * Owns: which files of a folder are there for a moment only, by names that editors and agent clients give
 * them while they write. Does not know: who watches, and what is in a world.
 */
import { basename } from 'node:path/posix';
import createIgnore from 'ignore';
import { GitError } from '../git/git-error.ts';
import { runGit } from '../git/run-git.ts';

/** Names in the syntax of `.gitignore`, without folders; what the setting is where nobody changed it. */
export const TEMPORARY_NAMES: readonly string[] = [
  // Vim: its swap files, and the file by which it tries whether it may write.
  '.*.sw[a-p]',
  '4913',
  // Emacs: locks and what it saves by itself; with Vim: the former text, for the moment of a save.
  '.#*',
  '\\#*#',
  '*~',
  // JetBrains, VS Code, Sublime Text, Kate, GNOME.
  '*___jb_tmp___',
  '*___jb_old___',
  '*.vsctmp',
  '.subl*.tmp',
  '.*.kate-swp',
  '.goutputstream-*',
  // Claude Code: the name, the process, some hex digits, and in which folder a command ended; Qwen Code:
  // hex digits.
  '*.tmp.[0-9]*.[0-9a-f]*',
  'tmpclaude-*-cwd',
  '*.[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*.tmp',
  // LibreOffice and Microsoft Office: who has a document open.
  '.~lock.*#',
  '~$*',
  // What a system leaves of a file that is removed while it is open.
  '.nfs[0-9a-f]*',
  '.fuse_hidden*',
];

export interface TemporaryOptions {
  readonly patterns: readonly string[];
  /** True for a file of the world, which stays there. */
  readonly isKnown: (path: string) => boolean;
  readonly signal: AbortSignal | undefined;
}

/** Those of a folder's files that are left out for their names: not what the world has or git tracks. */
export async function temporaryAmong(
  folder: string,
  names: Iterable<string>,
  { patterns, isKnown, signal }: TemporaryOptions,
): Promise<ReadonlySet<string>> {
  const rules = createIgnore({ ignorecase: false }).add([...patterns]);
  const found = new Set<string>();
  for (const name of names) {
    if (!name.endsWith('/') && rules.ignores(basename(name)) && !isKnown(name)) found.add(name);
  }
  for (const name of await trackedAmong(folder, [...found], signal)) found.delete(name);
  return found;
}

/** What of the files git has in its index; none where there is no git. */
async function trackedAmong(
  folder: string,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  // A command line holds no more.
  const asked = names.length <= MOST_PATHSPECS ? ['--', ...names] : [];
  const env = { GIT_LITERAL_PATHSPECS: '1' };
  try {
    const { out } = await runGit(folder, ['ls-files', '--cached', '-z', ...asked], { signal, env });
    return out.toString('utf8').split('\0');
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitError) return [];
    throw error;
  }
}

const MOST_PATHSPECS = 64;
