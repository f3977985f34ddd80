/**
 * Owns: taking in files that nobody put on disk: new ones, such as were renamed, and such as the world has
 * no place for. Does not know: when to look, and what is told.
 */
import { basename } from 'node:path/posix';
import { pathFault } from '../core/path.ts';
import { detectContent, type FileContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { type DiskFile, type DiskFiles, FileTooLarge } from './disk-files.ts';
import { type IntakeResult, isPaused, resultOf } from './disk-intake.ts';
import { hasMixedEnds } from './file-format.ts';
import { asKept, modeOf } from './format-intake.ts';
import { FilesBroughtBack } from './files-brought-back.ts';
import type { FolderLineEnds } from './folder-line-ends.ts';
import { type FolderMove, folderMoves, type PathMove } from './folder-moves.ts';
import type { JoinedFolders } from './joined-folders.ts';
import type { FolderLog } from './folder-log.ts';
import { type FolderLogEntry, type PutRecord, removedPut } from './folder-log-entry.ts';
import type { MirrorWorld, Refused, Verdict } from './mirror-world.ts';

/** A file on disk that nobody put there. */
export interface NewFile {
  readonly path: string;
  readonly disk: DiskFile;
}

/** What a file was before it got another name. */
interface Former {
  readonly last: PutRecord;
  readonly head: FileHead;
}

/** So many files of the same bytes are looked at before one that has them is taken for a new one. */
const MOST_TWINS = 32;

/** A file that is to have another name in the world, as it has on disk. */
interface Move extends PathMove {
  readonly file: NewFile;
  readonly former: Former;
}

export interface NewFilesParts {
  readonly files: DiskFiles;
  readonly world: MirrorWorld;
  readonly log: FolderLog;
  readonly lineEnds: FolderLineEnds;
  readonly joined: JoinedFolders;
  /** True for a path at which a file was looked for in vain. */
  readonly isMissing: (path: string) => boolean;
}

/** What became of a file that was gathered. */
export interface MovedFile {
  readonly file: NewFile;
  readonly result: IntakeResult;
}

export class NewFiles {
  readonly #files: DiskFiles;
  readonly #world: MirrorWorld;
  readonly #log: FolderLog;
  readonly #lineEnds: FolderLineEnds;
  readonly #joined: JoinedFolders;
  readonly #isMissing: (path: string) => boolean;
  readonly #broughtBack: FilesBroughtBack;
  /** Gathered until everything was looked at: those of a folder move together. By where they were. */
  readonly #moves = new Map<string, Move>();
  readonly #targets = new Set<string>();

  constructor({ files, world, log, lineEnds, joined, isMissing }: NewFilesParts) {
    this.#lineEnds = lineEnds;
    this.#files = files;
    this.#world = world;
    this.#log = log;
    this.#joined = joined;
    this.#isMissing = isMissing;
    this.#broughtBack = new FilesBroughtBack({ world, log, lineEnds });
  }

  /** The results in the order of the files; of those that have another name now it is nothing yet. */
  async takeAll(newFiles: readonly NewFile[]): Promise<readonly IntakeResult[]> {
    const results = new Map<NewFile, IntakeResult>();
    const fresh: NewFile[] = [];
    for (const file of newFiles) {
      if (pathFault(file.path) || this.#targets.has(file.path)) continue;
      const former = await this.#formerOf(file);
      const inVain = former && this.#strayedInVain(former, file.path);
      if (inVain) results.set(file, inVain);
      else if (former) {
        const from = former.last.path;
        this.#moves.set(from, { from, to: file.path, file, former });
        this.#targets.add(file.path);
      } else {
        const blocked = await this.#blockedBy(file.path);
        if (blocked) results.set(file, blocked);
        else fresh.push(file);
      }
    }
    await this.#create(await this.#broughtBack.takeAll(fresh, results), results);
    return newFiles.map((file) => results.get(file) ?? { tag: 'nothing' });
  }

  /** One file, whatever it is. */
  async take(path: string, disk: DiskFile): Promise<IntakeResult> {
    const [result] = await this.takeAll([{ path, disk }]);
    const move = [...this.#moves.values()].find(({ to }) => to === path);
    if (!move) return result!;
    this.#moves.delete(move.from);
    this.#targets.delete(path);
    const [moved] = await this.#moveFolder({ from: move.from, to: path, moves: [move] });
    return moved!.result;
  }

  /** True for a file that was gathered: it is about to have another name. */
  isMoving(path: string): boolean {
    return this.#moves.has(path);
  }

  /** The paths of what was gathered, before and after. */
  get moving(): readonly string[] {
    return [...this.#moves.keys(), ...this.#targets];
  }

  /** Gives what was gathered its other names. */
  async moveAll(): Promise<readonly MovedFile[]> {
    const moves = [...this.#moves.values()];
    this.#moves.clear();
    this.#targets.clear();
    const moved: MovedFile[] = [];
    for (const group of folderMoves(moves)) moved.push(...(await this.#moveFolder(group)));
    return moved;
  }

  /** The twin for which these bytes wait in a ticket; undefined where they may be tried again. */
  async twinOf(path: string, hash: string): Promise<string | undefined> {
    const judged = this.#log.judged(path);
    const other = this.#world.inTheWay(path);
    if (judged?.hash !== hash || other?.why !== 'twin') return undefined;
    if (this.#world.fileAt(other.path)?.fileId !== judged.fileId) return undefined;
    // One that has left the disk may have this name now.
    return (await this.#isLeaving(other.path)) ? undefined : other.path;
  }

  async #create(fresh: readonly NewFile[], results: Map<NewFile, IntakeResult>): Promise<void> {
    const contents = await Promise.all(
      fresh.map(({ path, disk }) => this.#lineEnds.forOthers(path, this.#contentOf(disk.bytes))),
    );
    const verdicts = await this.#world.createAll(
      fresh.map(({ path, disk }, index) => ({
        path,
        mode: modeOf(disk),
        content: contents[index]!,
        isOwn: this.#log.isMade(path),
      })),
    );
    if (verdicts.some(({ tag }) => tag === 'ticketed')) await this.#world.caughtUp();
    const entries = fresh.flatMap((file, index) => {
      const verdict = verdicts[index]!;
      results.set(file, this.#resultOf(file, verdict));
      return verdict.tag === 'applied'
        ? this.#putOf(file, verdict.version)
        : this.#judgedOf(file, verdict);
    });
    for (const { disk } of fresh) {
      if (hasMixedEnds(disk.bytes)) await this.#log.keepText(disk.hash, disk.bytes);
    }
    // A whole new content proposes all that the one before still has to say.
    for (const { path } of fresh) await this.#withdrawFormer(path);
    await this.#log.append(...entries);
  }

  #contentOf(bytes: Uint8Array): FileContent {
    return asKept(this.#world, detectContent(bytes));
  }

  async #withdrawFormer(path: string): Promise<void> {
    const former = this.#log.judged(path)?.ticketId ?? 0;
    if (former > 0) await this.#world.withdraw(former);
  }

  /** A file that waited in a ticket of its twin is gone, and so is what it proposed. */
  async gone(path: string): Promise<void> {
    if (!this.#log.judged(path)) return;
    await this.#withdrawFormer(path);
    await this.#log.append({ tag: 'removed', path });
  }

  #resultOf({ path }: NewFile, verdict: Verdict): IntakeResult {
    const other = this.#world.inTheWay(path);
    if (other === undefined || verdict.tag === 'applied') return resultOf(verdict);
    if (verdict.tag === 'ticketed' && other.why === 'twin') {
      return { tag: 'twin', other: other.path, ticketId: verdict.ticketId };
    }
    return verdict.tag === 'refused' && verdict.code === 'path_taken'
      ? { tag: 'blocked', place: other.path, isLeaving: false }
      : verdict;
  }

  /** For a file that was refused its name already, and what is in its way is there still. */
  #strayedInVain({ last, head }: Former, name: string): IntakeResult | undefined {
    if (this.#log.strayed.nameOf(last.path) !== name) return undefined;
    const other = this.#world.inTheWay(name);
    if (other === undefined || other.path === head.path) return undefined;
    const message = 'The name is taken';
    return { tag: 'strayed', code: 'path_taken', message, place: other.path, told: undefined };
  }

  /**
   * What keeps a file out for now: a file is gone where there is a folder now, or the other way around, and
   * the world has yet to hear of it.
   */
  async #blockedBy(path: string): Promise<IntakeResult | undefined> {
    const other = this.#world.inTheWay(path);
    if (other === undefined || other.why === 'twin') return undefined;
    const isLeaving =
      other.why === 'file' ? await this.#isLeaving(other.path) : this.#hasPutBelow(path);
    return { tag: 'blocked', place: other.path, isLeaving };
  }

  async #isLeaving(path: string): Promise<boolean> {
    // One that has strayed is kept there for others.
    if (this.#log.lastPut(path) === undefined || this.#log.strayed.nameOf(path)) return false;
    return !(await this.#isSpelledAsPut(path));
  }

  #isSpelledAsPut(path: string): Promise<boolean> {
    return this.#files.isSpelled(this.#log.lastPut(path)?.spelled ?? path);
  }

  #hasPutBelow(folder: string): boolean {
    for (const path of this.#log.paths()) if (path.startsWith(`${folder}/`)) return true;
    return false;
  }

  async #moveFolder(group: FolderMove<Move>): Promise<readonly MovedFile[]> {
    const { moves } = group;
    const together =
      moves.length > 1
        ? await this.#world.renameAll(
            moves.map(({ former, from, to }) => ({
              file: { ...former.head, path: from },
              path: to,
            })),
          )
        : undefined;
    if (together !== undefined) return this.#movedTo(group, together);
    const moved: MovedFile[] = [];
    for (const move of moves) {
      const { from, to, former } = move;
      const verdict = await this.#world.rename({ ...former.head, path: from }, to);
      moved.push(...(await this.#movedTo({ from, to, moves: [move] }, verdict)));
    }
    return moved;
  }

  /** The results; what is told of all of them is told with the first. */
  async #movedTo(
    { from, to, moves }: FolderMove<Move>,
    verdict: Verdict,
  ): Promise<readonly MovedFile[]> {
    if (verdict.tag === 'refused') return this.#strayedTo({ from, to, moves }, verdict);
    for (const move of moves) await this.#withdrawFormer(move.to);
    // What others did with them under their former names is not on disk yet. Where somebody else gave one
    // another name first, that one counts, and the mirror takes it there.
    await this.#log.append(
      ...moves.flatMap(({ former: { last }, from: path, to: newPath }) => [
        ...this.#log.moved(last, newPath),
        removedPut(path, last),
      ]),
    );
    if (verdict.tag === 'applied') await this.#joined.moved({ from, to, moves });
    return moves.map(({ file, former }, index) => {
      const isWhole = verdict.tag === 'applied' && former.last.hash === file.disk.hash;
      const isFirst = verdict.tag === 'ticketed' && index === 0;
      return { file, result: isWhole || isFirst ? resultOf(verdict) : { tag: 'renamed' } };
    });
  }

  /** None of them can have its name: others keep all of them where they were. */
  async #strayedTo(
    { from, to, moves }: FolderMove<Move>,
    refused: Refused,
  ): Promise<readonly MovedFile[]> {
    // They have their names when whoever gave them may write again.
    if (isPaused(refused)) return moves.map(({ file }) => ({ file, result: refused }));
    const { code, message } = refused;
    await this.#world.caughtUp();
    const fresh = moves.filter((move) => this.#log.strayed.nameOf(move.from) !== move.to);
    const places = moves.map((move) => this.#world.inTheWay(move.to)?.path);
    const place = places.find((each) => each !== undefined);
    await this.#log.append(
      ...fresh.map((move) => ({ tag: 'strayed', path: move.from, name: move.to }) as const),
    );
    return moves.map(({ file }, index) => {
      const told = fresh.length > 0 && index === 0 ? { path: from, name: to } : undefined;
      const result = { tag: 'strayed', code, message, place: place ?? file.path, told } as const;
      return { file, result };
    });
  }

  /** `version`: what the world has of these bytes; 0 if it had them all along. */
  #putOf({ path, disk }: NewFile, version: number): readonly FolderLogEntry[] {
    const head = this.#world.fileAt(path);
    if (!head) return [];
    const { hash, isExecutable: executable } = disk;
    const { fileId } = head;
    return [{ tag: 'put', path, fileId, version: version || head.version, hash, executable }];
  }

  /** The world has another file there, which takes the place of these bytes; a twin stays beside them. */
  #judgedOf({ path, disk }: NewFile, verdict: Verdict): readonly FolderLogEntry[] {
    const other = this.#world.inTheWay(path);
    const twin = other?.why === 'twin' ? other.path : path;
    const head = this.#world.fileAt(twin);
    if (!head) return [];
    const ticketId = verdict.tag === 'ticketed' ? verdict.ticketId : 0;
    return [{ tag: 'judged', path, fileId: head.fileId, hash: disk.hash, ticketId }];
  }

  /** The file of the world that is at this path now, and was put elsewhere. */
  async #formerOf(file: NewFile): Promise<Former | undefined> {
    if (this.#world.fileAt(file.path) !== undefined) return undefined;
    const strayed = this.#log.strayed.pathOf(file.path);
    const bySpelling = this.#world.inTheWay(file.path);
    const likely = [
      // It has had this name for some time, whatever was written since.
      ...(strayed === undefined ? [] : [strayed]),
      // Its name is spelled in another way, and it may be changed as well.
      ...(bySpelling?.why === 'twin' ? [bySpelling.path] : []),
    ];
    for (const path of likely) {
      const former = this.#vanished(path);
      if (former && !(await this.#isSpelledAsPut(path))) return former;
    }
    return this.#withSameBytes(file);
  }

  /** A file of the world whose last put has these bytes, and which is not there any more. */
  async #withSameBytes(file: NewFile): Promise<Former | undefined> {
    let looks = 0;
    const name = basename(file.path);
    const paths = this.#log.pathsOf(file.disk.hash);
    // Where several have the same bytes, its name tells more than their order.
    const likely = paths.filter((each) => basename(each) === name || this.#isMissing(each));
    for (const path of new Set([...likely, ...paths])) {
      const former = this.#vanished(path);
      if (!former) continue;
      if (!(await this.#isThere(path))) return former;
      looks += 1;
      if (looks === MOST_TWINS) return undefined;
    }
    return undefined;
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      return (await this.#files.read(path)) !== undefined;
    } catch (error) {
      if (error instanceof FileTooLarge) return true;
      throw error;
    }
  }

  #vanished(path: string): Former | undefined {
    const last = this.#moves.has(path) ? undefined : this.#log.lastPut(path);
    const head = last && this.#world.file(last.fileId);
    return last && head && !head.deleted ? { last, head } : undefined;
  }
}
