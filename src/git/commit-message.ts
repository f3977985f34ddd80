import { listed } from '../core/listed.ts';
import type { GitPerson } from './git-person.ts';
import { signatureOf } from './git-person.ts';
import type { PlannedCommit } from './planned-commit.ts';

/** What became of a file in a commit. */
export interface FileDeed {
  readonly path: string;
  readonly what: 'add' | 'change' | 'delete' | 'rename';
  /** Where it was before it was renamed. */
  readonly from?: string;
}

/** What a commit tells of. */
export interface CommitStory {
  readonly files: readonly FileDeed[];
  readonly people: readonly { readonly person: GitPerson; readonly paths: readonly string[] }[];
  readonly conflicts: readonly {
    readonly path: string;
    readonly by: GitPerson;
    readonly resolution: string;
  }[];
  /** Of a commit of one turn. */
  readonly turn?: { readonly number: number; readonly client: string; readonly title: string };
}

/** Where in which history a commit stands; what `verify --commit` goes by. */
export interface CommitTrailers {
  readonly world: string;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** In hexadecimal digits. */
  readonly chainHash: string;
  /** For a commit of a part of the work: by what that was told apart, and of how many, in their order. */
  readonly part?: CommitPart;
  readonly coAuthors: readonly GitPerson[];
  /** Who kept what agents did. */
  readonly reviewers?: readonly GitPerson[];
  /** What agents did in the export and nobody has looked at. */
  readonly unreviewed?: PlannedCommit['unreviewed'];
}

export interface CommitPart {
  readonly by: 'authors' | 'turns';
  readonly first: number;
  readonly all: number;
}

/** The message that is proposed: a subject, and who did what to which files. */
export function proposeMessage(story: CommitStory): string {
  const people = story.people.map(({ person, paths }) => {
    const kind = person.isAgent ? ' (agent)' : '';
    return `- ${person.name}${kind}: ${listed(paths, PATHS_NAMED)}`;
  });
  const conflicts = story.conflicts.map(
    ({ path, by, resolution }) =>
      `- ${path}: ${RESOLUTIONS[resolution] ?? resolution}, by ${by.name}`,
  );
  const parts = [
    [subjectOf(story.files)],
    story.turn ? [describeTurn(story.turn)] : [],
    people,
    conflicts.length > 0 ? ['Conflicts resolved:', ...conflicts] : [],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** A whole message: what it says, tidied as git does, and the trailers behind it. */
export function withTrailers(text: string, trailers: CommitTrailers): string {
  const said = tidy(text);
  const lines = [
    `Agent-World: ${oneLine(trailers.world)}`,
    `Agent-World-Epoch: ${trailers.epoch}`,
    `Agent-World-Ops: ${trailers.firstSeq}-${trailers.lastSeq}`,
    `Agent-World-Chain: ${trailers.chainHash}`,
    ...(trailers.part ? [partTrailer(trailers.part)] : []),
    ...trailers.coAuthors.map((person) => `Co-authored-by: ${signatureOf(person)}`),
    ...(trailers.reviewers ?? []).map((person) => `Reviewed-by: ${signatureOf(person)}`),
    ...(trailers.unreviewed ? [unreviewedTrailer(trailers.unreviewed)] : []),
  ];
  const isFollowed = endsInTrailers(said) ? '\n' : '\n\n';
  return `${said}${isFollowed}${lines.join('\n')}\n`;
}

/** A message of an export, taken apart: what it says, and the trailers behind it. */
export function splitMessage(message: string): {
  readonly said: string;
  readonly trailers: string;
} {
  const at = message.lastIndexOf('\nAgent-World: ');
  return { said: message.slice(0, Math.max(0, at)).trim(), trailers: message.slice(at + 1).trim() };
}

/** What `withTrailers` wrote into a message; undefined for one that is not of a world. */
export function readTrailers(
  message: string,
): Omit<CommitTrailers, 'coAuthors' | 'reviewers' | 'unreviewed' | 'world'> | undefined {
  // What somebody wrote may look like a trailer, too.
  const own = splitMessage(message).trailers;
  const last = (name: string): string | undefined =>
    [...own.matchAll(new RegExp(`^${name}: (.*)$`, 'gm'))].at(-1)?.[1];
  const ops = /^(\d{1,10})-(\d{1,10})$/.exec(last('Agent-World-Ops') ?? '');
  const [epoch, chainHash] = [last('Agent-World-Epoch'), last('Agent-World-Chain')];
  if (!ops || !epoch || !chainHash) return undefined;
  const by = last(PART_TRAILERS.turns) === undefined ? 'authors' : 'turns';
  const part = /^(\d+)\/(\d+)$/.exec(last(PART_TRAILERS[by]) ?? '');
  return {
    epoch,
    chainHash,
    firstSeq: Number(ops[1]),
    lastSeq: Number(ops[2]),
    ...(part ? { part: { by, first: Number(part[1]), all: Number(part[2]) } } : {}),
  };
}

function describeTurn({ number, client, title }: NonNullable<CommitStory['turn']>): string {
  const by = client === '' ? '' : ` of ${oneLine(client)}`;
  return `Turn ${number}${by}${title === '' ? '' : `: ${oneLine(title)}`}`;
}

function partTrailer({ by, first, all }: CommitPart): string {
  return `${PART_TRAILERS[by]}: ${first}/${all}`;
}

function unreviewedTrailer({
  changes,
  files,
  by,
}: NonNullable<PlannedCommit['unreviewed']>): string {
  const names = by.map(({ name }) => oneLine(name));
  const what = `${counted(changes, 'change')} in ${counted(files, 'file')}`;
  return `Unreviewed: ${what} (${listed(names, PATHS_NAMED)})`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const PART_TRAILERS = { authors: 'Agent-World-Authors', turns: 'Agent-World-Turns' } as const;

function subjectOf(files: readonly FileDeed[]): string {
  const [first] = files;
  if (!first) return 'No file changed';
  if (files.length === 1) return describe(first);
  const verbs = new Set(files.map(({ what }) => what));
  const verb = VERBS[verbs.size === 1 ? first.what : 'change'];
  const names = files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  for (let shown = Math.min(NAMES_IN_SUBJECT, names.length); shown > 0; shown--) {
    const subject = `${verb} ${files.length} files: ${listed(names, shown)}`;
    if (subject.length <= SUBJECT_LENGTH) return subject;
  }
  return `${verb} ${files.length} files`;
}

function describe({ path, what, from }: FileDeed): string {
  return from === undefined ? `${VERBS[what]} ${path}` : `${VERBS[what]} ${from} to ${path}`;
}

function tidy(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\0', '')
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/^\n+|\n+$/g, '');
}

/** The subject alone is none, whatever it looks like. */
function endsInTrailers(text: string): boolean {
  const paragraphs = text.split('\n\n');
  const lines = paragraphs.at(-1)!.split('\n');
  return paragraphs.length > 1 && lines.every((line) => /^[A-Za-z0-9-]+: \S/.test(line));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

const VERBS: Readonly<Record<FileDeed['what'], string>> = {
  add: 'Add',
  change: 'Change',
  delete: 'Delete',
  rename: 'Rename',
};

const RESOLUTIONS: Readonly<Record<string, string>> = {
  accept_head: 'kept as it was',
  rebase: 'the refused edit on top',
  patch: 'edited by hand',
};

const SUBJECT_LENGTH = 72;
const NAMES_IN_SUBJECT = 3;
const PATHS_NAMED = 10;
