/**
 * Owns: finding where members are about to meet in the files that a window shows, from what agents say that they read
 * and the newest ops of running turns. Does not know: how it is shown. Nothing here is on the way of a keystroke: it
 * looks, at most once a second, where somebody reads or has claimed something.
 */
import { type LineRange, mapLineRange } from '../../core/map-position.ts';
import type { IdentityHex, OpRecord } from '../../core/op.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { AnyClaim } from '../../world/any-claim.ts';
import {
  type FileAtWork,
  type Meeting,
  meetingsIn,
  type MembersLines,
  type SymbolAt,
} from '../../world/file-meetings.ts';
import { versionMakers } from '../../world/file-reader.ts';
import type { Link } from '../../world/link.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { pathClaimsOn } from '../../world/path-claims.ts';
import { readFileOps } from '../../world/read-file-ops.ts';
import { linesRead } from '../../world/reading-activity.ts';
import {
  linesChangedBy,
  RUNNING_VERSIONS,
  runningWork,
  turnsIn,
} from '../../world/running-work.ts';
import { WorldError } from '../../world/world-error.ts';
import type { FileHead, Presence } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { Coalescer, type Schedule, within } from '../coalescer.ts';

/** The meetings of a file, in lines of a version of it. */
export interface MeetingsAt {
  readonly version: number;
  readonly meetings: readonly Meeting[];
}

export interface MeetingFeedOptions {
  readonly session: WorldSession;
  readonly schedule?: Schedule;
  /** The symbols of a file whose lines are those of a version; undefined where nobody tells. */
  readonly symbolsOf?: (fileId: number, version: number) => Promise<SymbolAt | undefined>;
  /** A file may have other meetings now. */
  readonly onChange: (fileId: number) => void;
}

interface Reading {
  readonly lines: LineRange;
  readonly version: number;
}

const LOOK_MS = 1_000;
/** What a person changed so long ago is not what they are at. */
const OWN_WORK_MS = 10 * 60_000;
/** Of one file; the oldest are forgotten. */
const MOST_READERS = 32;
const MOST_READINGS = 4;

export class MeetingFeed implements Disposable {
  readonly #options: MeetingFeedOptions;
  readonly #store = new DisposableStore();
  readonly #looks: Coalescer<number>;
  readonly #watched = new Map<number, WatchedFile>();
  /** Files that are to be looked at. */
  readonly #due = new Set<number>();
  #isLooking = false;

