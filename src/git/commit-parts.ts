import { type UnreviewedExport, UPSTREAM } from '../core/git-point.ts';
import { toHex } from '../core/hash.ts';
import type { IdentityHex } from '../core/op.ts';
import type { VerifiedFile } from '../core/verify-log.ts';
import type { ChangedFile } from './changed-file.ts';
import type { CommitStory, FileDeed } from './commit-message.ts';
import type { ExportFold } from './export-fold.ts';
import { type GitPerson, personOf } from './git-person.ts';
import type { AuthoredLines } from './line-ledger.ts';
import type { FileTrace, PlannedCommit, PlannedFile } from './planned-commit.ts';
import { identityOf, type WorkKey } from './work-key.ts';

/** All files that there are, and nothing at the other paths that are the world's to say. */
export function wholeTree(
  fold: ExportFold,
  bytesOf: (file: VerifiedFile) => Uint8Array,
): Map<string, PlannedFile | undefined> {
  const files = new Map<string, PlannedFile | undefined>();
  for (const path of fold.owned) files.set(path, undefined);
  for (const [path, file] of fold.living()) files.set(path, plannedFile(file, bytesOf));
  return files;
}

export function plannedFile(
  file: VerifiedFile,
  bytesOf: (file: VerifiedFile) => Uint8Array,
): PlannedFile {
  return { isExecutable: file.mode === 'executable', bytes: () => bytesOf(file) };
}

/** What all trailers up to here say. */
export function trailersAt(fold: ExportFold) {
  const { after, mark, settings } = fold;
  return {
    world: settings?.name ?? '',
    epoch: settings?.worldEpoch ?? '',
    firstSeq: Math.min(after + 1, mark?.opSeq ?? 0),
    lastSeq: mark?.opSeq ?? 0,
    chainHash: toHex(mark?.chainHash ?? new Uint8Array()),
  };
}

/** Everybody by their names as they are now. */
export function peopleOf(fold: ExportFold): ReadonlyMap<IdentityHex, GitPerson> {
  const identities = [...fold.members.keys(), ...[...fold.deeds.keys()].map(identityOf)];
  return new Map(identities.map((identity) => [identity, personOf(identity, fold.members)]));
}

/** Who wrote which lines of these files, upstream left out. */
export function tracesOf(fold: ExportFold, changed: readonly ChangedFile[]): readonly FileTrace[] {
  return changed.flatMap((each): FileTrace[] => {
    const file = fold.file(each.fileId);
    const lines = joined(each.authored())
      .filter(({ author }) => author !== UPSTREAM.identity)
      .map((run) => ({ ...run, firstLine: run.firstLine + 1, lastLine: run.lastLine + 1 }));
    return !file || file.deleted || lines.length === 0 ? [] : [{ path: file.path, lines }];
  });
}

/** Lines of one author, of whichever turns, are one run. */
function joined(lines: readonly AuthoredLines[]): readonly AuthoredLines[] {
  const runs: AuthoredLines[] = [];
  for (const line of lines) {
    const run = { ...line, author: identityOf(line.author) };
    const last = runs.at(-1);
    const isSame = last?.author === run.author && last.isUnattributed === run.isUnattributed;
    if (last && isSame && last.lastLine + 1 === run.firstLine) {
      runs[runs.length - 1] = { ...last, lastLine: run.lastLine };
    } else runs.push(run);
  }
  return runs;
}

/**
 * Whose commit it is: the person with most lines in it, an agent where no person has any; the
 * others in the order in which they began. Where nobody has lines, who began.
 */
