import type { Changes } from '../core/change.ts';
import { sameBytes } from '../core/hash.ts';
import type { InTheWay } from '../core/path-places.ts';
import { LINE_ENDS_LEVEL, RENAME_FILES_LEVEL } from '../core/module-level.ts';
import { DEFAULT_LIMITS } from '../core/limits.ts';
import type { FileAt } from '../world/file-reader.ts';
import { sentContent } from '../world/change-file.ts';
import { pauseRefusal, refusalText } from '../world/claim-refusal.ts';
import { versionMakers } from '../world/file-reader.ts';
import { piecesOfLines } from '../core/returned-text.ts';
import { batchCall } from '../world/judge-batch.ts';
import type { ReducerArguments, ReducerName } from '../world/bindings.ts';
import type { Link } from '../world/link.ts';
import { LoopTurns } from '../world/loop-turns.ts';
import { readFileOps } from '../world/read-file-ops.ts';
import type { FileContent } from '../world/text-format.ts';
import type { IdentityHex, SubmittedOp } from '../core/op.ts';
import { EditsTogether, type NewOpId } from './edits-together.ts';
import { contentHashesOf } from './file-bytes.ts';
import type { EndsChange } from '../core/other-ends.ts';
import { RecentOps } from './recent-ops.ts';
import { type NearText, RecentReads } from './recent-reads.ts';
import { resolveReducer } from '../world/decide-ticket.ts';
import { readHeadSeq } from '../world/read-head.ts';
import type { Refusal } from '../world/refusal.ts';
import type { ReturnedText } from './restorations/restoration-judge.ts';
import { type FileForm, setForm } from './set-form.ts';
import type { FileHead, Outcome } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';

/** What the world said to an op of the mirror. */
export type Verdict =
  /** `version`: what the op made; 0 where it changed no text. */
  | { readonly tag: 'applied'; readonly version: number }
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  | Refused;

/** `details`: what the world added for programs. */
export interface Refused {
  readonly tag: 'refused';
  readonly code: string;
  readonly message: string;
  readonly details?: Refusal['details'];
}

/** Changes that were made on an older text and moved to the base version. */
export interface CarriedChanges {
  /** The version that the text was known to come from. */
  readonly fromVersion: number;
  /** They met others' changes on the way: the world's policy is to decide. */
  readonly isContested: boolean;
}

/** What is known of an edit beside its changes. */
export interface EditFacts {
  /** Sent again with the same id it is the same op. */
  readonly opId?: string | undefined;
  /** It has to be sent with another id. */
  readonly newId?: NewOpId | undefined;
  /** The older text in it. */
  readonly returned?: readonly ReturnedText[] | undefined;
  /** The member has saved it in an editor, whatever stands on disk by now. */
  readonly isOwn?: boolean | undefined;
}

export type FileMode = FileHead['mode'];

export interface FileToCreate {
  readonly path: string;
  readonly mode: FileMode;
  readonly content: FileContent;
  /** The member made it in an editor: it is their own work, whoever else writes to the disk. */
  readonly isOwn: boolean;
}

/** A file, as its mover saw it, and where it goes. */
export interface FileMoveTo {
  readonly file: Pick<FileHead, 'fileId' | 'path' | 'version'>;
  readonly path: string;
}

/** So far back it is looked whether a file on disk is an older version of one of the world. */
const OLDER_VERSIONS = 2_000;

