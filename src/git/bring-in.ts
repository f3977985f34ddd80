import { type BasePoint, UPSTREAM } from '../core/git-point.ts';
import { endsAfter, endsChanged, followEnds } from '../core/other-ends.ts';
import { contestedIndexes } from '../core/policy.ts';
import { rebase } from '../core/rebase.ts';
import { splitChanges } from '../core/split-changes.ts';
import { Text } from '../core/text.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import {
  createFile,
  deleteFile,
  editFile,
  type FileChanger,
  renameFile,
  replaceFile,
  setLineEnds,
  shapeFile,
} from '../world/change-file.ts';
import { type FileAt, readFile } from '../world/file-reader.ts';
import { checkOutFiles } from '../world/folder-base.ts';
import { markGitPoint } from '../world/mark-git-point.ts';
import { readHeadSeq } from '../world/read-head.ts';
import {
  contentBytes,
  detectContent,
  type FileContent,
  type TextContent,
} from '../world/text-format.ts';
import type { RandomBytes } from '../world/uuid.ts';
import type { FileHead, Outcome } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import { historyOfSession } from '../world/world-history.ts';
import { type BaseFiles, baseFiles } from './base-files.ts';
import { type GitPoints, gitPointsIn, noBase } from './git-points.ts';
import type { Repository } from './repository.ts';
import { type FileDifference, treeDifference } from './tree-difference.ts';

export interface BringInOptions {
  readonly session: WorldSession;
  readonly repository: Repository;
  /** The commit to stand on from now on, by any of its names; what git has as upstream otherwise. */
  readonly rev?: string | undefined;
  readonly randomBytes: RandomBytes;
  readonly signal?: AbortSignal | undefined;
}

export interface BringInReport {
  readonly from: string;
  readonly to: string;
  /** Paths that were changed. */
  readonly changed: readonly string[];
  /** Paths where others had done something else: those became tickets. */
  readonly disputed: readonly string[];
}

/**
 * Brings a newer base into a world: what differs between the two commits becomes edits of the author
 * `upstream`, moved over what others did meanwhile; what overlaps becomes tickets. May be repeated
 * after it was broken off. Throws `WorldError`, and `GitError` `no_base` or `no_commit`.
 */
export async function bringIn(options: BringInOptions): Promise<BringInReport> {
  const { session, repository, randomBytes, signal } = options;
  const history = historyOfSession(session);
  const points = gitPointsIn((await history.notes()).notes);
  const to = await targetOf(repository, options.rev, points.bases.at(-1)?.commit);
  const base = await standingOf(repository, points, to);
  await repository.demandCommit(base.commit);
  const report = { from: base.commit, to, changed: [] as string[], disputed: [] as string[] };
  if (to === base.commit) return report;
  const differences = await treeDifference(repository, base.commit, to, signal);
  const changer = { session, randomBytes, author: UPSTREAM.identity, signal };
  const known = await baseFiles(history, base.isExport ? base : points.bases[0]!);
  const incoming = new Incoming(changer, known, {
    older: await contentsOf(
      repository,
      base.commit,
      differences.map(({ from }) => from),
    ),
    newer: await contentsOf(
      repository,
      to,
      differences.map(({ to: path }) => path),
    ),
  });
  // Places are given up before others take them.
  const inOrder = differences.toSorted(
    (a, b) => Number(b.to === undefined) - Number(a.to === undefined),
  );
  for (const difference of inOrder) {
    const outcomes = await incoming.take(difference);
    const path = difference.to ?? difference.from ?? '';
    if (outcomes.some(({ outcome }) => outcome === 'ticket' || outcome === 'held')) {
      report.disputed.push(path);
    } else if (outcomes.length > 0) report.changed.push(path);
  }
  const upTo = await readHeadSeq(await session.whenOnline(signal));
  const { folder, autoLineEnds } = base;
  const point: BasePoint = { kind: 'base', commit: to, folder, autoLineEnds, upTo };
  await markGitPoint(session, point, to.slice(0, 12), randomBytes, signal);
  return report;
}

/** Tells a world that does not know it which commit its files came from, before any of its ops. */
export async function adoptBase(
  options: BringInOptions & { readonly rev: string },
): Promise<string> {
  const { session, repository, rev, randomBytes, signal } = options;
  const commit = await repository.demandCommit(rev);
  const point: BasePoint = { kind: 'base', commit, ...repository.frame, upTo: 0 };
  await markGitPoint(session, point, commit.slice(0, 12), randomBytes, signal);
  return commit;
}

