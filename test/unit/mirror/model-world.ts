import type { Changes } from '../../../src/core/change.ts';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import type { FileMode } from '../../../src/core/op-payload.ts';
import { changesOverlap } from '../../../src/core/overlap.ts';
import {
  type EndsChange,
  followEnds,
  type OtherEnds,
  otherLines,
  withLines,
  withoutLines,
} from '../../../src/core/other-ends.ts';
import { type InTheWay, PathPlaces } from '../../../src/core/path-places.ts';
import { rebase } from '../../../src/core/rebase.ts';
import { Text } from '../../../src/core/text.ts';
import {
  MirrorStopped,
  type MirrorWorld,
  type Refused,
  type Verdict,
} from '../../../src/mirror/mirror-world.ts';
import type { ReturnedText } from '../../../src/mirror/restorations/restoration-judge.ts';
import { minimalChanges } from '../../../src/sync/minimal-changes.ts';
import type { FileAt } from '../../../src/world/file-reader.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';
import { detectContent } from '../../../src/world/text-format.ts';
import type { FileHead } from '../../../src/world/world-rows.ts';

type Format = Pick<FileHead, 'eol' | 'bom'> & {
  readonly mode?: FileMode;
  readonly otherEnds?: OtherEnds;
};

const PLAIN: Format = { eol: 'lf', bom: false };

interface ModelFile {
  path: string;
  deleted: boolean;
  /** By version, from 1. */
  readonly texts: Text[];
  /** Those that made the versions from 2. */
  readonly ops: Changes[];
  eol: 'lf' | 'crlf';
  otherEnds: OtherEnds;
  bom: boolean;
  mode: FileMode;
}

const PATH_TAKEN: Verdict = { tag: 'refused', code: 'path_taken', message: 'it is taken' };
const hasher = new ContentHasher(nativeHash);

/**
 * A world that judges as the module does: edits are moved over those between, what overlaps waits as a
 * ticket, and so does what meets a delete. Its rules are few enough to be read.
 */
export class ModelWorld implements MirrorWorld {
  /** What waits for a decision: the texts that are proposed. */
  readonly tickets: string[] = [];
  /** Ops that changed nothing, as whoever sent them could have known. */
  idleOps = 0;
  ops = 0;
  /** How many files each call moved together. */
  readonly renames: number[] = [];
  /** What creates are answered with, where that is not to be judged. */
  refusal: Verdict | undefined;
  onChange: (paths: readonly string[]) => void = () => undefined;
  /** Awaited before a call of the mirror is judged. */
  before: () => Promise<void> = () => Promise.resolve();
  /** The older text that ops have named. */
  readonly returned: ReturnedText[] = [];
  readonly #files: ModelFile[] = [];
  /** By the ids of the ops that had one. */
  readonly #verdicts = new Map<string, Verdict>();

  caughtUp(): Promise<void> {
    return this.before();
  }

  files(): Iterable<FileHead> {
    return this.#files.map((_, index) => this.file(index + 1)!);
  }

  file(fileId: number): FileHead | undefined {
    const file = this.#files[fileId - 1];
    if (!file) return undefined;
    const { path, deleted, texts, eol, otherEnds, bom, mode } = file;
    const contentHash = hasher.text(texts.at(-1)!);
    const { lineCount } = texts.at(-1)!;
    const format = { eol, otherEnds, bom, mode, kind: 'text', lineCount };
    return { fileId, path, deleted, version: texts.length, contentHash, ...format } as FileHead;
  }

  fileAt(path: string): FileHead | undefined {
    const index = this.#files.findIndex((file) => file.path === path && !file.deleted);
    return this.file(index + 1);
  }

  /** Every text that a file has had. */
  textsOf(fileId: number): readonly string[] {
    return this.#files[fileId - 1]!.texts.map(String);
  }

  pausedAt(_path: string): Promise<Refused | undefined> {
    return Promise.resolve(undefined);
  }

  inTheWay(path: string): InTheWay | undefined {
    const living = [...this.files()].filter(({ deleted }) => !deleted);
    return PathPlaces.of(living.map((file) => file.path)).inTheWay(path);
  }

  textOf(fileId: number): Text {
    return this.#files[fileId - 1]!.texts.at(-1)!;
  }

  async read(fileId: number, version?: number): Promise<FileAt> {
    await this.before();
    const { texts } = this.#files[fileId - 1]!;
    const at = version ?? texts.length;
    return { kind: 'text', version: at, text: texts[at - 1]!, contentHash: new Uint8Array() };
  }

  async hasHad({ fileId }: FileHead, bytes: Uint8Array): Promise<boolean> {
    await this.before();
    const content = detectContent(bytes);
    return content.kind === 'text' && this.textsOf(fileId).includes(content.text);
  }

