import type { Authorship } from '../../core/authorship.ts';
import { FileAuthorship } from '../../core/authorship-fold.ts';
import { contentOf, readPayload } from '../../core/op-payload.ts';
import type { IdentityHex, OpRecord } from '../../core/op.ts';
import { Originator } from '../../core/origin.ts';
import type { Text } from '../../core/text.ts';
import { readFile, versionMakers } from '../../world/file-reader.ts';
import type { Link } from '../../world/link.ts';
import { FileOps, readFileOps } from '../../world/read-file-ops.ts';
import { readOps } from '../../world/read-ops.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { textHashOf } from '../file-bytes.ts';
import { RecentOps } from '../recent-ops.ts';
import { RecentReads } from '../recent-reads.ts';
import type { RecentOp } from '../written-versions.ts';
import { answered } from './answered-op.ts';
import type { PastOp } from './file-past.ts';
import type { PastSource } from './past-source.ts';

/** The pasts of a world's files, as its session reads them. Calls end with `signal`. */
export class WorldPast implements PastSource {
  readonly #session: WorldSession;
  readonly #signal: AbortSignal;
  readonly #recent: RecentOps;
  readonly #reads: RecentReads;

  constructor(session: WorldSession, signal: AbortSignal, recent = new RecentOps(session, signal)) {
    this.#session = session;
    this.#signal = signal;
    this.#recent = recent;
    this.#reads = new RecentReads(session, recent);
  }

  get own(): IdentityHex {
    return this.#session.identity;
  }

  isOwn(fileId: number, afterVersion: number, upToVersion: number): Promise<boolean> {
    return this.#recent.isOwn(fileId, afterVersion, upToVersion);
  }

  async since(fileId: number, text: Text, version: number): Promise<readonly PastOp[] | undefined> {
    const found = await this.#recent.since(fileId, textHashOf(text), version);
    return found?.edits.map(pastOpOf);
  }

  async opsOf(
    fileId: number,
    afterVersion: number,
    upToVersion: number,
  ): Promise<readonly PastOp[]> {
    const edits = await this.#recent.editsOf(fileId, afterVersion, upToVersion);
    if (edits) return edits.map(pastOpOf);
    const link = await this.#session.whenOnline(this.#signal);
    const ops = (await readFileOps(link, fileId, afterVersion, upToVersion)).map(answered);
    const originator = new Originator();
    // Proposals that were let in later may be older than what is read.
    for (const op of await proposalsBefore(link, ops)) originator.originOf(op);
    const origins = new Map(ops.map((op) => [op, originator.originOf(op)]));
    return versionMakers(ops).map((op) => {
      const { version, intent, changes } = op;
      return { version, origin: origins.get(op)!, intent, changes, isWhole: isWhole(op) };
    });
  }

  async textAt(fileId: number, version: number): Promise<Text | undefined> {
    const link = await this.#session.whenOnline(this.#signal);
    const file = await this.#reads.read(link, fileId, version);
    return file.kind === 'text' ? file.text : undefined;
  }

  async authorsOf(fileId: number): Promise<readonly IdentityHex[]> {
    const head = this.#session.view.files.get(fileId);
    if (!head) return [];
    if (head.version === 1) return this.#makerOf(fileId);
    const link = await this.#session.whenOnline(this.#signal);
    const file = await readFile(link, this.#session.view, fileId);
    if (file.kind !== 'text') return this.#lastWriterOf(fileId, file.version);
    const authorship = await authorshipAt(link, fileId, file.version);
    return authorship ? authorsIn(file.text, authorship) : [];
  }

  /** A file has the number of the op that made it. */
  async #makerOf(fileId: number): Promise<readonly IdentityHex[]> {
    // Who changed it last may have brought back, or moved, what somebody else had made.
    const isLast = this.#session.view.files.get(fileId)?.updatedBy === this.own;
    if (isLast && (await this.isOwn(fileId, 0, 1))) return [this.own];
    const link = await this.#session.whenOnline(this.#signal);
    return (await readOps(link, [fileId])).map(answered).flatMap((op) => {
      const { author, isImported } = new Originator().originOf(op);
      return isImported ? [] : author;
    });
  }

  async #lastWriterOf(fileId: number, version: number): Promise<readonly IdentityHex[]> {
    return (await this.opsOf(fileId, version - 1, version)).map(({ origin }) => origin.author);
  }
}

function pastOpOf({ version, origin, intent, changes }: RecentOp): PastOp {
  return { version, origin, intent, changes, isWhole: false };
}

/** Who has more than line ends in a text; imported text is nobody's. */
function authorsIn(text: Text, authorship: Authorship): readonly IdentityHex[] {
  const authors = new Set<IdentityHex>();
  let number = 0;
  for (const line of text.lines()) {
    for (const { origin } of authorship.runsOf(number++, line.length)) {
      if (!origin.isImported) authors.add(origin.author);
    }
  }
  return [...authors];
}

function isWhole(op: OpRecord): boolean {
  return op.kind === 'create' || contentOf(op) !== undefined;
}

/** A ticket has the number of the op that made it. */
async function proposalsBefore(link: Link, ops: readonly OpRecord[]): Promise<readonly OpRecord[]> {
  const known = new Set(ops.map(({ opSeq }) => opSeq));
  const tickets = ops
    .filter(({ kind }) => kind === 'resolve')
    .map(({ payload }) => readPayload('resolve', payload).ticket)
    .filter((ticket) => !known.has(ticket));
  return tickets.length > 0 ? (await readOps(link, tickets)).map(answered) : [];
}

async function authorshipAt(
  link: Link,
  fileId: number,
  version: number,
): Promise<Authorship | undefined> {
  const fold = new FileAuthorship(fileId);
  const ops = await FileOps.open(link, fileId);
  for (let after = 0; after < version; after += VERSIONS_AT_A_TIME) {
    const read = await ops.read(after, Math.min(after + VERSIONS_AT_A_TIME, version));
    for (const op of read) fold.add(answered(op));
  }
  return fold.current;
}

const VERSIONS_AT_A_TIME = 2_000;