/** The newest of all that the world and a commit have in common: the base, or an export that it holds. */
async function standingOf(
  repository: Repository,
  { bases, exports }: GitPoints,
  to: string,
): Promise<Omit<BasePoint, 'kind'> & { readonly isExport: boolean }> {
  const base = bases.at(-1);
  for (const point of exports.toReversed()) {
    if (base && point.opSeq < base.opSeq) break;
    const isThere = (await repository.commitOf(point.commit)) !== undefined;
    if (isThere && (await repository.isAncestor(point.commit, to)))
      return { ...point, isExport: true };
  }
  if (base) return { ...base, isExport: false };
  throw noBase();
}

/** The named commit; otherwise what the checked out branch follows, or else the checked out one. */
async function targetOf(
  repository: Repository,
  rev: string | undefined,
  base: string | undefined,
): Promise<string> {
  if (rev !== undefined) return repository.demandCommit(rev);
  const followed = await repository.commitOf('@{upstream}');
  if (followed !== undefined && followed !== base) return followed;
  return (await repository.head()) ?? base ?? repository.demandCommit('HEAD');
}

type Contents = ReadonlyMap<string, FileContent>;

async function contentsOf(
  repository: Repository,
  commit: string,
  paths: readonly (string | undefined)[],
): Promise<Contents> {
  const found = new Map<string, FileContent>();
  const wanted = paths.filter((path) => path !== undefined);
  // oxlint-disable-next-line typescript/require-await
  await checkOutFiles(repository, commit, wanted, async ({ path, bytes }) => {
    found.set(path, detectContent(bytes));
  });
  return found;
}

/** Puts what differs between two commits into the world, file by file. */
class Incoming {
  readonly #changer: FileChanger;
  readonly #known: BaseFiles;
  readonly #older: Contents;
  readonly #newer: Contents;

  constructor(
    changer: FileChanger,
    known: BaseFiles,
    { older, newer }: { readonly older: Contents; readonly newer: Contents },
  ) {
    this.#changer = changer;
    this.#known = known;
    this.#older = older;
    this.#newer = newer;
  }