export function authorsOf(
  fold: ExportFold,
  traces: readonly FileTrace[],
  people: ReadonlyMap<IdentityHex, GitPerson>,
): { readonly author: GitPerson; readonly others: readonly GitPerson[] } {
  const lines = new Map<IdentityHex, number>();
  for (const { author, firstLine, lastLine } of traces.flatMap((trace) => trace.lines)) {
    lines.set(author, (lines.get(author) ?? 0) + lastLine - firstLine + 1);
  }
  const writers = [...fold.deeds.keys()].filter((identity) => lines.has(identity));
  const persons = writers.filter((identity) => !people.get(identity)?.isAgent);
  const candidates = persons.length > 0 ? persons : writers;
  // The sort is stable: of two with as many lines it is who began.
  const [most] = candidates.toSorted((a, b) => lines.get(b)! - lines.get(a)!);
  const own = [...fold.deeds.keys()].find((identity) => identity !== UPSTREAM.identity);
  const identity = most ?? own ?? fold.firstActor ?? [...fold.members.keys()][0] ?? '';
  const others = writers.filter((each) => each !== identity);
  return {
    author: personOf(identity, fold.members),
    others: others.map((each) => personOf(each, fold.members)),
  };
}

/** Who kept agents' work in which of these files: of all agents, or of one. */
export function commitReviews(
  fold: ExportFold,
  changed: readonly ChangedFile[],
  agent?: IdentityHex,
): NonNullable<PlannedCommit['reviews']> {
  const { everybody } = fold;
  const paths = changed.flatMap(({ fileId }) => {
    const own = fold.kept.filter((each) => {
      return each.fileId === fileId && (!agent || !each.agent || each.agent === agent);
    });
    if (own.length === 0) return [];
    const by = [...new Set(own.map(({ author }) => author))];
    return [{ path: fold.file(fileId)!.path, by }];
  });
  const identities = new Set(paths.flatMap(({ by }) => by));
  return { paths, people: [...identities].map((identity) => personOf(identity, everybody)) };
}

/** What a commit says of work that nobody has looked at. */
export function unreviewedWork(
  fold: ExportFold,
  left: UnreviewedExport | undefined,
): PlannedCommit['unreviewed'] {
  if (!left) return undefined;
  const { changes, files, fileIds, by } = left;
  const { everybody } = fold;
  const paths = fileIds.flatMap((fileId) => fold.file(fileId)?.path ?? []).sort();
  return { changes, files, paths, by: by.map((agent) => personOf(agent, everybody)) };
}

/** What commits tell of, with whose work each part is. */
interface WorkStory extends CommitStory {
  readonly people: readonly (CommitStory['people'][number] & { readonly work: WorkKey })[];
}

/** What these files tell; what only came in from the repository is no news there. */
export function storyOf(fold: ExportFold, changed: readonly ChangedFile[]): WorkStory {
  const others = [...fold.deeds].filter(([identity]) => identity !== UPSTREAM.identity);
  const own = new Set(others.flatMap(([, deeds]) => [...deeds.files]));
  const told = changed.filter(({ fileId }) => own.has(fileId));
  const files = told.flatMap((each) => deedOf(fold, each)).sort(byPath);
  const shown = new Set(told.map(({ fileId }) => fileId));
  const pathOf = (fileId: number): string => fold.file(fileId)?.path ?? '';
  return {
    files,
    people: others.flatMap(([work, deeds]) => {
      const paths = [...deeds.files].filter((fileId) => shown.has(fileId)).map(pathOf);
      const person = personOf(identityOf(work), fold.members);
      return paths.length === 0 ? [] : [{ work, person, paths: paths.sort() }];
    }),
    conflicts: fold.decisions
      .filter(({ fileId }) => shown.has(fileId))
      .map(({ fileId, author, resolution }) => {
        return { path: pathOf(fileId), by: personOf(author, fold.members), resolution };
      }),
  };
}

function deedOf(fold: ExportFold, { fileId, before }: ChangedFile): FileDeed[] {
  const file = fold.file(fileId)!;
  const was = before && !before.place.deleted ? before.place.path : undefined;
  if (file.deleted) return was === undefined ? [] : [{ path: was, what: 'delete' }];
  if (was === undefined) return [{ path: file.path, what: 'add' }];
  if (was !== file.path) return [{ path: file.path, what: 'rename', from: was }];
  return [{ path: file.path, what: 'change' }];
}

function byPath(a: FileDeed, b: FileDeed): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

export function secondsOf(micros: bigint): number {
  return Number(micros / 1_000_000n);
}