  constructor(options: MeetingFeedOptions) {
    this.#options = options;
    const { session, schedule = within(LOOK_MS) } = options;
    const { view } = session;
    this.#looks = this.#store.add(
      new Coalescer<number>(schedule, (files) => void this.#look(files)),
    );
    this.#store.addStop(
      view.presence.onChange(({ before, after }) => {
        if (after) this.#heard(after);
        else if (before) this.#left(before.identity);
      }),
    );
    // Which lines they are may be told just after the movement, and the same lines may be read again.
    this.#store.addStop(
      view.onMovement(({ connectionId, fileId, version }) => {
        const presence = view.presence.get(connectionId);
        if (presence) this.#heard(presence, presence.fileId === fileId ? version : undefined);
      }),
    );
    this.#store.addStop(
      view.files.onChange(({ before, after }) => {
        const file = after && this.#watched.get(after.fileId);
        if (file && before?.version !== after.version && this.#isDisputed(after, file)) {
          this.#looks.mark(after.fileId);
        }
      }),
    );
    this.#store.addStop(
      view.locks.onChange(({ before, after }) => {
        const { fileId } = (after ?? before)!;
        if (this.#watched.has(fileId)) this.#looks.mark(fileId);
      }),
    );
    this.#store.addStop(view.pathClaims.claims.onChange(() => this.#lookAtAll()));
    this.#store.addStop(
      view.openTurns.turns.onChange(({ before, after }) => {
        // A turn that is over changes nothing any more.
        if (before && !after) this.#ended(before.turnId);
      }),
    );
    this.#store.addStop(
      view.members.onChange(({ before, after }) => {
        if (before?.displayName === after?.displayName) return;
        for (const fileId of this.#watched.keys()) options.onChange(fileId);
      }),
    );
    this.#store.addStop(session.onState(({ tag }) => this.#begin(tag === 'online')));
  }

  /** These files are shown, and no others. */
  watch(fileIds: ReadonlySet<number>): void {
    for (const fileId of this.#watched.keys()) {
      if (!fileIds.has(fileId)) this.#watched.delete(fileId);
    }
    for (const fileId of fileIds) {
      if (this.#watched.has(fileId)) continue;
      this.#watched.set(fileId, new WatchedFile());
      this.#askWhoReads(fileId);
    }
  }

  in(fileId: number): MeetingsAt {
    return this.#watched.get(fileId)?.shown ?? NONE;
  }

  dispose(): void {
    this.#store.dispose();
    this.#watched.clear();
  }

  /** Nobody is seen while the connection is lost; what agents read meanwhile nobody says again. */
  #begin(isOnline: boolean): void {
    for (const fileId of this.#watched.keys()) {
      this.#watched.set(fileId, new WatchedFile());
      this.#options.onChange(fileId);
      if (isOnline) this.#askWhoReads(fileId);
    }
  }

  #askWhoReads(fileId: number): void {
    for (const presence of this.#options.session.view.presence.values()) {
      if (presence.fileId === fileId) this.#heard(presence);
    }
    this.#looks.mark(fileId);
  }

  #heard({ identity, fileId, activity }: Presence, version?: number): void {
    const file = this.#watched.get(fileId);
    const { view, identity: self } = this.#options.session;
    if (!file || identity === self) return;
    const lines = linesRead(activity);
    const head = view.files.get(fileId);
    if (!lines || !head) return;
    file.hasRead(identity, { lines, version: version ?? head.version });
    this.#looks.mark(fileId);
  }

  #left(identity: IdentityHex): void {
    const { view } = this.#options.session;
    if ([...view.presence.values()].some((other) => other.identity === identity)) return;
    for (const [fileId, file] of this.#watched) {
      if (file.readers.delete(identity)) this.#looks.mark(fileId);
    }
  }

  #ended(turnId: number): void {
    for (const [fileId, file] of this.#watched) {
      const { version, meetings } = file.shown;
      const others = meetings.filter((meeting) => meeting.turnId !== turnId);
      if (others.length < meetings.length) this.#show(fileId, file, { version, meetings: others });
    }
  }

  #lookAtAll(): void {
    for (const fileId of this.#watched.keys()) this.#looks.mark(fileId);
  }

  /** One look after the other: two at once at a file would both read its new ops. */
  async #look(fileIds: ReadonlySet<number>): Promise<void> {
    for (const fileId of fileIds) this.#due.add(fileId);
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (const fileId of this.#due) {
        this.#due.delete(fileId);
        await this.#lookOnce(fileId);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookOnce(fileId: number): Promise<void> {
    const file = this.#watched.get(fileId);
    try {
      if (file) await this.#lookAt(fileId, file);
    } catch (error) {
      // It is looked at again once the world is there.
      if (!(error instanceof LinkFailure || error instanceof WorldError)) throw error;
    }
  }

  async #lookAt(fileId: number, file: WatchedFile): Promise<void> {
    const { session } = this.#options;
    const { view, link, identity: self, clock } = session;
    file.looks += 1;
    const head = view.files.get(fileId);
    if (!link || !head || !this.#isDisputed(head, file)) {
      this.#show(fileId, file, NONE);
      return;
    }
    const { version } = head;
    const ops = await file.opsUpTo(link, fileId, version);
    // Claims are where the head is, which may be further by now: then there is another look.
    const turns = turnsIn(view, head, () => true);
    const atWork = {
      works: runningWork(ops, turns),
      readings: file.readings(ops),
      claims: claimsOn(view, head),
      own: { member: self, lines: linesChangedBy(ops, self, clock.nowMs() - OWN_WORK_MS) },
    };
    this.#show(fileId, file, { version, meetings: meetingsIn(atWork) });
    if (atWork.works.length === 0 || atWork.readings.length === 0) return;
    // A language server that is busy must not hold up what is known without it.
    void this.#lookAtSymbols(fileId, file, version, atWork);
  }

  /** Adds who meets in a symbol. One question at a time: where it took too long for what is known by then, another look. */
  async #lookAtSymbols(
    fileId: number,
    file: WatchedFile,
    version: number,
    atWork: FileAtWork,
  ): Promise<void> {
    const { symbolsOf } = this.#options;
    if (!symbolsOf || file.isAsking) return;
    const { looks } = file;
    file.isAsking = true;
    const symbolAt = await symbolsOf(fileId, version).finally(() => (file.isAsking = false));
    if (file.looks !== looks) this.#looks.mark(fileId);
    else if (symbolAt) {
      this.#show(fileId, file, { version, meetings: meetingsIn({ ...atWork, symbolAt }) });
    }
  }

  /** Whether anybody can meet in a file: else nothing of it is read. */
  #isDisputed(head: FileHead, file: WatchedFile): boolean {
    const { view, identity } = this.#options.session;
    if (head.deleted || head.kind !== 'text') return false;
    const claims = claimsOn(view, head);
    if (claims.some(({ member }) => member !== identity)) return true;
    return (
      (file.readers.size > 0 || claims.length > 0) && turnsIn(view, head, () => true).length > 0
    );
  }

  #show(fileId: number, file: WatchedFile, shown: MeetingsAt): void {
    if (this.#watched.get(fileId) !== file) return;
    const { turns } = this.#options.session.view.openTurns;
    // One may have ended while it was looked.
    const meetings = shown.meetings.filter(({ turnId }) => turnId === 0 || turns.has(turnId));
    const isEmpty = meetings.length === 0 && file.shown.meetings.length === 0;
    file.shown = { version: shown.version, meetings };
    if (!isEmpty) this.#options.onChange(fileId);
  }
}

