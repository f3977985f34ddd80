import { type BytePath, showBytePath } from './byte-path.ts';
import { type ExportQuestion, exportSetting, newExport } from './export-world.ts';
import { type FoundSecret, findSecrets } from './find-secrets.ts';
import { signatureOf } from './git-person.ts';
import type { Listing, Repository, TreeEntry } from './repository.ts';
import { isFile } from './tree-state.ts';
import { treeOf } from './with-tree.ts';

/** A file that an export changes, by its path from the repository's root. */
export interface PreviewChange {
  readonly path: string;
  /** Ids of blobs: what the parent has, and what the export has; undefined for nothing. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface PreviewCommit {
  readonly id: string;
  /** Name and address. */
  readonly author: string;
  /** Trailers included. */
  readonly message: string;
  readonly files: number;
}

/** What an export would be: everything is there, but no ref leads to it and no history tells of it. */
export interface ExportPreview {
  /** The op that it goes up to: to be named by whoever then wants exactly this. */
  readonly upTo: number;
  readonly parents: readonly string[];
  readonly commits: readonly PreviewCommit[];
  /** All commits together. */
  readonly changes: readonly PreviewChange[];
  /** What looks like a key in lines that were written since the export before. */
  readonly secrets: readonly FoundSecret[];
  /** Links and submodules of the parent in whose place the export has a file of the world. */
  readonly replacedLinks: readonly string[];
  /** The last export; undefined before there is one. */
  readonly last: { readonly branch: string; readonly commit: string } | undefined;
}

/** Prepares an export without making it. Throws like `exportWorld`. */
export async function previewExport(question: ExportQuestion): Promise<ExportPreview> {
  const { repository } = question;
  const setting = await exportSetting(question);
  const { parents, range, before: last } = setting;
  const { written } = await newExport(question, setting);
  const tip = written.commits.at(-1);
  const trees = tip && {
    older: await treeOf(repository, parents[0]),
    newer: await repository.listTree(tip.id),
  };
  const changes = trees ? differences(trees) : [];
  const replacedLinks = trees ? linksReplaced(trees) : [];
  const ids = written.commits.map(({ id }) => id);
  const secrets = await findSecrets(repository, ids, parents);
  const commits = written.commits.map(({ id, author, message, files }) => {
    return { id, author: signatureOf(author), message, files };
  });
  return { upTo: range.upTo, parents, commits, changes, secrets, replacedLinks, last };
}

/** What a commit has otherwise than another, or than nothing. */
export async function changesBetween(
  repository: Repository,
  parent: string | undefined,
  commit: string,
): Promise<readonly PreviewChange[]> {
  return differences({
    older: await treeOf(repository, parent),
    newer: await repository.listTree(commit),
  });
}

interface TwoTrees {
  readonly older: Listing;
  readonly newer: Listing;
}

function differences({ older, newer }: TwoTrees): readonly PreviewChange[] {
  const paths = [...new Set([...older.keys(), ...newer.keys()])].sort();
  return paths.flatMap((path): PreviewChange[] => {
    const [before, after] = [older.get(path), newer.get(path)];
    const isSame = before?.id === after?.id && before?.mode === after?.mode;
    return isSame ? [] : [{ path: showBytePath(path), before: before?.id, after: after?.id }];
  });
}

function linksReplaced({ older, newer }: TwoTrees): readonly string[] {
  const isReplaced = ([path, entry]: readonly [BytePath, TreeEntry]): boolean =>
    !isFile(entry) && newer.has(path) && isFile(newer.get(path));
  return [...older].filter(isReplaced).map(([path]) => showBytePath(path));
}
