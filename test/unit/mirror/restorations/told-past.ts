import assert from 'node:assert/strict';
import type { Changes } from '../../../../src/core/change.ts';
import type { Intent } from '../../../../src/core/op.ts';
import { Text } from '../../../../src/core/text.ts';
import { type FolderGit, NO_GIT } from '../../../../src/mirror/folder-git.ts';
import type { PastOp } from '../../../../src/mirror/restorations/file-past.ts';
import { PastJudge } from '../../../../src/mirror/restorations/past-judge.ts';
import type { PastSource } from '../../../../src/mirror/restorations/past-source.ts';
import type {
  Restored,
  WholeReturn,
} from '../../../../src/mirror/restorations/restoration-judge.ts';
import { type Clock, systemClock } from '../../../../src/world/clock.ts';
import { minimalChanges } from '../../../../src/sync/minimal-changes.ts';

/** The member whose folder it is. */
export const BOT = 'bot';

export interface ToldWrite {
  readonly byGit?: boolean;
  /** Old contents that the folder's repository has. */
  readonly git?: readonly string[];
  /** What the repository had of the file before a pull brought what is written. */
  readonly over?: string | undefined;
  /** What of it git does not say in time. */
  readonly late?: 'had' | 'over';
  /** A few equal characters everywhere can be told in several ways: then it is judged in one way only. */
  readonly isOfAnyText?: boolean;
}

/** Who made a file; without it came with an import. */
export interface ToldFirst {
  readonly madeBy?: string | undefined;
}

/** A file's versions as a test tells them, and a folder that writes to it. */
export class ToldPast implements PastSource {
  readonly own = BOT;
  readonly texts: Text[];
  readonly ops: PastOp[] = [];
  /** How often something was read. */
  reads = 0;
  #minutes = 0;
  /** Time goes by as it is told; what waits for git goes by the machine's, or is over at once. */
  readonly #clock: Clock = {
    ...systemClock,
    nowMs: () => this.#minutes * 60_000,
    after: (ms, fire) => systemClock.after(this.#late === undefined ? ms : 0, fire),
  };
  readonly #judge: PastJudge;
  /** One that knows at once since when the file had what is written, as of many files. */
  readonly #hintedJudge: PastJudge;
  #contents: readonly string[] = [];
  #over: string | undefined;
  #late: ToldWrite['late'];

  readonly #first: PastOp;