/** What the mirror needs of a world. Calls wait for the connection; they end with `signal`. */
export interface MirrorWorld {
  /**
   * Resolves once everything is known that was done before it was called. Another window of this folder
   * is answered, and writes so into the folder's log, before the world has told us.
   */
  caughtUp(): Promise<void>;
  /** Deleted files included. */
  files(): Iterable<FileHead>;
  file(fileId: number): FileHead | undefined;
  /** The living file at a path. */
  fileAt(path: string): FileHead | undefined;
  /** Why nothing that stands at a path on disk would be taken: whoever wrote it is paused, as far as is known. */
  pausedAt(path: string): Promise<Refused | undefined>;
  /** What keeps a file from being at a path; one at just this path does not. */
  inTheWay(path: string): InTheWay | undefined;
  /** `near`: what may be an older text of the file: it may save asking for the whole. */
  read(fileId: number, version?: number, near?: NearText): Promise<FileAt>;
  /** True for bytes whose content one of a file's versions has, of the last 2,000. */
  hasHad(file: FileHead, bytes: Uint8Array): Promise<boolean>;
  edit(
    fileId: number,
    baseVersion: number,
    changes: Changes,
    carried?: CarriedChanges,
    facts?: EditFacts,
  ): Promise<Verdict>;
  /** Takes back a proposal of one's own; says whether the world agreed. */
  withdraw(ticketId: number): Promise<boolean>;
  replaceContent(fileId: number, baseVersion: number, content: FileContent): Promise<Verdict>;
  /** False in a world whose module knows only texts whose line ends are all alike. */
  readonly keepsLineEnds: boolean;
  /** Lines of a version are to end so; every other line keeps its end. */
  setLineEnds(file: FileHead, version: number, ends: EndsChange): Promise<Verdict>;
  setMode(file: FileHead, format: Pick<FileHead, 'mode' | 'eol' | 'bom'>): Promise<Verdict>;
  /** The verdicts in the order of the files. */
  createAll(files: readonly FileToCreate[]): Promise<readonly Verdict[]>;
  remove(fileId: number, baseVersion: number): Promise<Verdict>;
  /** Makes a deleted file be there again, where it was and as it was. */
  restore(file: FileHead): Promise<Verdict>;
  rename(file: FileHead, path: string): Promise<Verdict>;
  /**
   * Moves files together, all of them or none; each from the path that its head says. Undefined where the
   * world's module cannot, and nothing was done.
   */
  renameAll(moves: readonly FileMoveTo[]): Promise<Verdict | undefined>;
}

/**
 * A session as the mirror sees it.
 * `authorOf` says whose work it is what stands at a path on disk; empty for the member's own. `recent`: what is
 * known of the history, for whoever else asks.
 */
