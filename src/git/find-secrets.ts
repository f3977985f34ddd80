import { BlobReader } from './blob-reader.ts';
import { showBytePath } from './byte-path.ts';
import { runGit } from './run-git.ts';
import type { Repository } from './repository.ts';

/** What looks like a key or a password. The text itself is never told. */
export interface FoundSecret {
  /** From the repository's root. */
  readonly path: string;
  /** Counted from 1, in the first commit that has it. */
  readonly line: number;
  /** What kind of key, as the rule names it. */
  readonly kind: string;
}

/**
 * Looks through what commits bring, one behind the other, by secretlint's recommended rules. Each is
 * looked at: what a later one takes out again stays in git. Lines that were there before, or that one
 * of the parents has, are no news.
 */
export async function findSecrets(
  repository: Repository,
  commits: readonly string[],
  parents: readonly string[],
): Promise<readonly FoundSecret[]> {
  const changes = await newsOf(repository, commits, parents);
  const lint = await linter();
  const blobs = new BlobReader(repository.folder);
  const found: FoundSecret[] = [];
  try {
    for (const { path: bytePath, id, before } of changes) {
      const path = showBytePath(bytePath);
      const text = await textOf(blobs, id);
      const secrets = text === undefined ? [] : await lint(path, text);
      if (secrets.length === 0) continue;
      const known = await linesOf(blobs, before);
      const lines = text!.split('\n');
      for (const { firstLine, lastLine, kind } of secrets) {
        const isNew = lines.slice(firstLine - 1, lastLine).some((line) => !known.has(line));
        if (isNew) found.push({ path, line: firstLine, kind });
      }
    }
  } finally {
    await blobs.close();
  }
  return found;
}

interface BlobNews extends Pick<BlobChange, 'path' | 'id'> {
  /** All that was there, also under another name. */
  readonly before: readonly (string | undefined)[];
}

/** What each commit has otherwise than the one before it, and the first one than all of its parents. */
async function newsOf(
  repository: Repository,
  commits: readonly string[],
  parents: readonly string[],
): Promise<readonly BlobNews[]> {
  const [first] = commits;
  if (first === undefined) return [];
  const steps = commits.map((commit, index) => [commit, commits[index - 1] ?? parents[0]] as const);
  const changes = await changesOf(repository, steps);
  const [, second] = parents;
  if (second === undefined)
    return changes.map(({ before, ...each }) => ({ ...each, before: [before] }));
  const beside = new Map<string, BlobChange>();
  for (const change of await changesOf(repository, [[first, second]]))
    beside.set(change.path, change);
  return changes.flatMap(({ commit, path, id, before }): BlobNews[] => {
    if (commit !== first) return [{ path, id, before: [before] }];
    const other = beside.get(path);
    return other ? [{ path, id, before: [before, other.before] }] : [];
  });
}

async function linesOf(
  blobs: BlobReader,
  ids: readonly (string | undefined)[],
): Promise<ReadonlySet<string>> {
  const lines = new Set<string>();
  for (const id of ids) {
    const text = id === undefined ? undefined : await textOf(blobs, id);
    for (const line of text?.split('\n') ?? []) lines.add(line);
  }
  return lines;
}

interface BlobChange {
  readonly commit: string;
  readonly path: string;
  readonly id: string;
  /** What was there, also under another name; undefined where nothing was. */
  readonly before: string | undefined;
}

/** Files that commits have otherwise than the ones that they are compared with, links left out. */
async function changesOf(
  repository: Repository,
  pairs: readonly (readonly [commit: string, parent: string | undefined])[],
): Promise<readonly BlobChange[]> {
  if (pairs.length === 0) return [];
  const input = pairs.map(([commit, parent = '']) => `${commit} ${parent}`.trim()).join('\n');
  const { out } = await runGit(repository.folder, DIFF, { input: `${input}\n` });
  const fields = out.toString('latin1').split('\0');
  const found: BlobChange[] = [];
  let commit = '';
  for (let at = 0; at < fields.length;) {
    const field = fields[at++]!;
    if (!field.startsWith(':')) {
      commit = field;
      continue;
    }
    const [, mode = '', old = '', id = '', status = ''] = field.split(' ');
    const path = fields[(at += /^[RC]/.test(status) ? 2 : 1) - 1]!;
    if (!mode.startsWith('100')) continue;
    found.push({ commit, path, id, before: /^0+$/.test(old) ? undefined : old });
  }
  return found;
}

/** Undefined for what is no text. */
async function textOf(blobs: BlobReader, id: string): Promise<string | undefined> {
  const bytes = await blobs.read(id);
  return bytes === undefined || bytes.includes(0) ? undefined : bytes.toString('utf8');
}

async function linter() {
  const { lintSource, creator } = await import('./secretlint.ts');
  const config = { rules: [{ id: creator.meta.id, rule: creator }] };
  return async (filePath: string, content: string) => {
    const source = { content, filePath, ext: extensionOf(filePath), contentType: 'text' } as const;
    const options = { config, maskSecrets: true, noPhysicFilePath: true };
    const { messages } = await lintSource({ source, options });
    return messages.map(({ loc: { start, end }, messageId }) => {
      return { firstLine: start.line, lastLine: end.line, kind: messageId };
    });
  };
}

function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
}

const DIFF = ['diff-tree', '--stdin', '-r', '--root', '--raw', '-z', '--no-abbrev', '-M', '-l400'];