  /** `repository`: what git says of the folder, if not what a write is told with. */
  constructor(first: string, repository?: FolderGit, { madeBy }: ToldFirst = {}) {
    this.texts = [Text.of(first)];
    const isImported = madeBy === undefined;
    const origin = { opSeq: 10, author: madeBy ?? 'importer', madeAtMicros: 0n, isImported };
    this.#first = { version: 1, origin, intent: 'patch', changes: [], isWhole: true };
    const git: FolderGit = repository ?? {
      ...NO_GIT,
      hasBlob: (_path, bytes) => this.#unless('had', () => this.#contents.includes(String(bytes))),
      oldContents: () => Promise.resolve(this.#contents.map((text) => Buffer.from(text))),
      broughtOver: () =>
        this.#unless('over', () =>
          this.#over === undefined ? undefined : Buffer.from(this.#over),
        ),
    };
    this.#judge = new PastJudge(this, git, this.#clock);
    const hinted: PastSource = {
      own: this.own,
      isOwn: () => this.isOwn(),
      opsOf: (...asked) => this.opsOf(...asked),
      textAt: (...asked) => this.textAt(...asked),
      authorsOf: () => this.authorsOf(),
      since: (_fileId, text, version) => Promise.resolve(this.#opsSince(text, version)),
    };
    this.#hintedJudge = new PastJudge(hinted, git, this.#clock);
  }

  get text(): Text {
    return this.texts.at(-1)!;
  }

  /** Somebody's next version. */
  by(author: string, next: string, intent: Intent = 'patch'): this {
    return this.change(author, minimalChanges(this.text, next), intent);
  }

  change(author: string, changes: Changes, intent: Intent = 'patch'): this {
    const version = this.texts.length + 1;
    const madeAtMicros = BigInt(this.#minutes++) * 60_000_000n;
    const origin = { opSeq: version * 10, author, madeAtMicros, isImported: false };
    this.ops.push({ version, origin, intent, changes, isWhole: false });
    this.texts.push(this.text.apply(changes));
    return this;
  }

  /** What is typed key by key, within a minute. */
  types(author: string, ...texts: readonly string[]): this {
    const minute = this.#minutes;
    for (const text of texts) {
      this.#minutes = minute;
      this.by(author, text, 'typing');
    }
    return this;
  }

  later(minutes: number): this {
    this.#minutes += minutes;
    return this;
  }

  /** Undefined for an edit. */
  async writes(after: string, how?: ToldWrite): Promise<Restored | undefined> {
    const restored = await this.judges(after, how);
    return restored?.restoring.length === 0 ? undefined : restored;
  }

  /** However much is known of the past, the judgement is the same. */
  async judges(
    after: string,
    { byGit = false, git = [], over, late, isOfAnyText = false }: ToldWrite = {},
  ): Promise<Restored | undefined> {
    this.#contents = git;
    this.#over = over;
    this.#late = late;
    const before = this.text;
    const write = {
      path: 'a.ts',
      fileId: 1,
      version: this.texts.length,
      before,
      after: Text.of(after),
      bytes: Buffer.from(after),
      changes: minimalChanges(before, after),
      byGit,
    };
    if (isOfAnyText) return this.#judge.judge(write);
    const quick = await this.#hintedJudge.wholeReturn(1, Text.of(after), write.version);
    if (quick) assert.deepEqual(quickOf(await this.#hintedJudge.judge(write)), sorted(quick));
    const { reads } = this;
    const hinted = await this.#hintedJudge.judge(write);
    this.reads = reads;
    const restored = await this.#judge.judge(write);
    assert.deepEqual(effectOf(before, hinted), effectOf(before, restored));
    return restored;
  }

  #unless<Answer>(late: ToldWrite['late'], answer: () => Answer): Promise<Answer> {
    return this.#late === late ? new Promise(() => {}) : Promise.resolve(answer());
  }

  #opsSince(text: Text, upTo: number): readonly PastOp[] | undefined {
    const wanted = text.toString();
    const before = this.texts.slice(0, upTo - 1).map(String);
    const version = before.lastIndexOf(wanted) + 1;
    return version === 0 ? undefined : this.ops.slice(version - 1, upTo - 1);
  }

  since(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  isOwn(): Promise<boolean> {
    return Promise.resolve(false);
  }

  opsOf(_fileId: number, afterVersion: number, upToVersion: number): Promise<readonly PastOp[]> {
    this.reads += 1;
    return Promise.resolve([this.#first, ...this.ops].slice(afterVersion, upToVersion));
  }

  textAt(_fileId: number, version: number): Promise<Text | undefined> {
    this.reads += 1;
    return Promise.resolve(this.texts[version - 1]);
  }

  authorsOf(): Promise<readonly string[]> {
    return Promise.resolve([...new Set(this.ops.map(({ origin }) => origin.author))]);
  }
}

/** What is told of a judgement without a comparison: only where all of the write waits. */
function quickOf(restored: Restored | undefined): WholeReturn | undefined {
  const { whole: version, owners, changes, restoring } = restored ?? {};
  if (version === undefined || !owners || changes?.length !== restoring?.length) return undefined;
  return sorted({ version, owners });
}

function sorted({ version, owners }: WholeReturn): WholeReturn {
  return { version, owners: [...owners].sort() };
}

/** Where the same text stood at several versions, what it is cut into, and by whom, may be told in several ways. */
function effectOf(before: Text, restored: Restored | undefined): unknown {
  if (!restored) return undefined;
  return [before.apply(restored.changes).toString(), restored.restoring.length > 0];
}

/** The text that a write found with what it puts back drawn into it: `«what goes→what comes back»`. */
export function picture(before: Text, { changes, restoring }: Restored): string {
  const marks = new Set(restoring);
  let drawn = '';
  let place = { line: 0, character: 0 };
  changes.forEach((change, index) => {
    const start = { line: change.startLine, character: change.startCharacter };
    const end = { line: change.endLine, character: change.endCharacter };
    drawn += before.slice(place, start);
    drawn += marks.has(index) ? `«${before.slice(start, end)}→${change.text}»` : change.text;
    place = end;
  });
  return drawn + before.slice(place, before.end);
}