  async edit(...[fileId, base, changes, carried, facts]: Parameters<MirrorWorld['edit']>) {
    await this.before();
    const { opId } = facts ?? {};
    const former = opId === undefined ? undefined : this.#verdicts.get(opId);
    if (former) return former;
    const verdict = this.editNow(fileId, base, changes, carried?.isContested ?? false);
    if (opId !== undefined) {
      this.#verdicts.set(opId, verdict);
      this.#dieAfter();
    }
    if (facts?.returned) this.returned.push(...facts.returned);
    return verdict;
  }

  /** Called when the world has taken the next edit that has an id, or delete: the process does not hear of it. */
  onDeath: (() => void) | undefined;

  #dieAfter(): void {
    const { onDeath } = this;
    if (!onDeath) return;
    this.onDeath = undefined;
    onDeath();
    throw new MirrorStopped();
  }

  /** Somebody who knows a version writes this text in its place. */
  editTo(fileId: number, base: number, text: string): Verdict {
    const { texts } = this.#files[fileId - 1]!;
    return this.editNow(fileId, base, minimalChanges(texts[base - 1]!, text));
  }

  editNow(fileId: number, base: number, changes: Changes, isContested = false): Verdict {
    this.ops += 1;
    if (changes.length === 0) this.idleOps += 1;
    const file = this.#files[fileId - 1]!;
    let moved = changes;
    let overlaps = isContested;
    for (const other of file.ops.slice(base - 1)) {
      overlaps ||= changesOverlap(moved, other, 'line');
      moved = rebase(moved, other, 'after');
    }
    if (file.deleted || overlaps) {
      return this.#ticketOf(file.texts[base - 1]!.apply(changes).toString());
    }
    if (moved.length === 0) return { tag: 'applied', version: file.texts.length };
    file.otherEnds = followEnds(file.otherEnds, file.texts.at(-1)!.lineCount - 1, moved);
    file.ops.push(moved);
    file.texts.push(file.texts.at(-1)!.apply(moved));
    this.onChange([file.path]);
    return { tag: 'applied', version: file.texts.length };
  }

  /** Somebody writes at the beginning of a file. */
  insertNow(fileId: number, text: string): Verdict {
    const start = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
    return this.editNow(fileId, this.#files[fileId - 1]!.texts.length, [{ ...start, text }]);
  }

  async createAll(files: Parameters<MirrorWorld['createAll']>[0]): Promise<readonly Verdict[]> {
    await this.before();
    if (this.refusal) return files.map(() => this.refusal!);
    return files.map(({ path, content, mode }) =>
      content.kind === 'text'
        ? this.createNow(path, content.text, { ...content, mode })
        : this.createNow(path, '', { ...PLAIN, mode }),
    );
  }

  createNow(path: string, text: string, format: Format = PLAIN): Verdict {
    const { eol, otherEnds = '', bom, mode = 'regular' } = format;
    this.ops += 1;
    const taken = this.fileAt(path);
    if (taken) {
      const same = this.textOf(taken.fileId).toString() === text;
      if (same) this.idleOps += 1;
      return same ? { tag: 'applied', version: 0 } : this.#ticketOf(text);
    }
    const obstacle = this.inTheWay(path);
    if (obstacle?.why === 'twin') return this.#ticketOf(text);
    if (obstacle) return PATH_TAKEN;
    const form = { eol, otherEnds, bom, mode };
    this.#files.push({ path, deleted: false, texts: [Text.of(text)], ops: [], ...form });
    this.onChange([path]);
    return { tag: 'applied', version: 1 };
  }

  async remove(fileId: number, base: number): Promise<Verdict> {
    // Two deletes that cross on their way are nobody's fault: what counts is what was known before.
    if (this.#files[fileId - 1]!.deleted) this.idleOps += 1;
    await this.before();
    const verdict = this.removeNow(fileId, base);
    this.#dieAfter();
    return verdict;
  }

  removeNow(fileId: number, base: number): Verdict {
    this.ops += 1;
    const file = this.#files[fileId - 1]!;
    if (!file.deleted && base < file.texts.length) return this.#ticketOf('');
    file.deleted = true;
    this.onChange([file.path]);
    return { tag: 'applied', version: 0 };
  }

  async restore({ fileId }: FileHead): Promise<Verdict> {
    await this.before();
    this.ops += 1;
    const file = this.#files[fileId - 1]!;
    if (!file.deleted) return { tag: 'applied', version: file.texts.length };
    if (this.fileAt(file.path) || this.inTheWay(file.path)) return PATH_TAKEN;
    file.deleted = false;
    this.onChange([file.path]);
    return { tag: 'applied', version: file.texts.length };
  }

  async rename({ fileId, path: from }: FileHead, path: string): Promise<Verdict> {
    await this.before();
    return this.renameNow(fileId, from, path);
  }

  async renameAll(moves: Parameters<MirrorWorld['renameAll']>[0]): Promise<Verdict | undefined> {
    await this.before();
    this.renames.push(moves.length);
    return this.renameAllNow(moves.map(({ file, path }) => ({ ...file, to: path })));
  }

  /** All of them or none. */
  renameAllNow(
    moves: readonly { readonly fileId: number; readonly path: string; readonly to: string }[],
  ): Verdict {
    const files = moves.map(({ fileId }) => this.#files[fileId - 1]!);
    const isStuck = files.some(({ path, deleted }, at) => deleted || path !== moves[at]!.path);
    if (isStuck) return this.#ticketOf('');
    const taken = moves.find(({ fileId, to }) => {
      const others = [...this.files()].filter((other) => !other.deleted && other.fileId !== fileId);
      return PathPlaces.of(others.map((other) => other.path)).inTheWay(to) || this.fileAt(to);
    });
    if (taken) return PATH_TAKEN;
    for (const { fileId, path, to } of moves) this.renameNow(fileId, path, to);
    return { tag: 'applied', version: 0 };
  }

  renameNow(fileId: number, from: string, path: string): Verdict {
    this.ops += 1;
    const file = this.#files[fileId - 1]!;
    if (file.path !== from) return this.#ticketOf('');
    const others = [...this.files()].filter((other) => !other.deleted && other.fileId !== fileId);
    const isFree = PathPlaces.of(others.map((other) => other.path)).inTheWay(path) === undefined;
    if (file.deleted || !isFree || this.fileAt(path)) return PATH_TAKEN;
    const former = file.path;
    file.path = path;
    this.onChange([former, path]);
    return { tag: 'applied', version: 0 };
  }

  withdraw(ticketId: number): Promise<boolean> {
    this.tickets[ticketId - 1] = '';
    return Promise.resolve(true);
  }

  replaceContent(): Promise<Verdict> {
    return Promise.reject(new Error('not expected'));
  }

  keepsLineEnds = true;

  async setLineEnds(...[{ fileId }, version, ends]: Parameters<MirrorWorld['setLineEnds']>) {
    // As for deletes: what others do on the way is nobody's fault. Where the lines of an older version are by now the
    // mirror does not know: the world answers that nothing was to be done, and writes no op.
    const head = this.file(fileId)!;
    const isSo = this.#endsAfter(fileId, version, ends) === head.otherEnds;
    if (isSo && version === head.version) this.idleOps += 1;
    await this.before();
    return this.endsNow(fileId, version, ends);
  }

  /** Somebody who knows a version says how lines of it end. */
  endsNow(fileId: number, version: number, ends: EndsChange): Verdict {
    this.ops += 1;
    const file = this.#files[fileId - 1]!;
    const others = this.#endsAfter(fileId, version, ends);
    const isTurned = otherLines(others, file.texts.at(-1)!.lineCount - 1) === '' && others !== '';
    file.otherEnds = isTurned ? '' : others;
    if (isTurned) file.eol = file.eol === 'lf' ? 'crlf' : 'lf';
    this.onChange([file.path]);
    return { tag: 'applied', version: 0 };
  }

  #endsAfter(fileId: number, version: number, { crlf, lf }: EndsChange): OtherEnds {
    const { texts, ops, eol, otherEnds } = this.#files[fileId - 1]!;
    const move = (lines: OtherEnds): OtherEnds =>
      ops.slice(version - 1).reduce((moved, changes, at) => {
        return followEnds(moved, texts[version - 1 + at]!.lineCount - 1, changes);
      }, lines);
    const [there, back] = (eol === 'lf' ? [crlf, lf] : [lf, crlf]).map(move);
    return withoutLines(withLines(otherEnds, there!), back!);
  }

  async setMode(...[{ fileId }, format]: Parameters<MirrorWorld['setMode']>): Promise<Verdict> {
    await this.before();
    return this.formatNow(fileId, format);
  }

  formatNow(fileId: number, { eol, bom, mode = 'regular' }: Format): Verdict {
    this.ops += 1;
    const file = this.#files[fileId - 1]!;
    if (file.eol === eol && file.bom === bom && file.mode === mode) this.idleOps += 1;
    if (file.eol !== eol) file.otherEnds = '';
    Object.assign(file, { eol, bom, mode });
    this.onChange([file.path]);
    return { tag: 'applied', version: 0 };
  }

  #ticketOf(text: string): Verdict {
    this.tickets.push(text);
    return { tag: 'ticketed', ticketId: this.tickets.length };
  }
}
