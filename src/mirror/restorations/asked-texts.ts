/**
 * Owns: old text that came back by an open document, was put away again, and is asked about: what is kept of it until
 * somebody answers, and what an answer does. Does not know: how it is told, documents.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Changes } from '../../core/change.ts';
import type { IdentityHex } from '../../core/op.ts';
import { RESTORATION_OWNERS, type RestorationQuestion } from '../../core/restoration.ts';
import { writeFileAtomically } from '../../host/home.ts';
import type { WorldLog } from '../../world/log.ts';
import type { MirrorWorld } from '../mirror-world.ts';
import type { RestorationDesk } from './restoration-desk.ts';
import type { ReturnedText } from './restoration-judge.ts';

/** An edit that waits for an answer. Plain data, fit for JSON. */
export interface AskedText {
  /** A UUID: the question is asked under it, also after a crash. */
  readonly askId: string;
  /** A UUID: what an answer sends is sent once. */
  readonly opId: string;
  readonly fileId: number;
  /** The path when it came. */
  readonly path: string;
  /** The version of which these are changes. */
  readonly version: number;
  readonly changes: Changes;
  readonly returned: readonly ReturnedText[];
  readonly owners: readonly IdentityHex[];
  /** The question's number, once it is asked. */
  readonly question?: number;
}

export interface AskedTextsParts {
  /** Where they are kept; all windows of a folder have the same. */
  readonly folder: string;
  readonly folderName: string;
  readonly desk: RestorationDesk;
  readonly world: Pick<MirrorWorld, 'edit'>;
  readonly log: WorldLog;
}

/** So many wait at the most; the oldest give way, which is as if they were answered by putting back. */
const MOST_ASKED = 64;

export class AskedTexts {
  readonly #parts: AskedTextsParts;
  readonly #asked = new Map<string, AskedText>();
  #turns: Promise<void> = Promise.resolve();
  readonly #stop: () => void;

  constructor(parts: AskedTextsParts) {
    this.#parts = parts;
    this.#stop = parts.desk.onAnswer((question) => {
      for (const { askId, question: own } of this.#asked.values()) {
        if (own === question) this.#turn(() => this.#act(askId));
      }
    });
    this.#turn(() => this.#start());
  }

  /** Keeps an edit; resolves when it would survive a crash. */
  async keep(asked: AskedText): Promise<void> {
    await mkdir(this.#parts.folder, { recursive: true, mode: 0o700 });
    await this.#write(asked);
    for (const oldest of this.#asked.values()) {
      if (this.#asked.size <= MOST_ASKED) break;
      await this.#giveWay(oldest);
    }
  }

  /** Asks about one that is kept, as soon as the world is reached. */
  ask(askId: string): void {
    this.#turn(() => this.#ask(askId));
  }

  async forget(askId: string): Promise<void> {
    this.#asked.delete(askId);
    await rm(this.#fileOf(askId), { force: true });
  }

  /** Resolves when nothing is being asked or acted on. */
  async settled(): Promise<void> {
    for (let turns; turns !== this.#turns;) await (turns = this.#turns);
  }

  stop(): void {
    this.#stop();
  }

  async #start(): Promise<void> {
    const { folder } = this.#parts;
    const names = await readdir(folder).catch(() => []);
    // Their names begin with the time: the newest stay.
    const kept = names.filter((each) => each.endsWith('.json')).sort();
    for (const [index, name] of kept.entries()) {
      const asked = await this.#read(path.join(folder, name));
      if (asked === undefined) continue;
      if (index < kept.length - MOST_ASKED) {
        await this.#giveWay(asked);
        continue;
      }
      this.#asked.set(asked.askId, asked);
      this.#turn(() => this.#ask(asked.askId));
    }
  }

  /** Undefined for what cannot be read: the others are asked about all the same. */
  async #read(file: string): Promise<AskedText | undefined> {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as AskedText;
    } catch (error) {
      this.#parts.log.warn('restorations.not_read', { error: String(error) });
      return undefined;
    }
  }

  /** It is asked about no more. */
  async #giveWay({ askId, question }: AskedText): Promise<void> {
    await this.forget(askId);
    if (question !== undefined) this.#turn(() => this.#parts.desk.withdraw(question));
  }

  async #ask(askId: string): Promise<void> {
    const asked = this.#asked.get(askId);
    if (!asked) return;
    const { fileId, path: file, owners } = asked;
    const ask: RestorationQuestion = {
      cause: 'tool',
      folderName: this.#parts.folderName,
      items: [{ fileId, path: file, what: 'changed' }],
      fileCount: 1,
      owners: owners.slice(0, RESTORATION_OWNERS),
    };
    const question = asked.question ?? (await this.#parts.desk.ask(ask, askId));
    // It gave way meanwhile.
    if (!this.#asked.has(askId)) return this.#parts.desk.withdraw(question);
    if (asked.question === undefined) await this.#write({ ...asked, question });
    await this.#act(askId);
  }

  async #act(askId: string): Promise<void> {
    const { desk, world, log } = this.#parts;
    const asked = this.#asked.get(askId);
    if (asked?.question === undefined) return;
    const answer = desk.answerOf(asked.question);
    if (answer === 'open' || answer === 'leave') return;
    if (answer === 'take') {
      const { fileId, version, changes, opId, returned } = asked;
      const verdict = await world.edit(fileId, version, changes, undefined, { opId, returned });
      log.info('restorations.taken', { fileId, outcome: verdict.tag });
    }
    await this.forget(askId);
  }

  async #write(asked: AskedText): Promise<void> {
    this.#asked.set(asked.askId, asked);
    await writeFileAtomically(this.#fileOf(asked.askId), JSON.stringify(asked));
  }

  #fileOf(askId: string): string {
    return path.join(this.#parts.folder, `${askId}.json`);
  }

  #turn(work: () => Promise<void>): void {
    this.#turns = this.#turns.then(work).catch((error: unknown) => {
      // It is kept, and asked again when the folder is opened next.
      this.#parts.log.warn('restorations.not_asked', { error: String(error) });
    });
  }
}
