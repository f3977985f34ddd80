/**
 * Owns: what an agent is told beside an answer, within a number of bytes, and that each thing is told once.
 * What does not fit waits for the next answer. Does not know: what the answer is.
 */
import { utf8Length } from '../../core/path.ts';
import { type AnyClaim, claimKey } from '../../world/any-claim.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import { answererNames, restorationSentence } from '../../world/restoration-words.ts';
import type { Note } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { heardBy, ownQuestions, ownTickets } from '../own-concerns.ts';
import { MAY_WRITE_AGAIN, pauseSentence } from '../own-pause.ts';
import type { AgentRecord, FileEntry } from './agent-record.ts';
import type { ClaimView, FileNews, MessageView, News } from './answer.ts';
import { claimsOfOthersOn, claimView } from './claim-views.ts';
import { readClosedTicket } from './closed-ticket.ts';
import { mayHaveNews, untoldOf } from './file-news.ts';
import { Meetings } from './meetings.ts';
import { reasonText } from './ticket-reply.ts';
import type { TextShelf } from './text-shelf.ts';

/** What an answer may carry of it. */
export const NEWS_BYTES = 2048;
/** What an agent gets that asks for it. */
export const ASKED_NEWS_BYTES = 16 * 1024;

interface NewsDeskOptions {
  /** Of the agent. */
  readonly session: WorldSession;
  readonly record: AgentRecord;
  readonly shelf: TextShelf;
  /** How the agent's own folder stands; each a sentence. */
  readonly standing: () => readonly string[];
  /** Whether it tells that the agent is paused; so it is unless that is told otherwise. */
  readonly tellsPause?: boolean;
  /** Whether it tells whom the agent is about to meet: only where it lives as long as the agent does. */
  readonly tellsMeetings?: boolean;
}

export class NewsDesk {
  readonly #session: WorldSession;
  readonly #record: AgentRecord;
  readonly #shelf: TextShelf;
  readonly #standing: () => readonly string[];
  readonly #tellsPause: boolean;
  readonly #meetings: Meetings | undefined;
  #toldStanding: readonly string[] = [];
  /** The agent was told that it is paused, and not yet that it may go on. */
  #knowsPause = false;

  constructor({
    session,
    record,
    shelf,
    standing,
    tellsPause = true,
    tellsMeetings = false,
  }: NewsDeskOptions) {
    this.#tellsPause = tellsPause;
    this.#meetings = tellsMeetings ? new Meetings({ session, record, shelf }) : undefined;
    this.#session = session;
    this.#record = record;
    this.#shelf = shelf;
    this.#standing = standing;
  }

  /** The answer itself tells of a ticket of the agent's: it is no news then. */
  knowsTicket(ticketId: number): void {
    const told = this.#record.told();
    this.#record.putTold({ ...told, tickets: [...new Set([...told.tickets, ticketId])] });
  }

  /** The answer itself tells that the agent is paused: it is no news then. */
  tellsPauseItself(): void {
    this.#knowsPause = this.#isPaused;
  }

  /** The agent closed a ticket itself. */
  closedTicket(ticketId: number): void {
    const told = this.#record.told();
    this.#record.putTold({ ...told, tickets: told.tickets.filter((each) => each !== ticketId) });
  }

