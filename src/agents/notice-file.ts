/**
 * Owns: a file in an agent's own folder that tells what an answer of the agent's server would tell as news, and
 * which of its writes the world refused: for clients that tell their model nothing while it works by their own
 * file tools. Does not know: who keeps the folder in step.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { replaceFile } from '../host/replace-file.ts';
import type { CancelTimer } from '../world/clock.ts';
import type { Link } from '../world/link.ts';
import type { StopListening } from '../world/listeners.ts';
import { DRAFT_SUFFIX, NOTICES_FILE } from '../world/own-names.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import { KeptNotices } from './kept-notices.ts';
import { pauseSentence } from './own-pause.ts';
import { DraftRecord } from './tools/draft-record.ts';
import { NewsDesk } from './tools/news-desk.ts';
import { RecordOnDisk } from './tools/record-on-disk.ts';
import { type RefusedWrite, refusedWriteText } from './tools/refusal-reply.ts';
import { newsRows } from './tools/render-answer.ts';
import { TextShelf } from './tools/text-shelf.ts';
import { watchNews } from './tools/watch-news.ts';

export interface NoticeFileOptions {
  /** Of the agent. */
  readonly session: WorldSession;
  /** `AGENT_WORLD_HOME`. */
  readonly home: string;
  /** The agent's own; absolute, and there. */
  readonly folder: string;
  /** Where what was told there is kept between two starts. */
  readonly state: string;
}

/** What happens meanwhile is told together. */
const LOOK_MS = 500;

export class NoticeFile {
  readonly #options: NoticeFileOptions;
  readonly #kept: KeptNotices;
  readonly #stops: readonly StopListening[];
  #otherRecord: RecordOnDisk | undefined;
  #cancelLook: CancelTimer | undefined;
  #cancelLater: CancelTimer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #written: string | undefined;
  #isOver = false;

  /** Keeps the file until `dispose`. */
  static async open(options: NoticeFileOptions): Promise<NoticeFile> {
    return new NoticeFile(options, await KeptNotices.read(options.state));
  }

  private constructor(options: NoticeFileOptions, kept: KeptNotices) {
    const { session } = options;
    this.#options = options;
    this.#kept = kept;
    this.#stops = [
      session.view.files.onChange(({ after }) => after && this.#noteOwn(after)),
      watchNews(session.view, () => this.#soon()),
      session.onState(() => this.#soon()),
    ];
    this.#soon();
  }

  /** The world did not take what the agent's tools wrote at a path. */
  refused(file: string, refusal: RefusedWrite): void {
    const { view, clock } = this.#options.session;
    const head = view.fileAt(file);
    if (head) this.#know(head);
    this.#kept.refused(file, refusedWriteText(view, file, refusal), clock.nowMs());
    this.#soon();
  }

  async dispose(): Promise<void> {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    this.#cancelLook?.();
    this.#cancelLater?.();
    await this.#looking;
    await this.#kept.write();
  }

  /** What an agent has written it knows; nobody tells what its tools have read. */
  #noteOwn(head: FileHead): void {
    if (head.updatedBy !== this.#options.session.identity || head.deleted) return;
    this.#kept.accepted(head.path);
    this.#know(head);
  }

  #know({ fileId, path: at, version }: FileHead): void {
    const { record } = this.#kept;
    if (record.file(fileId)) return;
    const told = { toldPath: at, toldVersion: version };
    const atMs = this.#options.session.clock.nowMs();
    record.putFile({ fileId, path: at, version, ...told, seen: [], isMixed: true, atMs });
  }

  #soon(): void {
    if (this.#isOver) return;
    this.#cancelLook ??= this.#options.session.clock.after(LOOK_MS, () => {
      this.#cancelLook = undefined;
      this.#looking = this.#looking.then(() => this.#look());
    });
  }

  async #look(): Promise<void> {
    const { session } = this.#options;
    const { link, clock, log } = session;
    if (this.#isOver || !link) return;
    this.#cancelLater?.();
    try {
      const hasMore = await this.#gather(link);
      const standing = pauseSentence(session) ?? '';
      await this.#write(this.#kept.text(session.workspace?.name ?? '', clock.nowMs(), standing));
      await this.#kept.write();
      if (hasMore) this.#soon();
    } catch (error) {
      // The connection ended, or the disk takes nothing: it is tried again with what happens next.
      log.warn('agent.notices', { code: systemCode(error) ?? String(error) });
    }
    const dueMs = this.#kept.dueMs(clock.nowMs());
    if (dueMs !== undefined && !this.#isOver) {
      this.#cancelLater = clock.after(dueMs, () => this.#soon());
    }
  }

  /** True where there is more than fits at once. */
  async #gather(link: Link): Promise<boolean> {
    const { session } = this.#options;
    const draft = new DraftRecord(this.#kept.record);
    this.#takeOver(draft);
    const desk = {
      session,
      record: draft,
      shelf: new TextShelf(),
      standing: () => [],
      tellsPause: false,
    };
    const news = await new NewsDesk(desk).collect(link);
    const text = newsRows(news).join('\n');
    const isFull = news.more > 0 && text !== '';
    if (this.#kept.news(text, isFull, session.clock.nowMs())) draft.keep();
    return isFull;
  }

  /** What the agent's server gave and told it in the newest session of its client is no news here. */
  #takeOver(record: DraftRecord): void {
    const { session, home } = this.#options;
    const { database, identity, view, clock } = session;
    const key = { home, database, identity };
    this.#otherRecord = RecordOnDisk.newest(key, () => clock.nowMs(), this.#otherRecord);
    if (!this.#otherRecord) return;
    for (const entry of this.#otherRecord.files()) {
      const own = record.file(entry.fileId);
      const { toldVersion, toldPath } = entry;
      if (!own) record.putFile(entry);
      else if (toldVersion > own.toldVersion) record.putFile({ ...own, toldVersion, toldPath });
    }
    const [own, others] = [record.told(), this.#otherRecord.told()];
    const standing = others.tickets.filter((ticketId) => view.tickets.has(ticketId));
    record.putTold({
      ...own,
      noteId: Math.max(own.noteId, others.noteId),
      tickets: [...new Set([...own.tickets, ...standing])],
      claims: [...new Set([...own.claims, ...others.claims])],
    });
  }

  async #write(text: string): Promise<void> {
    const { folder, session } = this.#options;
    // It is somebody's after all.
    if (text === this.#written || session.view.fileAt(NOTICES_FILE)) return;
    if (text === '') await removeNotices(folder);
    else {
      const file = path.join(folder, NOTICES_FILE);
      const draft = `${file}.${randomBytes(4).toString('hex')}${DRAFT_SUFFIX}`;
      await replaceFile(file, text, { draft, mode: 0o600 });
    }
    this.#written = text;
  }
}

/** Removes the file that was left in a folder, if it is ours. */
export async function removeNotices(folder: string): Promise<void> {
  const file = path.join(folder, NOTICES_FILE);
  const text = await readFile(file, 'utf8').catch(() => '');
  if (KeptNotices.isOurs(text)) await rm(file, { force: true });
}