export function mirrorWorldOf(
  session: WorldSession,
  newId: () => string,
  signal: AbortSignal,
  authorOf: (path: string) => Promise<IdentityHex> = () => Promise.resolve(''),
  recent = new RecentOps(session, signal),
): MirrorWorld {
  const reads = new RecentReads(session, recent);
  const turns = new LoopTurns();
  const authorOfFile = (fileId: number): Promise<IdentityHex> =>
    authorOf(session.view.files.get(fileId)?.path ?? '');
  const deliver = <Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
    opId: string,
  ): Promise<Verdict> => judged(session, name, args, opId, signal);
  const alone = async (op: SubmittedOp): Promise<Verdict> => {
    const batch = { batchId: newId(), extends: 0, ops: [op] };
    const { moduleLevel } = await session.whenOnline(signal);
    const { name, args } = batchCall(batch, moduleLevel);
    return deliver(name, args, op.opId);
  };
  const edits = new EditsTogether({
    together: (ops) => editTogether(session, ops, newId, signal),
    alone: async (op, otherId) => alone(otherId ? { ...op, opId: await otherId() } : op),
    onEdit: (listener) =>
      session.view.files.onChange(({ before, after }) => {
        if (after && after.version !== before?.version) listener(after.fileId);
      }),
    nowMs: () => session.clock.nowMs(),
  });
  return {
    async caughtUp() {
      // Nobody is answered before they have heard of what was earlier.
      await readHeadSeq(await session.whenOnline(signal));
    },
    files: () => session.view.files.values(),
    file: (fileId) => session.view.files.get(fileId),
    fileAt: (path) => session.view.fileAt(path),
    async pausedAt(path) {
      const { members } = session.view;
      // Who wrote it is asked only where that says something.
      if (![...members.values()].some(({ paused, removed }) => paused && !removed))
        return undefined;
      if (members.get(session.identity)?.paused) return pausedBy(session, session.identity);
      const author = await authorOf(path);
      return members.get(author)?.paused ? pausedBy(session, author) : undefined;
    },
    inTheWay: (path) => session.view.inTheWay(path),
    async read(fileId, version, near) {
      const link = await session.whenOnline(signal);
      const file = await reads.read(link, fileId, version, near);
      await turns.next();
      return file;
    },
    async hasHad({ fileId, version }, bytes) {
      const link = await session.whenOnline(signal);
      const ops = await readFileOps(link, fileId, Math.max(0, version - OLDER_VERSIONS), version);
      const hashes = contentHashesOf(bytes);
      return versionMakers(ops).some(({ afterHash }) =>
        hashes.some((hash) => sameBytes(afterHash, hash)),
      );
    },
    async edit(fileId, expectedBaseVersion, changes, carried, facts) {
      const opId = facts?.opId ?? newId();
      const from = carried?.fromVersion ?? expectedBaseVersion;
      const overlaps = carried?.isContested
        ? await opsAfter(await session.whenOnline(signal), fileId, from, expectedBaseVersion)
        : [];
      const op = {
        opId,
        fileId,
        expectedBaseVersion,
        intent: 'patch' as const,
        author: facts?.isOwn ? '' : await authorOfFile(fileId),
        carriedFrom: from < expectedBaseVersion ? from : 0,
        overlaps,
        rangeHashes: [],
        changes,
        returned: piecesOfLines(facts?.returned ?? [], changes),
      };
      // Nobody has changed the file, as far as is known.
      const isNewest = session.view.files.get(fileId)?.version === expectedBaseVersion;
      const another = facts?.newId ?? (facts?.opId ? undefined : () => Promise.resolve(newId()));
      return !carried && isNewest && another ? edits.send(op, another) : alone(op);
    },
    async withdraw(ticketId) {
      const opId = newId();
      const ticket = session.view.tickets.get(ticketId);
      const expectedHeadVersion = (ticket && session.view.files.get(ticket.fileId)?.version) ?? 0;
      const args = { opId, ticketId, expectedHeadVersion, resolution: 'accept_head', parts: [] };
      // The connection says what the world's module can do.
      await session.whenOnline(signal);
      return (await deliver(resolveReducer(session), args, opId)).tag === 'applied';
    },
    async replaceContent(fileId, expectedBaseVersion, content) {
      const opId = newId();
      const args = {
        opId,
        author: await authorOfFile(fileId),
        fileId,
        expectedBaseVersion,
        content: sentContent(content, session.moduleLevel),
      };
      return deliver('replace_content', args, opId);
    },
    async setMode({ fileId, path, version }, wanted) {
      const author = await authorOf(path);
      const send = ({ mode, eol, bom }: FileForm): Promise<Verdict> => {
        const opId = newId();
        const expectedBaseVersion = version;
        const args = { opId, author, fileId, expectedBaseVersion, mode, eol, bom };
        return deliver('set_file_mode', args, opId);
      };
      return setForm(session, { fileId }, wanted, send, signal);
    },
    get keepsLineEnds() {
      return session.moduleLevel >= LINE_ENDS_LEVEL;
    },
    async setLineEnds({ fileId, path }, expectedBaseVersion, { crlf, lf }) {
      const opId = newId();
      const author = await authorOf(path);
      const args = { opId, author, fileId, expectedBaseVersion, crlf, lf };
      return deliver('set_line_ends', args, opId);
    },
    async createAll(files) {
      const verdicts = new Map<FileToCreate, Verdict>();
      const byAuthor = new Map<IdentityHex, FileToCreate[]>();
      for (const file of files) {
        const author = file.isOwn ? '' : await authorOf(file.path);
        byAuthor.set(author, [...(byAuthor.get(author) ?? []), file]);
      }
      for (const [author, alike] of byAuthor) {
        const made = await createTogether(session, alike, author, newId, signal);
        for (const [index, file] of alike.entries()) verdicts.set(file, made[index]!);
      }
      return files.map((file) => verdicts.get(file)!);
    },
    async remove(fileId, expectedBaseVersion) {
      const opId = newId();
      const author = await authorOfFile(fileId);
      return deliver('delete_file', { opId, author, fileId, expectedBaseVersion }, opId);
    },
    async restore({ fileId, path, version: expectedBaseVersion }) {
      const opId = newId();
      const args = { opId, author: await authorOf(path), fileId, expectedBaseVersion, path: '' };
      return deliver('restore_file', args, opId);
    },
    async renameAll(moves) {
      await session.whenOnline(signal);
      if (session.moduleLevel < RENAME_FILES_LEVEL) return undefined;
      const files = moves.map(({ file, path }) => ({
        opId: newId(),
        fileId: file.fileId,
        expectedBaseVersion: file.version,
        fromPath: file.path,
        path,
      }));
      const first = files[0]!;
      const args = { batchId: newId(), author: await authorOf(first.path), files };
      // The outcome is told for the first alone.
      return deliver('rename_files', args, first.opId);
    },
    async rename({ fileId, path: fromPath, version: expectedBaseVersion }, path) {
      const opId = newId();
      const author = await authorOf(path);
      const args = { opId, author, fileId, expectedBaseVersion, fromPath, path };
      return deliver('rename_file', args, opId);
    },
  };
}