  async take(difference: FileDifference): Promise<readonly Outcome[]> {
    const { from, to, mode } = difference;
    const { view } = this.#changer.session;
    const id = from === undefined ? undefined : this.#known.idAt(from);
    const head = from === undefined ? undefined : (view.files.get(id ?? 0) ?? view.fileAt(from));
    const content = to === undefined ? undefined : this.#newer.get(to);
    if (to === undefined || !content) return head ? this.#delete(head, from!) : [];
    if (!head) return this.#create(to, { content, mode });
    const outcomes: Outcome[] = [];
    const isMoved = from !== to && !head.deleted && head.path !== to;
    if (isMoved) outcomes.push(...(await renameFile(this.#changer, { ...head, path: from! }, to)));
    const now = view.files.get(head.fileId) ?? head;
    outcomes.push(...(await this.#change(now, difference, content)));
    return outcomes;
  }

  async #create(
    path: string,
    wanted: { readonly content: FileContent; readonly mode: FileHead['mode'] },
  ): Promise<readonly Outcome[]> {
    const outcomes = await createFile(this.#changer, path, wanted);
    // The world has the very same file already.
    return outcomes.filter(({ outcome }) => outcome !== 'duplicate');
  }

  async #delete(head: FileHead, from: string): Promise<readonly Outcome[]> {
    if (head.deleted) return [];
    const old = this.#older.get(from);
    const current = await this.#read(head);
    // Deleting what somebody went on with is for somebody to decide.
    const isUntouched = this.#isUntouched(head) || (old && isSame(current, old));
    const version = isUntouched ? head.version : Math.max(1, head.version - 1);
    return deleteFile(this.#changer, { fileId: head.fileId, version });
  }

  async #change(
    head: FileHead,
    { from, mode, isModeNew, isContentNew }: FileDifference,
    content: FileContent,
  ): Promise<readonly Outcome[]> {
    const old = this.#older.get(from!);
    const outcomes: Outcome[] = [];
    const current = await this.#read(head);
    if (isContentNew && old && !isSame(current, content)) {
      const isText = old.kind === 'text' && content.kind === 'text' && current.kind === 'text';
      outcomes.push(
        ...(isText
          ? await this.#edit(head, current, old.text, content.text)
          : await this.#replace(head, this.#isUntouched(head) || isSame(current, old), content)),
      );
    }
    const isEolNew = isEven(old) && isEven(content) && old.eol !== content.eol;
    if (head.deleted) return outcomes;
    outcomes.push(...(await this.#changeEnds(head, old, content)));
    if (!(isModeNew || isEolNew)) return outcomes;
    const now = this.#changer.session.view.files.get(head.fileId) ?? head;
    const shape = isEolNew
      ? content
      : current.kind === 'text'
        ? { ...content, eol: now.eol }
        : content;
    const wanted = { content: shape, mode: isModeNew ? mode : now.mode, keepsEnds: true };
    return [...outcomes, ...(await shapeFile(this.#changer, now, wanted))];
  }

  /** The ends of lines where they are mixed: what the base has changed of them, on the text as it is now. */
  async #changeEnds(
    head: FileHead,
    old: FileContent | undefined,
    content: FileContent,
  ): Promise<readonly Outcome[]> {
    if (old?.kind !== 'text' || content.kind !== 'text') return [];
    if (isEven(old) && isEven(content)) return [];
    const text = Text.of(old.text);
    const ends = text.lineCount - 1;
    const changes = minimalChanges(text, content.text);
    const { all } = endsChanged(ends, old, content, changes);
    const now = await this.#read(head);
    if (now.kind !== 'text') return [];
    const moves = minimalChanges(Text.of(content.text), now.text.toString());
    const after = endsAfter(ends, changes);
    const lines = {
      crlf: followEnds(all.crlf, after, moves),
      lf: followEnds(all.lf, after, moves),
    };
    return setLineEnds(this.#changer, { ...head, version: now.version }, lines);
  }

  /** Moves what the base changes over what others did; what overlaps goes apart, and says so. */
  async #edit(
    { fileId }: FileHead,
    current: Extract<FileAt, { readonly kind: 'text' }>,
    oldText: string,
    newText: string,
  ): Promise<readonly Outcome[]> {
    const old = this.#isUntouched({ fileId }) ? current.text : Text.of(oldText);
    const theirs = minimalChanges(old, newText);
    const ours = minimalChanges(old, current.text.toString());
    const policy = this.#changer.session.workspace?.policyMode ?? 'auto';
    const contested = contestedIndexes(theirs, ours, policy, 'patch');
    const { rest, chosen } = splitChanges(theirs, contested);
    const outcomes: Outcome[] = [];
    let { version } = current;
    const moved = rebase(rest, ours, 'after');
    if (moved.length > 0) {
      outcomes.push(...(await editFile(this.#changer, { fileId, version, changes: moved })));
      version = outcomes.at(-1)?.version || version;
    }
    const disputed = rebase(chosen, rebase(ours, rest, 'before'), 'after');
    if (disputed.length === 0) return outcomes;
    const overlaps = [this.#known.lastOwnOp(fileId)].filter((opSeq) => opSeq > 0);
    const edit = { fileId, version, changes: disputed, overlaps };
    return [...outcomes, ...(await editFile(this.#changer, edit))];
  }

  #replace(
    { fileId, version }: FileHead,
    isUntouched: boolean,
    content: FileContent,
  ): Promise<readonly Outcome[]> {
    const base = isUntouched ? version : Math.max(1, version - 1);
    return replaceFile(this.#changer, { fileId, version: base, content });
  }

  /**
   * Whether the file is the base's, as somebody had it on disk: what git would check out may be
   * written otherwise, as with `ident`.
   */
  #isUntouched({ fileId }: Pick<FileHead, 'fileId'>): boolean {
    return this.#known.lastOwnOp(fileId) === 0;
  }

  async #read({ fileId }: FileHead): Promise<FileAt> {
    const { session, signal } = this.#changer;
    return readFile(await session.whenOnline(signal), session.view, fileId);
  }
}

/** True for a text whose line ends are all alike. */
function isEven(content: FileContent | undefined): content is TextContent {
  return content?.kind === 'text' && !content.otherEnds;
}

function isSame(current: FileAt, content: FileContent): boolean {
  if (current.kind === 'text') {
    return content.kind === 'text' && current.text.toString() === content.text;
  }
  // What is a text by now may be kept as bytes.
  return Buffer.compare(current.bytes, contentBytes(content)) === 0;
}
