/** Every line that anybody wrote, and where it is to be found in the end. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IdentityHex, OpRecord } from '../../../src/core/op.ts';
import { FileAuthorship } from '../../../src/core/authorship-fold.ts';
import { AuthorshipReader } from '../../../src/world/file-authorship.ts';
import { readFile } from '../../../src/world/file-reader.ts';
import { opsBetween } from '../../../src/world/read-ops.ts';
import { readHeadSeq } from '../../../src/world/read-head.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';

export interface TypedLine {
  readonly text: string;
  readonly author: IdentityHex;
  /** Members count from their op on; lines on disk from the op that brought them. */
  readonly isTyped: boolean;
}

/** What somebody allowed to be taken out: a folder's owner and a file. */
export type Taken = ReadonlySet<string>;

export class TypedLines {
  readonly #lines: TypedLine[] = [];
  #count = 0;

  /** A line of its own that has nothing in common with any other, and is long enough to be told. */
  make(author: IdentityHex, who: string, isTyped: boolean): TypedLine {
    this.#count += 1;
    const words = createHash('sha256').update(String(this.#count)).digest('base64url');
    const text = `${this.#count} of ${who}: ${words}`;
    const line = { text, author, isTyped };
    this.#lines.push(line);
    return line;
  }

  forget(line: TypedLine): void {
    this.#lines.splice(this.#lines.indexOf(line), 1);
  }

  /** Everything that is wrong, in words. */
  async faults(session: WorldSession, taken: Taken): Promise<readonly string[]> {
    const link = await session.whenOnline();
    const ops: OpRecord[] = [];
    for await (const some of opsBetween(session, 0, await readHeadSeq(link))) ops.push(...some);
    const past = new WorldTexts(session);
    const texts = new Map<number, readonly string[]>();
    for (const { fileId, version, kind } of session.view.files.values()) {
      if (kind === 'text') texts.set(fileId, await past.linesOf(fileId, version));
    }
    const kept = [...session.view.tickets.values()]
      .map((ticket) => JSON.stringify(ticket))
      .join('\n');
    const faults: string[] = [];
    for (const line of this.#lines) {
      const living = [...texts].find(
        ([fileId, lines]) => !session.view.files.get(fileId)!.deleted && lines.includes(line.text),
      );
      if (living) {
        // A merge in conflict writes both sides: the second copy is the folder's, also where somebody allows
        // the first one to be taken out.
        const places = living[1].flatMap((text, at) => (text === line.text ? [at] : []));
        const authors = await Promise.all(places.map((at) => past.authorIn(living[0], at)));
        const author = authors.includes(line.author) ? line.author : authors[0];
        const isOthers = author !== undefined && author !== line.author;
        if (isOthers && !(await past.isAgain(living[0], line.text, ops, taken))) {
          const counts = `"${line.text.slice(0, 30)}" counts as ${nameOf(session, author)}'s`;
          faults.push(`${counts}\n${await lifeOf(session, ops, living[0], line.text)}`);
        }
        continue;
      }
      if (kept.includes(line.text)) continue;
      const gone = await whoTook(past, ops, line, texts);
      if (gone === 'never' && !line.isTyped) continue;
      if (gone === 'never') faults.push(`"${line.text.slice(0, 30)}" is in no version`);
      else if (!isAllowed(gone, line, taken)) {
        const { kind, opSeq, author, actor, fileId } = gone;
        const path = session.view.files.get(fileId)?.path ?? '?';
        const who = `${nameOf(session, author)} by ${nameOf(session, actor)}`;
        const went = `"${line.text.slice(0, 30)}" went by op ${opSeq} (${kind} of ${path}, ${who})`;
        faults.push(`${went}\n${await lifeOf(session, ops, fileId, line.text)}`);
      }
    }
    return faults;
  }
}

function isAllowed(op: OpRecord, { author }: TypedLine, taken: Taken): boolean {
  const isOwn = op.author === author || op.actor === author;
  return isOwn || op.kind === 'resolve' || taken.has(`${op.actor}:${op.fileId}`);
}

/** What a world has and had, read once. */
class WorldTexts {
  readonly session: WorldSession;
  readonly #lines = new Map<string, Promise<readonly string[]>>();
  readonly #authorship: AuthorshipReader;

  constructor(session: WorldSession) {
    this.session = session;
    this.#authorship = new AuthorshipReader(session);
  }

  /** None for what is no text. */
  linesOf(fileId: number, version: number): Promise<readonly string[]> {
    const key = `${fileId} ${version}`;
    const lines = this.#lines.get(key) ?? this.#read(fileId, version);
    this.#lines.set(key, lines);
    return lines;
  }

  /**
   * True where a line stood twice in a version of a file, was moved past a line that stayed, or was taken out by
   * somebody's leave: what is there now may be the writing of who brought it again, as in the middle of a
   * conflict.
   */
  async isAgain(
    fileId: number,
    line: string,
    ops: readonly OpRecord[],
    taken: Taken,
  ): Promise<boolean> {
    let before: readonly string[] = [];
    for (const op of ops.filter((each) => each.fileId === fileId && each.version > 0)) {
      const lines = await this.linesOf(fileId, op.version);
      if (lines.indexOf(line) !== lines.lastIndexOf(line)) return true;
      if (isMoved(line, before, lines)) return true;
      const isGone = before.includes(line) && !lines.includes(line);
      if (isGone && taken.has(`${op.actor}:${fileId}`)) return true;
      before = lines;
    }
    return false;
  }

  async authorIn(fileId: number, line: number): Promise<IdentityHex | undefined> {
    const read = await this.#authorship.read(fileId);
    return read?.authorship.sharesOf(line, 40)[0]?.author;
  }

  async #read(fileId: number, version: number): Promise<readonly string[]> {
    const content = await readFile(
      await this.session.whenOnline(),
      this.session.view,
      fileId,
      version,
    );
    return content.kind === 'text' ? content.text.toString().split('\n') : [];
  }
}

/** True where a line of both texts has changed its order with another one: one of the two is put in anew. */
function isMoved(line: string, before: readonly string[], after: readonly string[]): boolean {
  const [was, is] = [before.indexOf(line), after.indexOf(line)];
  if (was < 0 || is < 0) return false;
  const above = new Set(before.slice(0, was));
  const below = new Set(before.slice(was + 1));
  // What git writes between the sides of a conflict may stand in many places.
  const isOnce = (other: string): boolean =>
    [before, after].every((lines) => lines.indexOf(other) === lines.lastIndexOf(other));
  const isPast = (other: string, side: ReadonlySet<string>): boolean =>
    side.has(other) && isOnce(other);
  return (
    after.slice(0, is).some((other) => isPast(other, below)) ||
    after.slice(is + 1).some((other) => isPast(other, above))
  );
}

/** The op that took a line out last; `never` when it was never there. */
async function whoTook(
  past: WorldTexts,
  ops: readonly OpRecord[],
  line: TypedLine,
  texts: ReadonlyMap<number, readonly string[]>,
): Promise<OpRecord | 'never'> {
  for (const [fileId, newest] of texts) {
    const head = past.session.view.files.get(fileId)!;
    if (newest.includes(line.text)) {
      const deletion = ops.findLast((op) => op.fileId === fileId && op.kind === 'delete');
      assert.ok(deletion);
      return deletion;
    }
    const makers = ops.filter((op) => op.fileId === fileId && op.version > 0);
    for (let version = head.version - 1; version >= 1; version--) {
      const lines = await past.linesOf(fileId, version);
      if (!lines.some((each) => each.includes(line.text))) continue;
      return makers.find((op) => op.version === version + 1)!;
    }
  }
  return 'never';
}

/** The ops of a file by which a line came, went or became somebody else's, each with the op before it. */
async function lifeOf(
  session: WorldSession,
  ops: readonly OpRecord[],
  fileId: number,
  text: string,
): Promise<string> {
  const link = await session.whenOnline();
  const fold = new FileAuthorship(fileId);
  const told: string[] = [];
  let owner = '-';
  let before = '';
  let linesBefore: readonly string[] = [];
  let texts = '';
  for (const op of ops) {
    if (op.fileId !== fileId) continue;
    fold.add(op);
    const content = await readFile(link, session.view, fileId, Math.max(1, op.version));
    const lines = content.kind === 'text' ? content.text.toString().split('\n') : [];
    const owners = lines.flatMap((line, at) => {
      const share = line === text ? fold.current?.sharesOf(at, line.length)[0] : undefined;
      return share ? `${nameOf(session, share.author)}'s` : [];
    });
    const now = owners.join(' and ') || '-';
    const { opSeq, kind, version, expectedBaseVersion: base, payload } = op;
    const who = [...new Set([op.author, op.actor])]
      .map((each) => nameOf(session, each))
      .join(' by ');
    const changes = op.changes.map((change) => {
      const added = change.text.split('\n').length - 1;
      return `${change.startLine}-${change.endLine}+${added}`;
    });
    const plain = `  ${opSeq} ${kind} v${version} on ${base} ${who} ${now} ${changes.join(' ')} ${payload.slice(0, 1_000)}`;
    if (now !== owner) {
      told.push(before, `${plain} ${JSON.stringify(op.changes).slice(0, 3_000)}`);
      texts = [linesBefore, lines].map((each) => shortly(each).join('\n')).join('\n  and then:\n');
    }
    owner = now;
    linesBefore = lines;
    before = plain;
  }
  // A line that went and came again and again has a long life: its end tells what is wrong.
  return `${told.slice(-12).join('\n')}\n  where it changed last:\n${texts}`;
}

function shortly(lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `  ${at} ${line.slice(0, 40)}`);
}

function nameOf({ view }: WorldSession, identity: IdentityHex): string {
  return view.members.get(identity)?.displayName ?? identity.slice(0, 8);
}