/** Creates files of one author. The verdicts in their order. */
async function createTogether(
  session: WorldSession,
  files: readonly FileToCreate[],
  author: IdentityHex,
  newId: () => string,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const rows = files.map(({ path, mode, content }) => ({
    opId: newId(),
    path,
    mode,
    content: sentContent(content, session.moduleLevel),
  }));
  if (rows.length > 1) {
    const opIds = rows.map(({ opId }) => opId);
    const args = { batchId: newId(), author, files: rows };
    const answer = await session.deliver('import_files', args, opIds, signal);
    if (answer.tag === 'unanswered') throw new MirrorStopped();
    if (answer.tag === 'judged') return opIds.map((opId) => verdictOf(answer.outcomes, opId));
  }
  // Together they are refused for the sake of one of them.
  const verdicts: Verdict[] = [];
  for (const file of rows) {
    const args = { author, file };
    verdicts.push(await judged(session, 'create_file', args, file.opId, signal));
  }
  return verdicts;
}

/** Undefined where the world did not take all of them: then it has none. */
async function editTogether(
  session: WorldSession,
  ops: readonly SubmittedOp[],
  newId: () => string,
  signal: AbortSignal,
): Promise<readonly Verdict[] | undefined> {
  const opIds = ops.map(({ opId }) => opId);
  const batch = { batchId: newId(), extends: 0, ops };
  const { moduleLevel } = await session.whenOnline(signal);
  const { name, args: calls } = batchCall(batch, moduleLevel);
  const answer = await session.deliver(name, calls, opIds, signal);
  if (answer.tag === 'unanswered') throw new MirrorStopped();
  if (answer.tag === 'refused') return undefined;
  const ticketId = answer.outcomes.find((outcome) => outcome.ticketId > 0)?.ticketId;
  if (ticketId === undefined) return opIds.map((opId) => verdictOf(answer.outcomes, opId));
  // Of all of them it is nobody's decision: each is sent again for itself.
  const args = { opId: newId(), ticketId, expectedHeadVersion: 0, resolution: 'accept_head' };
  await session.deliver(resolveReducer(session), { ...args, parts: [] }, [args.opId], signal);
  return undefined;
}

async function judged<Name extends ReducerName>(
  session: WorldSession,
  name: Name,
  args: ReducerArguments<Name>,
  opId: string,
  signal: AbortSignal,
): Promise<Verdict> {
  const answer = await session.deliver(name, args, [opId], signal);
  switch (answer.tag) {
    case 'judged': {
      const ticketed = answer.outcomes.find((outcome) => outcome.ticketId > 0);
      if (ticketed) return { tag: 'ticketed', ticketId: ticketed.ticketId };
      return { tag: 'applied', version: answer.outcomes.at(-1)?.version ?? 0 };
    }
    case 'refused':
      return {
        tag: 'refused',
        code: answer.refusal.code,
        message: refusalText(session.view, answer.refusal),
        details: answer.refusal.details,
      };
    case 'unanswered':
      throw new MirrorStopped();
  }
}

/** As the world would refuse it. */
function pausedBy({ view }: WorldSession, member: IdentityHex): Refused {
  const refusal = pauseRefusal(view, member);
  return { tag: 'refused', ...refusal, message: refusalText(view, refusal) };
}

function verdictOf(outcomes: readonly Outcome[], opId: string): Verdict {
  const outcome = outcomes.find((each) => each.opId === opId);
  return outcome && outcome.ticketId > 0
    ? { tag: 'ticketed', ticketId: outcome.ticketId }
    : { tag: 'applied', version: outcome?.version ?? 0 };
}

/** The numbers of the ops that made the versions after one, up to another; at least the last. */
async function opsAfter(
  link: Link,
  fileId: number,
  afterVersion: number,
  toVersion: number,
): Promise<number[]> {
  const first = Math.min(afterVersion + 1, toVersion);
  const ops = versionMakers(await readFileOps(link, fileId, first - 1, toVersion));
  return ops.map(({ opSeq }) => opSeq).slice(-DEFAULT_LIMITS.overlapsPerOp);
}

/** The mirror was stopped while it waited. */
export class MirrorStopped extends Error {
  constructor() {
    super('the mirror was stopped');
    this.name = 'MirrorStopped';
  }
}
