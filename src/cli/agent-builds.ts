/** Owns: which folders and files builds need on this machine, and that an agent's folder gets them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type CopiedBuilds,
  copyBuilds,
  type CopyBuildsOptions,
  type LeftOut,
} from '../agents/copy-builds.ts';
import { systemCode } from '../host/host-error.ts';
import { findGitPlace } from '../git/git-place.ts';
import { runGit } from '../git/run-git.ts';
import { IgnoreRules } from '../world/ignore-rules.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Context } from './command.ts';

export interface BuildsWanted {
  /** The person's folder; empty where there is none on this machine. */
  readonly from: string;
  readonly to: string;
  readonly withSecrets: boolean;
}

/** Copies them, and says what was copied and what was not. An agent works without them, too. */
export async function bringBuilds(
  { machine, terminal, signal }: Context,
  { view }: WorldSession,
  { from, to, withSecrets }: BuildsWanted,
): Promise<void> {
  if (from === '') return;
  const { folders, secrets, mostFiles, mostBytes } = await readBuilds(machine.home);
  const living = [...view.files.values()].filter(({ deleted }) => !deleted);
  const shared = living.map((file) => `${file.path}/`);
  try {
    const copied = await copyBuilds({
      from,
      to,
      folders,
      files: withSecrets ? secrets : [],
      mostFiles,
      mostBytes,
      isLeftOut: leftOutOf(to),
      isShared: (name) => shared.some((each) => each.startsWith(`${name}/`)),
      signal,
      onProgress: (files) => terminal.progress(`${files} files copied`),
    });
    terminal.progress(undefined);
    for (const sentence of wordsOf(copied)) terminal.line(sentence);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || signal.aborted) throw error;
    terminal.line(`What builds need was not copied: the disk fails (${code})`);
  }
}

/** As the folder's mirror goes by: git where it is at work there, `.gitignore` files elsewhere. */
function leftOutOf(folder: string): CopyBuildsOptions['isLeftOut'] {
  if (findGitPlace(folder)) {
    return async (name, isFolder) => {
      const question = ['check-ignore', '-q', '--', isFolder ? `${name}/` : name];
      return (await runGit(folder, question, { allowed: [1] })).code === 0;
    };
  }
  const rules = new IgnoreRules(folder, []);
  return (name, isFolder) => (isFolder ? rules.ignoresFolder(name) : rules.ignoresFile(name));
}

function wordsOf({ copied, files, leftOut }: CopiedBuilds): readonly string[] {
  const first = copied.slice(0, MOST_NAMED).join(', ');
  const more = copied.length > MOST_NAMED ? ` and ${copied.length - MOST_NAMED} more` : '';
  const named = leftOut.slice(0, MOST_NAMED);
  return [
    ...(copied.length > 0 ? [`Copied for builds: ${first}${more}, ${files} files.`] : []),
    ...named.map(({ path: name, why }) => `Not copied: ${name} (${WHY[why]})`),
    ...(leftOut.length > named.length ? [`Not copied: ${leftOut.length - named.length} more`] : []),
  ];
}

const WHY: Readonly<Record<LeftOut, string>> = {
  too_much: 'more than is copied at most',
  not_ignored: 'no .gitignore file leaves it out, or the world has it',
  leads_out: 'links in it lead out of the folder; the rest was copied',
  in_the_way: 'its folder is not there',
};

const MOST_NAMED = 10;

interface Builds {
  readonly folders: readonly string[];
  readonly secrets: readonly string[];
  readonly mostFiles: number;
  readonly mostBytes: number;
}

const BUILDS: Builds = {
  folders: [
    'node_modules',
    '.venv',
    'venv',
    'target',
    '.gradle',
    '.next',
    '.turbo',
    '.cache',
    '.mypy_cache',
    '.pytest_cache',
    '__pycache__',
  ],
  secrets: ['.env', '.env.local', '.env.development', '.env.test'],
  mostFiles: 300_000,
  mostBytes: 8_000_000_000,
};

/** What this machine's own list says counts; the rest is as usual. Throws `WorldError` for a damaged one. */
async function readBuilds(home: string): Promise<Builds> {
  const file = path.join(home, 'builds.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return BUILDS;
    throw error;
  }
  try {
    const own = JSON.parse(text) as Partial<Builds>;
    const builds = { ...BUILDS, ...own };
    const areLists = [builds.folders, builds.secrets].every(
      (list) => Array.isArray(list) && list.every((name) => typeof name === 'string'),
    );
    if (areLists && builds.mostFiles >= 0 && builds.mostBytes >= 0) return builds;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new WorldError('bad_home', `${file} is no list of what builds need`);
}
