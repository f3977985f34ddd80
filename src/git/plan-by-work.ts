import type { FilePlace } from '../core/file-place.ts';
import { type UnreviewedExport, UPSTREAM } from '../core/git-point.ts';
import { LineBuffer } from '../core/line-buffer.ts';
import { foldersOf } from '../core/path.ts';
import type { VerifiedFile } from '../core/verify-log.ts';
import type { ChangedFile } from './changed-file.ts';
import { type CommitStory, proposeMessage, withTrailers } from './commit-message.ts';
import {
  commitReviews,
  peopleOf,
  plannedFile,
  secondsOf,
  storyOf,
  tracesOf,
  trailersAt,
  unreviewedWork,
  wholeTree,
} from './commit-parts.ts';
import type { ExportFold } from './export-fold.ts';
import { personOf } from './git-person.ts';
import type { PlannedCommit, PlannedFile } from './planned-commit.ts';
import { isAttributeFile } from './tree-state.ts';
import { identityOf, turnOfWork, type WorkKey } from './work-key.ts';

/** How the work is told apart, what is said of it, and whether people are named who reviewed it. */
interface WorkRange {
  readonly by: 'authors' | 'turns';
  readonly said: string;
  readonly namesReviewers: boolean;
  /** What agents did in it and nobody has looked at. */
  readonly unreviewed: UnreviewedExport | undefined;
}

/**
 * One commit for each author, or for each turn of agents and for each author of the rest, in the order in which
 * they began: each adds the lines that were written in it to those of the ones before, and takes out what was
 * removed in it. After the last one the tree is that of the world; between, nobody has ever had it on screen.
 */
export function* planByWork(
  fold: ExportFold,
  { by, said, namesReviewers, unreviewed: left }: WorkRange,
  bytesOf: (file: VerifiedFile) => Uint8Array,
): Generator<PlannedCommit> {
  const people = peopleOf(fold);
  const began = [...fold.deeds.keys()];
  // What came in from the repository is there before anybody's work.
  const isUpstream = (work: WorkKey): boolean => work === UPSTREAM.identity;
  const works = [...began.filter(isUpstream), ...began.filter((each) => !isUpstream(each))];
  const traces = tracesOf(fold, fold.changed);
  const committerSeconds = secondsOf(fold.mark?.madeAtMicros ?? 0n);
  const done = new Set<WorkKey>();
  const versions = new Map<number, PlacedFile | undefined>();
  let before = new Map<string, PlannedFile>();
  for (const [index, work] of works.entries()) {
    done.add(work);
    const isWhole = index === 0;
    const isLast = index === works.length - 1;
    const deeds = fold.deeds.get(work)!;
    const own = fold.changed.filter(({ fileId }) => deeds.files.has(fileId));
    for (const each of isWhole ? fold.changed : own) {
      versions.set(each.fileId, versionOf(fold, each, done, bytesOf));
    }
    const after = treeOf(fold, versions);
    const files = isWhole ? wholeBy(fold, after, bytesOf) : difference(before, after);
    const story = storyOf(fold, own);
    const turn = turnIn(fold, work);
    const proposed = proposeMessage({
      ...story,
      people: story.people.filter((each) => each.work === work),
      // Decisions are nobody's lines.
      conflicts: isLast ? storyOf(fold, fold.changed).conflicts : [],
      ...(turn && { turn }),
    });
    const part = { by, first: index + 1, all: works.length };
    const person = personOf(identityOf(work), fold.members);
    const isReviewed = namesReviewers && person.isAgent;
    const reviews = isReviewed ? commitReviews(fold, own, person.identity) : undefined;
    // The last one has all of the world; the others are somebody's.
    const isAbout = isLast || left?.by.includes(person.identity) === true;
    const unreviewed = isAbout ? unreviewedWork(fold, left) : undefined;
    yield {
      author: person,
      authorSeconds: secondsOf(deeds.lastMicros),
      committerSeconds,
      message: withTrailers(said.trim() === '' ? proposed : said, {
        ...trailersAt(fold),
        part,
        coAuthors: [],
        reviewers: reviews?.people ?? [],
        ...(unreviewed && { unreviewed }),
      }),
      isWhole,
      files,
      people,
      traces: isLast ? traces : [],
      ...(reviews && { reviews }),
      ...(unreviewed && { unreviewed }),
    };
    before = after;
  }
}

function turnIn(fold: ExportFold, work: WorkKey): CommitStory['turn'] {
  const number = turnOfWork(work);
  return number === undefined
    ? undefined
    : { number, ...(fold.turns.get(number) ?? { client: '', title: '' }) };
}

/** A changed file as it would be if only some had done anything. */
interface PlacedFile {
  readonly each: ChangedFile;
  readonly place: FilePlace;
  readonly planned: PlannedFile;
}

/** Undefined where there would be none. */
function versionOf(
  fold: ExportFold,
  each: ChangedFile,
  works: ReadonlySet<WorkKey>,
  bytesOf: (file: VerifiedFile) => Uint8Array,
): PlacedFile | undefined {
  const version = each.versionBy(works);
  if (!version || version.place.deleted) return undefined;
  const { place } = version;
  const content =
    typeof version.content === 'string' ? LineBuffer.of(version.content) : version.content;
  const file = { ...fold.file(each.fileId)!, ...place, content };
  return { each, place, planned: plannedFile(file, bytesOf) };
}

/** Each of these files at its path, as far as they were ever there together. */
function treeOf(
  fold: ExportFold,
  versions: ReadonlyMap<number, PlacedFile | undefined>,
): Map<string, PlannedFile> {
  const files = new Map<string, PlacedFile>();
  for (const version of versions.values()) {
    if (!version) continue;
    const { each, place } = version;
    const rival = files.get(place.path);
    // Of two that were never there together the one that stays has the place.
    if (!rival || isThere(fold, each, place)) files.set(place.path, version);
  }
  const folders = new Set([...files.keys()].flatMap(foldersOf));
  for (const [path] of fold.living()) for (const folder of foldersOf(path)) folders.add(folder);
  for (const [path, { each, place }] of files) {
    const isInside = foldersOf(path).some((folder) => files.has(folder) || fold.fileAt(folder));
    // A file where others have a folder, or the other way round, was never there together with them.
    const isInTheWay = folders.has(path) || isInside;
    if (isInTheWay && !isThere(fold, each, place)) files.delete(path);
  }
  return new Map([...files].map(([path, { planned }]) => [path, planned]));
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
  const changed = paths.filter((path) => before.get(path) !== after.get(path));
  // Other attributes make other bytes of files that nobody changed.
  const told = changed.some(isAttributeFile) ? paths : changed;
  return new Map(told.map((path) => [path, after.get(path)]));
}