const NONE: MeetingsAt = { version: 0, meetings: [] };

/** What is known of a file that is shown: who has read what, and its newest ops. */
class WatchedFile {
  readonly readers = new Map<IdentityHex, readonly Reading[]>();
  shown: MeetingsAt = NONE;
  #ops: readonly OpRecord[] = [];
  #version = 0;
  /** How often it was looked at. */
  looks = 0;
  /** Its symbols are asked for. */
  isAsking = false;

  hasRead(reader: IdentityHex, reading: Reading): void {
    const { firstLine, lastLine } = reading.lines;
    const others = (this.readers.get(reader) ?? []).filter(
      ({ lines }) => lines.firstLine !== firstLine || lines.lastLine !== lastLine,
    );
    this.readers.delete(reader);
    this.readers.set(reader, [...others, reading].slice(-MOST_READINGS));
    const [oldest] = this.readers.keys();
    if (this.readers.size > MOST_READERS && oldest !== undefined) this.readers.delete(oldest);
  }

  /** What was read, where it is after these ops. */
  readings(ops: readonly OpRecord[]): readonly MembersLines[] {
    return [...this.readers].flatMap(([member, all]) =>
      all.map(({ lines, version }) => ({ member, lines: movedOver(lines, version, ops) })),
    );
  }

  /** The ops that made the newest versions up to one, in order; those that are known are not read again. */
  async opsUpTo(link: Link, fileId: number, version: number): Promise<readonly OpRecord[]> {
    const after = Math.max(this.#version, version - RUNNING_VERSIONS, 0);
    if (after < version) {
      const read = versionMakers(await readFileOps(link, fileId, after, version));
      this.#ops = [...this.#ops, ...read].slice(-RUNNING_VERSIONS);
      this.#version = version;
    }
    return this.#ops;
  }
}

function movedOver(lines: LineRange, version: number, ops: readonly OpRecord[]): LineRange {
  // A whole file stays whole.
  if (lines.lastLine === Number.MAX_SAFE_INTEGER) return lines;
  return ops
    .filter((op) => op.version > version)
    .reduce((moved, { changes }) => mapLineRange(moved, changes), lines);
}

/** Claims on lines of a file, and those on all of it. */
function claimsOn(view: WorldSession['view'], head: FileHead): readonly MembersLines[] {
  const onLines = [...view.locks.values()].filter(({ fileId }) => fileId === head.fileId);
  const all = { firstLine: 0, lastLine: Number.MAX_SAFE_INTEGER };
  const of = ({ holder }: AnyClaim, lines: LineRange): MembersLines => ({ member: holder, lines });
  return [
    ...onLines.map((lock) => of(lock, lock)),
    ...pathClaimsOn(view, head).map((claim) => of(claim, all)),
  ];
}
