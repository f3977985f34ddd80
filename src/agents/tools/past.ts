/** Owns: what was done and who wrote what, for an agent. */
import { authorshipOfFile } from '../../core/authorship-fold.ts';
import type { OpRecord } from '../../core/op.ts';
import { HistoryReader } from '../../world/history-reader.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import { readFileOps } from '../../world/read-file-ops.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { WorldView } from '../../world/world-view.ts';
import { type BlameView, done, type OpView, refused, type Reply } from './answer.ts';
import { noSuchFile } from './edit-file.ts';
import type { Grounds } from './grounds.ts';
import { bounded } from './list-files.ts';
import { findMember } from './member-search.ts';
import { countedLines } from './numbered-lines.ts';
import type { TextShelf } from './text-shelf.ts';

export interface HistoryRequest {
  /** Only of this file. */
  readonly path?: string | undefined;
  /** Only what this member did. */
  readonly author?: string | undefined;
  /** At most so many ops, the newest first; 20 without it, 200 at most. */
  readonly limit?: number | undefined;
  /** Only ops before this one. */
  readonly before?: number | undefined;
}

export interface BlameRequest {
  readonly path: string;
  readonly firstLine?: number | undefined;
  readonly lastLine?: number | undefined;
}

/** The newest ops, of the world or of a file, without text. Throws `WorldError` and `LinkFailure`. */
export async function showHistory(
  session: WorldSession,
  grounds: Grounds,
  { path, author, limit, before = Number.MAX_SAFE_INTEGER }: HistoryRequest,
): Promise<Reply> {
  const { view } = session;
  const file = path === undefined ? undefined : await grounds.find(path);
  if (file?.tag === 'refused') return file.reply;
  if (file?.tag === 'none') return noSuchFile(file.path);
  const member = author === undefined ? undefined : findMember(view, author, { isFormerToo: true });
  if (member?.tag === 'refused') return member.reply;
  const filter = { fileId: file?.head.fileId, author: member?.identity };
  const reader = await HistoryReader.open(session, filter);
  const count = bounded(limit, USUAL_OPS, MOST_OPS);
  const found: OpRecord[] = [];
  for (let looked = 0; found.length <= count && !reader.isAtStart && looked < MOST_LOOKED;) {
    const ops = await reader.older(count + 1);
    looked += ops.length;
    found.push(...ops.filter(({ opSeq }) => opSeq < before));
  }
  const ops = found.slice(0, count).map((op) => opView(view, op));
  const isCut = found.length > count || !reader.isAtStart;
  const last = isCut ? (ops.at(-1)?.opSeq ?? 0) : 0;
  const next = last > 0 ? [`Ask again with before: ${last}`] : [];
  return done(`${ops.length} ops, the newest first.`, { kind: 'history', ops, before: last }, next);
}

/** Who wrote most of each line, as the file is now. Throws `WorldError` and `LinkFailure`. */
export async function blameFile(
  link: Link,
  view: WorldView,
  { grounds, shelf }: { readonly grounds: Grounds; readonly shelf: TextShelf },
  { path, firstLine = 1, lastLine = Number.MAX_SAFE_INTEGER }: BlameRequest,
): Promise<Reply> {
  const file = await grounds.find(path);
  if (file.tag === 'refused') return file.reply;
  if (file.tag === 'none' || file.head.deleted) return noSuchFile(path);
  const read = await shelf.read(link, view, file.head.fileId);
  if (!read) return refused('not_text', `${file.path} is no text file.`);
  const total = countedLines(read.text);
  if (firstLine > Math.max(1, total) || lastLine < firstLine) {
    return refused('bad_range', `${file.path} has ${total} lines.`);
  }
  const ops = await readFileOps(link, read.fileId, 0, read.version);
  const lines = authorshipOfFile(ops, read.fileId)?.linesByAuthor(read.text) ?? [];
  const runs: BlameView[] = lines
    .filter((each) => each.lastLine + 1 >= firstLine && each.firstLine + 1 <= lastLine)
    .map(({ author, isImported, newest, ...run }) => ({
      firstLine: Math.max(run.firstLine + 1, firstLine),
      lastLine: Math.min(run.lastLine + 1, lastLine),
      author: memberName(view, author),
      kind: view.members.get(author)?.kind ?? 'unknown',
      isImported,
      opSeq: newest.opSeq,
      atMs: Number(newest.madeAtMicros / 1000n),
    }));
  const message = `Who wrote most of each line of ${file.path}, at version ${read.version}.`;
  return done(message, {
    kind: 'blame',
    path: file.path,
    version: read.version,
    runs: runs.slice(0, MOST_RUNS),
  });
}

function opView(view: WorldView, op: OpRecord): OpView {
  const hasLines = op.changes.length > 0;
  return {
    opSeq: op.opSeq,
    kind: op.kind,
    path: view.files.get(op.fileId)?.path ?? '',
    version: op.version,
    author: memberName(view, op.author),
    atMs: Number(op.madeAtMicros / 1000n),
    firstLine: hasLines ? op.firstLine + 1 : 0,
    lastLine: hasLines ? op.lastLine + 1 : 0,
  };
}

const USUAL_OPS = 20;
const MOST_OPS = 200;
/** Whoever wants ops from long ago names a file. */
const MOST_LOOKED = 20_000;
const MOST_RUNS = 500;