  /** What was not told yet, as far as it fits; it counts as told then. */
  async collect(link: Link, bytes = NEWS_BYTES): Promise<News> {
    const page = new Page(bytes - FRAME_BYTES);
    const folder = [...this.#pause(page), ...this.#folder(page)];
    const told = this.#record.told();
    const restorations = this.#restorations(page, told.restorations);
    const tickets = await this.#tickets(link, page, told.tickets);
    const messages = this.#messages(page, told.noteId);
    const files = this.#record.files();
    const claims = this.#claims(page, told.claims, files);
    const meetings = (await this.#meetings?.tell(link, (sentence) => page.takes(sentence))) ?? [];
    const changes = await this.#changes(link, page, files);
    const next = {
      noteId: messages.at(-1)?.message ?? told.noteId,
      tickets: tickets.open,
      claims: claims.there,
      restorations: restorations.standing,
    };
    if (JSON.stringify(next) !== JSON.stringify(told)) this.#record.putTold(next);
    return {
      changes,
      messages,
      claims: claims.told,
      tickets: tickets.told,
      restorations: restorations.told,
      folder: [...folder, ...meetings],
      more: page.left,
    };
  }

  /** Whether there may be something to tell; asks the world nothing. */
  hasNews(): boolean {
    const { view } = this.#session;
    if (this.#isPaused !== this.#knowsPause) return true;
    const told = this.#record.told();
    const own = ownTickets(this.#session);
    const files = this.#record.files();
    return (
      heardBy(this.#session, told.noteId).some((note) => this.#isNews(note)) ||
      own.some(({ ticketId }) => !told.tickets.includes(ticketId)) ||
      told.tickets.some((ticketId) => !view.tickets.has(ticketId)) ||
      ownQuestions(this.#session).some(
        ({ restorationId }) => !told.restorations.includes(restorationId),
      ) ||
      this.#touching(files).some((claim) => !told.claims.includes(claimKey(claim))) ||
      files.some((entry) => mayHaveNews(view, entry))
    );
  }

  get #isPaused(): boolean {
    const { view, identity } = this.#session;
    return this.#tellsPause && view.members.get(identity)?.paused === true;
  }

  /** That the agent is paused, once a pause; and once that it may go on. */
  #pause(page: Page): readonly string[] {
    const sentence = pauseSentence(this.#session) ?? MAY_WRITE_AGAIN;
    const isPaused = this.#isPaused;
    if (isPaused === this.#knowsPause || !page.takes(sentence)) return [];
    this.#knowsPause = isPaused;
    return [sentence];
  }

  /** What is amiss with the folder: once for as long as it is. */
  #folder(page: Page): readonly string[] {
    const standing = this.#standing();
    const known = standing.filter((each) => this.#toldStanding.includes(each));
    const told = standing.filter((each) => !known.includes(each) && page.takes(each));
    this.#toldStanding = [...known, ...told];
    return told;
  }

  #restorations(page: Page, told: readonly number[]) {
    const { view, identity } = this.#session;
    const standing: number[] = [];
    const sentences: string[] = [];
    for (const question of ownQuestions(this.#session)) {
      const { restorationId } = question;
      if (told.includes(restorationId)) standing.push(restorationId);
      else {
        const sentence = `Question ${restorationId}: ${restorationSentence(view, identity, question)}. It waits for ${answererNames(view, identity, question)}.`;
        if (!page.takes(sentence)) continue;
        standing.push(restorationId);
        sentences.push(sentence);
      }
    }
    for (const restorationId of told) {
      if (standing.includes(restorationId)) continue;
      const answer = view.restorations.questions.get(restorationId)?.answer;
      const sentence = `Question ${restorationId} has ended${answer ? `: ${answer}` : ''}.`;
      if (page.takes(sentence)) sentences.push(sentence);
      else standing.push(restorationId);
    }
    return { told: sentences, standing };
  }

  async #tickets(link: Link, page: Page, told: readonly number[]) {
    const { view } = this.#session;
    const open: number[] = [];
    const sentences: string[] = [];
    for (const { ticketId, fileId, kind, reason } of ownTickets(this.#session)) {
      if (told.includes(ticketId)) {
        open.push(ticketId);
        continue;
      }
      const path = view.files.get(fileId)?.path ?? '';
      const why = reasonText(reason, 'others');
      const sentence =
        `Your change of ${path} waits in ticket ${ticketId} (${kind}, ${reason}). ${why}`.trimEnd();
      if (!page.takes(sentence)) continue;
      open.push(ticketId);
      sentences.push(sentence);
    }
    for (const ticketId of told) {
      if (view.tickets.has(ticketId)) continue;
      const sentence = `Ticket ${ticketId} is closed: ${await readClosedTicket(link, view, ticketId)}.`;
      if (page.takes(sentence)) sentences.push(sentence);
      else open.push(ticketId);
    }
    return { told: sentences, open };
  }

  #messages(page: Page, afterNoteId: number): readonly MessageView[] {
    const { view, identity } = this.#session;
    const messages: MessageView[] = [];
    const waiting = heardBy(this.#session, afterNoteId).filter((note) => this.#isNews(note));
    for (const [index, note] of waiting.entries()) {
      const whole = messageView(view, note, identity);
      // A long one is told as far as it fits, and can be read whole.
      const fits = page.takes(whole);
      const short = {
        ...whole,
        text: `${whole.text.slice(0, SHORT_MESSAGE).toWellFormed()}… (cut: list messages)`,
      };
      if (!fits && !(whole.text.length > SHORT_MESSAGE && page.takesWaiting(short))) {
        // They are told in order: what is behind it waits, too.
        page.leave(waiting.length - index - 1);
        break;
      }
      messages.push(fits ? whole : short);
    }
    return messages;
  }

  /** What was said to all before the agent joined is not for it. */
  #isNews({ madeAtMs }: Note): boolean {
    const { view, identity } = this.#session;
    return madeAtMs >= (view.members.get(identity)?.joinedAtMs ?? 0);
  }

  #claims(page: Page, told: readonly number[], files: readonly FileEntry[]) {
    const there: number[] = [];
    const views: ClaimView[] = [];
    for (const claim of this.#touching(files)) {
      const view = claimView(this.#session, claim);
      if (told.includes(view.claim)) there.push(view.claim);
      else if (page.takes(view)) {
        there.push(view.claim);
        views.push(view);
      }
    }
    return { told: views, there };
  }

  /** Claims of others in files that the agent has read. */
  #touching(files: readonly FileEntry[]): readonly AnyClaim[] {
    const fileIds = new Set(files.map(({ fileId }) => fileId));
    return claimsOfOthersOn(this.#session, fileIds);
  }

  async #changes(
    link: Link,
    page: Page,
    files: readonly FileEntry[],
  ): Promise<readonly FileNews[]> {
    const { view, identity } = this.#session;
    const told: FileNews[] = [];
    for (const entry of files) {
      if (!mayHaveNews(view, entry)) continue;
      if (page.isFull) {
        page.leave(1);
        continue;
      }
      const { news, told: after } = await untoldOf(link, view, this.#shelf, entry, identity);
      const fitting = news && page.fit(news);
      if (news && !fitting) continue;
      if (fitting) told.push(fitting);
      // It may have been given to the agent again meanwhile, by this process or another.
      const now = this.#record.file(entry.fileId) ?? entry;
      const toldVersion = Math.max(now.toldVersion, after.toldVersion);
      this.#record.putFile({ ...now, toldVersion, toldPath: after.toldPath });
    }
    return told;
  }
}

/** What there is room for. */
class Page {
  #bytes: number;
  #left = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** How many things there was no room for. */
  get left(): number {
    return this.#left;
  }

  get isFull(): boolean {
    return this.#bytes < LEAST_NEWS_BYTES;
  }

  takes(item: object | string): boolean {
    if (this.#takes(item)) return true;
    this.#left++;
    return false;
  }

  /** The same for something that was counted as left already. */
  takesWaiting(item: object | string): boolean {
    if (!this.#takes(item)) return false;
    this.#left--;
    return true;
  }

  leave(count: number): void {
    this.#left += count;
  }

  /** News with as many rows of its diff as fit; undefined where not even its head does. */
  fit(news: FileNews): FileNews | undefined {
    if (this.#takes(news)) return news;
    const rows = news.diff.split('\n');
    let cut: FileNews = { ...news, diff: '', isCut: true };
    for (let count = rows.length - 1; count > 0; count = Math.floor(count * KEPT_SHARE)) {
      const shorter = { ...cut, diff: rows.slice(0, count).join('\n') };
      if (bytesOf(shorter) > this.#bytes) continue;
      cut = shorter;
      break;
    }
    return this.takes(cut) ? cut : undefined;
  }

  #takes(item: object | string): boolean {
    const bytes = bytesOf(item);
    if (bytes > this.#bytes) return false;
    this.#bytes -= bytes;
    return true;
  }
}

/** As JSON, which is longer than the same as text. */
function bytesOf(item: object | string): number {
  return utf8Length(JSON.stringify(item)) + 1;
}

export function messageView(
  view: WorldSession['view'],
  { noteId, author, to, text, madeAtMs }: Note,
  self: string,
): MessageView {
  const toName = to === undefined ? '' : to === self ? 'you' : memberName(view, to);
  return { message: noteId, from: memberName(view, author), to: toName, text, atMs: madeAtMs };
}

/** Of the news around what is in them. */
const FRAME_BYTES = 128;
const LEAST_NEWS_BYTES = 160;
const SHORT_MESSAGE = 300;
const KEPT_SHARE = 0.7;
