import type { FilePlace } from '../core/file-place.ts';
import { UPSTREAM } from '../core/git-point.ts';
import { LineBuffer } from '../core/line-buffer.ts';
import type { IdentityHex } from '../core/op.ts';
import { foldersOf } from '../core/path.ts';
import type { VerifiedFile } from '../core/verify-log.ts';
import type { ChangedFile } from './changed-file.ts';
import { proposeMessage, withTrailers } from './commit-message.ts';
import {
  peopleOf,
  plannedFile,
  secondsOf,
  storyOf,
  tracesOf,
  trailersAt,
  wholeTree,
} from './commit-parts.ts';
import type { ExportFold } from './export-fold.ts';
import { personOf } from './git-person.ts';
import type { PlannedCommit, PlannedFile } from './planned-commit.ts';

/**
 * One commit for each author, in the order in which they began: each adds the lines that this author
 * wrote to those of the ones before, and takes out what this author removed. After the last one the
 * tree is that of the world; between, nobody has ever had it on screen.
 */
export function* planByAuthors(
  fold: ExportFold,
  said: string,
  bytesOf: (file: VerifiedFile) => Uint8Array,
): Generator<PlannedCommit> {
  const people = peopleOf(fold);
  const began = [...fold.deeds.keys()];
  // What came in from the repository is there before anybody's work.
  const isUpstream = (identity: IdentityHex): boolean => identity === UPSTREAM.identity;
  const authors = [...began.filter(isUpstream), ...began.filter((each) => !isUpstream(each))];
  const traces = tracesOf(fold, fold.changed);
  const committerSeconds = secondsOf(fold.mark?.madeAtMicros ?? 0n);
  const done = new Set<IdentityHex>();
  let before = new Map<string, PlannedFile>();
  for (const [index, identity] of authors.entries()) {
    done.add(identity);
    const isLast = index === authors.length - 1;
    const after = treeBy(fold, done, bytesOf);
    const isWhole = index === 0;
    const files = isWhole ? wholeBy(fold, after, bytesOf) : difference(before, after);
    const deeds = fold.deeds.get(identity)!;
    const own = fold.changed.filter(({ fileId }) => deeds.files.has(fileId));
    const story = storyOf(fold, own);
    const mine = story.people.filter(({ person }) => person.identity === identity);
    const proposed = proposeMessage({
      ...story,
      people: mine,
      // Decisions are nobody's lines.
      conflicts: isLast ? storyOf(fold, fold.changed).conflicts : [],
    });
    const count = { first: index + 1, all: authors.length };
    yield {
      author: personOf(identity, fold.members),
      authorSeconds: secondsOf(deeds.lastMicros),
      committerSeconds,
      message: withTrailers(said.trim() === '' ? proposed : said, {
        ...trailersAt(fold),
        authors: count,
        coAuthors: [],
      }),
      isWhole,
      files,
      people,
      traces: isLast ? traces : [],
    };
    before = after;
  }
}

/** The changed files as they would be if only these authors had done anything. */
function treeBy(
  fold: ExportFold,
  authors: ReadonlySet<IdentityHex>,
  bytesOf: (file: VerifiedFile) => Uint8Array,
): Map<string, PlannedFile> {
  const files = new Map<string, { readonly each: ChangedFile; readonly file: VerifiedFile }>();
  for (const each of fold.changed) {
    const version = each.versionBy(authors);
    if (!version || version.place.deleted) continue;
    const { place } = version;
    const content =
      typeof version.content === 'string' ? LineBuffer.of(version.content) : version.content;
    const file = { ...fold.file(each.fileId)!, ...place, content };
    const rival = files.get(place.path);
    // Of two that were never there together the one that stays has the place.
    if (!rival || isThere(fold, each, place)) files.set(place.path, { each, file });
  }
  const folders = new Set([...files.keys()].flatMap(foldersOf));
  for (const [path] of fold.living()) for (const folder of foldersOf(path)) folders.add(folder);
  for (const [path, { each, file }] of files) {
    const isInside = foldersOf(path).some((folder) => files.has(folder) || fold.fileAt(folder));
    // A file where others have a folder, or the other way round, was never there together with them.
    const isInTheWay = folders.has(path) || isInside;
    if (isInTheWay && !isThere(fold, each, file)) files.delete(path);
  }
  return new Map([...files].map(([path, { file }]) => [path, plannedFile(file, bytesOf)]));
}

function isThere(fold: ExportFold, { fileId }: ChangedFile, { path }: FilePlace): boolean {
  const now = fold.file(fileId);
  return now?.path === path && !now.deleted;
}

function wholeBy(
  fold: ExportFold,
  tree: ReadonlyMap<string, PlannedFile>,
  bytesOf: (file: VerifiedFile) => Uint8Array,
): Map<string, PlannedFile | undefined> {
  const files = wholeTree(fold, bytesOf);
  for (const { fileId } of fold.changed) {
    const { path, deleted } = fold.file(fileId)!;
    if (!deleted) files.set(path, undefined);
  }
  for (const [path, file] of tree) files.set(path, file);
  return files;
}

function difference(
  before: ReadonlyMap<string, PlannedFile>,
  after: ReadonlyMap<string, PlannedFile>,
): Map<string, PlannedFile | undefined> {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return new Map(paths.map((path) => [path, after.get(path)]));
}
