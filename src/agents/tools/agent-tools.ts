/**
 * What an agent can do in a world, for MCP, command line, hooks and editor: every call gets an `Answer` and
 * never rejects for anything that a world, a network or an argument can do.
 */
import type { Link } from '../../world/link.ts';
import { readHeadSeq } from '../../world/read-head.ts';
import { readingActivity } from '../../world/reading-activity.ts';
import { type RandomBytes, systemRandomBytes } from '../../world/uuid.ts';
import { WorldError } from '../../world/world-error.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { AgentSession } from '../agent-session.ts';
import type { AgentRecord } from './agent-record.ts';
import { type Answer, done, NO_NEWS, refused, type Reply } from './answer.ts';
import type {
  ChangeRequest,
  ChangesRequest,
  CreateRequest,
  DeleteRequest,
  LinesRequest,
  ModeRequest,
  PatchRequest,
  QuoteRequest,
  RenameRequest,
  WriteRequest,
} from './change-request.ts';
import {
  claimFile,
  type ClaimRequest,
  type ClaimsRequest,
  listClaims,
  releaseClaim,
  type ReleaseRequest,
} from './claim-files.ts';
import { FollowedFiles } from './followed-files.ts';
import type { ExportRequest } from './export-files.ts';
import { livingClaim } from './claim-views.ts';
import { Grounds } from './grounds.ts';
import { listFiles, type ListRequest } from './list-files.ts';
import { NativeFiles } from './native-files.ts';
import { type ReadPlace, type ReadRequest, readText } from './read-text.ts';
import { failureReply } from './refusal-reply.ts';
import { searchFiles, type SearchRequest } from './search-files.ts';
import { ASKED_NEWS_BYTES, NEWS_BYTES, NewsDesk } from './news-desk.ts';
import {
  type SettleRequest,
  settleTicket,
  showTickets,
  type TicketsRequest,
} from './own-tickets.ts';
import { blameFile, type BlameRequest, type HistoryRequest, showHistory } from './past.ts';
import { planChanges } from './plan-changes.ts';
import { RepeatedCalls } from './repeated-calls.ts';
import { sendSteps } from './send-steps.ts';
import { snapshotInto, type SnapshotRequest } from './snapshot-files.ts';
import {
  type CheckpointRequest,
  listCheckpoints,
  listMembers,
  listMessages,
  makeCheckpoint,
  type MessageRequest,
  type MessagesRequest,
  sendMessage,
} from './talk.ts';
import { TextShelf } from './text-shelf.ts';
import { waitFor, type WaitRequest } from './wait.ts';
import { WorldPaths } from './world-paths.ts';

export interface AgentToolsOptions {
  /** Of the agent, one for each of its client's sessions. */
  readonly agent: AgentSession;
  /** What this client session was given and told. */
  readonly record: AgentRecord;
  /** Absolute folders of this machine that show the world; the first is the agent's own. */
  readonly folders?: readonly string[];
  readonly randomBytes?: RandomBytes;
  /** How its own folder stands, as far as it should know; each a sentence. */
  readonly standing?: () => readonly string[];
  /** Its claims end half a minute after a `LeaseKeeper` renews them no more: so it is unless it is said not to be. */
  readonly areClaimsLeases?: boolean;
  /** Two conversations of one client may be behind it, which nobody can tell apart. */
  readonly isShared?: boolean;
}

/** One agent in one session of its client. */
export class AgentTools {
  /** What the client's own tools did with files of the agent's folder. */
  readonly native: NativeFiles;
  readonly #agent: AgentSession;
  readonly #folder: string | undefined;
  readonly #paths: WorldPaths;
  readonly #grounds: Grounds;
  readonly #shelf: TextShelf;
  readonly #randomBytes: RandomBytes;
  readonly #areClaimsLeases: boolean;
  readonly #news: NewsDesk;
  readonly #repeated = new RepeatedCalls();
  /** The newest op of the agent's own that this connection was told of. */
  #ownSeq = 0;

  constructor({
    agent,
    record,
    folders = [],
    randomBytes = systemRandomBytes,
    areClaimsLeases = true,
    isShared = false,
    standing = () => [],
  }: AgentToolsOptions) {
    this.#randomBytes = randomBytes;
    this.#areClaimsLeases = areClaimsLeases;
    this.#agent = agent;
    this.#shelf = new TextShelf(new FollowedFiles(agent.session));
    agent.session.view.onOutcome(({ opSeq }) => {
      this.#ownSeq = Math.max(this.#ownSeq, opSeq);
    });
    const { view, clock } = agent.session;
    const paths = new WorldPaths(view, folders);
    this.#paths = paths;
    this.#folder = folders[0];
    this.#news = new NewsDesk({
      session: agent.session,
      record,
      shelf: this.#shelf,
      standing,
      tellsMeetings: true,
    });
    this.#grounds = new Grounds({ view, paths, record, shelf: this.#shelf, clock, isShared });
    this.native = new NativeFiles({ session: agent.session, paths, grounds: this.#grounds });
  }

  /** The files of the world. */
  listFiles(request: ListRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => Promise.resolve(listFiles(this.#view, request)), signal);
  }

  /** A file's text, or lines of it. */
  readFile(request: ReadRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(async (link) => {
      const reader = {
        folder: this.#folder,
        view: this.#view,
        grounds: this.#grounds,
        shelf: this.#shelf,
      };
      const { reply, place } = await readText(reader, link, request);
      if (place) this.#showReading(place, reply);
      return reply;
    }, signal);
  }

  /** The lines of all files that have a text, or fit a regular expression. */
  search(request: SearchRequest, signal?: AbortSignal): Promise<Answer> {
    const { clock } = this.#agent.session;
    const searcher = { view: this.#view, shelf: this.#shelf, clock };
    return this.#answer((link) => searchFiles(searcher, link, request), signal);
  }

  /** Replaces what is quoted of a file. */
  editFile(request: QuoteRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'quotes' }], signal);
  }

  /** Replaces lines of a file by their numbers. */
  editLines(request: LinesRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'lines' }], signal);
  }

  /** Makes a file read so: by what differs from the text that the agent had. */
  writeFile(request: WriteRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'write' }], signal);
  }

  createFile(request: CreateRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'create' }], signal);
  }

  renameFile(request: RenameRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'rename' }], signal);
  }

  deleteFile(request: DeleteRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'delete' }], signal);
  }

  setMode(request: ModeRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'mode' }], signal);
  }

  /** Does what a patch says: all of it, or nothing. */
  applyPatch(request: PatchRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change([{ ...request, kind: 'patch' }], signal);
  }

  /** Several changes together: all of them, or none. */
  changeFiles({ changes }: ChangesRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#change(changes, signal);
  }

  #change(changes: readonly ChangeRequest[], signal?: AbortSignal): Promise<Answer> {
    return this.#repeated.once(changes, signal, () => this.#changeOnce(changes, signal));
  }

  #changeOnce(changes: readonly ChangeRequest[], signal?: AbortSignal): Promise<Answer> {
    return this.#answer(async (link, signal) => {
      const isDone = await this.#repeated.isDoneAlready(link, this.#grounds, changes);
      if (isDone) return DONE_ALREADY;
      const planner = { link, view: this.#view, grounds: this.#grounds, paths: this.#paths };
      const planned = await planChanges(planner, changes);
      if (planned.tag === 'refused') return planned.reply;
      const sender = {
        agent: this.#agent,
        grounds: this.#grounds,
        shelf: this.#shelf,
        randomBytes: this.#randomBytes,
        signal,
      };
      const reply = await sendSteps(sender, link, planned.steps);
      const [step] = planned.steps;
      if (step?.kind === 'edit') {
        const firstLine = (step.changes[0]?.startLine ?? 0) + 1;
        const place = { ...step.ground, firstLine, lastLine: firstLine };
        // Whoever asked is answered first.
        setImmediate(() => this.#show(place, 'editing'));
      }
      return reply;
    }, signal);
  }

  /** What others did, said and claimed since this agent was last told: more of it than beside an answer. */
  news(signal?: AbortSignal): Promise<Answer> {
    const reply = done('What is new since your last call stands below, if there is anything.');
    return this.#answer(() => Promise.resolve(reply), signal, ASKED_NEWS_BYTES);
  }

  /** Until a ticket or claim ends, or until there is any news: at most 25 s. */
  wait(request: WaitRequest, signal?: AbortSignal): Promise<Answer> {
    const { session } = this.#agent;
    const hasClaim = (claim: number): boolean => livingClaim(session, claim) !== undefined;
    const work = (_: Link, ending: AbortSignal): Promise<Reply> =>
      waitFor({ session, news: this.#news, hasClaim, signal: ending }, request);
    return this.#answer(work, signal, NEWS_BYTES, MOST_WAIT_MS);
  }

  /** Claims lines, a file or a folder: other agents are refused there. */
  claim(request: ClaimRequest, signal?: AbortSignal): Promise<Answer> {
    const desk = {
      agent: this.#agent,
      grounds: this.#grounds,
      paths: this.#paths,
      randomBytes: this.#randomBytes,
      areLeases: this.#areClaimsLeases,
    };
    return this.#answer((link) => claimFile(desk, link, request), signal);
  }

  listClaims(request: ClaimsRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => Promise.resolve(listClaims(this.#agent, request)), signal);
  }

  releaseClaim(request: ReleaseRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => releaseClaim(this.#agent, request), signal);
  }

  /** Open tickets: the agent's own, all, or one with its texts. */
  tickets(request: TicketsRequest, signal?: AbortSignal): Promise<Answer> {
    const desk = { agent: this.#agent, shelf: this.#shelf };
    return this.#answer((link) => showTickets(desk, link, request), signal);
  }

  /** Gives a ticket of the agent's up, or settles it where that replaces no person's text. */
  settleTicket(request: SettleRequest, signal?: AbortSignal): Promise<Answer> {
    const desk = { agent: this.#agent, shelf: this.#shelf };
    return this.#answer(async (link) => {
      const reply = await settleTicket(desk, link, request);
      if (reply.code === 'ok') this.#news.closedTicket(request.ticket);
      return reply;
    }, signal);
  }

  /** What was done, the newest first. */
  history(request: HistoryRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => showHistory(this.#agent.session, this.#grounds, request), signal);
  }

  /** Who wrote which lines of a file. */
  blame(request: BlameRequest, signal?: AbortSignal): Promise<Answer> {
    const reader = { grounds: this.#grounds, shelf: this.#shelf };
    return this.#answer((link) => blameFile(link, this.#view, reader, request), signal);
  }

  sendMessage(request: MessageRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => sendMessage(this.#agent, request), signal);
  }

  listMessages(request: MessagesRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => Promise.resolve(listMessages(this.#agent, request)), signal);
  }

  /** Gives this point of the history a name. */
  checkpoint(request: CheckpointRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => makeCheckpoint(this.#agent, request), signal);
  }

  listCheckpoints(signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => Promise.resolve(listCheckpoints(this.#agent)), signal);
  }

  /** Who is a member, and where those are who are here. */
  listMembers(signal?: AbortSignal): Promise<Answer> {
    return this.#answer(() => Promise.resolve(listMembers(this.#agent)), signal);
  }

  /** Puts all files into a folder as they are at one point. */
  snapshot(request: SnapshotRequest, signal?: AbortSignal): Promise<Answer> {
    const { session } = this.#agent;
    return this.#answer((_, ending) => snapshotInto(session, request, ending), signal);
  }

  /** Writes the world out as commits, where the agent's role allows. */
  export(request: ExportRequest, signal?: AbortSignal): Promise<Answer> {
    const exporter = { session: this.#agent.session, randomBytes: this.#randomBytes };
    return this.#answer(async (_, ending) => {
      // Hardly anybody needs it, and it is most of what there is to load.
      const { exportFiles } = await import('./export-files.ts');
      return exportFiles(exporter, request, ending);
    }, signal);
  }

  /** Others see what it does, for calls that go to no place in a file. It is not waited for. */
  showActivity(activity: string): void {
    if (this.#agent.session.link) this.#agent.showActivity(activity);
  }

  get #view() {
    return this.#agent.session.view;
  }

  /** Lines that it reads are shown as selected; of a whole file only where it begins. */
  #showReading(place: ReadPlace, { body }: Reply): void {
    const { firstLine, lastLine } = place;
    const isPart = body.kind === 'text' && (firstLine > 1 || lastLine < body.totalLines);
    if (isPart) this.#show(place, readingActivity({ firstLine, lastLine }));
    else this.#show({ ...place, lastLine: firstLine }, readingActivity());
  }

  /** Others see where the agent is. It is not waited for, and makes no history. */
  #show({ fileId, version, firstLine, lastLine }: ReadPlace, activity: string): void {
    const lines = { firstLine: firstLine - 1, lastLine: lastLine - 1 };
    this.#agent.showPlace({ fileId, version }, lines, activity);
  }

  async #answer(
    work: (link: Link, signal: AbortSignal) => Promise<Reply>,
    signal?: AbortSignal,
    newsBytes = NEWS_BYTES,
    mostMs = MOST_MS,
  ): Promise<Answer> {
    const { session } = this.#agent;
    const ending = new AbortController();
    const cancelTimeout = session.clock.after(mostMs, () => ending.abort());
    const stopWatching = onMissing(session, () => ending.abort());
    const end = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
    try {
      const link = await online(() => session.whenOnline(end));
      const seqBefore = this.#ownSeq;
      const reply = await work(link, end);
      const name = session.workspace?.name ?? '';
      // Either answer comes after all that was committed before has been heard of.
      const headSeq = this.#ownSeq > seqBefore ? this.#ownSeq : await readHeadSeq(link);
      if (reply.code === 'paused') this.#news.tellsPauseItself();
      if (reply.body.kind === 'ticket') this.#news.knowsTicket(reply.body.ticket.ticket);
      return {
        ...reply,
        world: { name, headSeq },
        news: await this.#news.collect(link, newsBytes),
      };
    } catch (error) {
      const reply = isMissing(session)
        ? noSuchWorld(session)
        : error instanceof NotOnline
          ? notReached(error, signal?.aborted ?? false)
          : failureReply(this.#view, error);
      if (!reply) throw error;
      return { ...reply, world: undefined, news: NO_NEWS };
    } finally {
      cancelTimeout();
      stopWatching();
    }
  }
}

const DONE_ALREADY: Reply = {
  ...refused('no_change', 'Your last call did just this: it was not done a second time.', [
    'If you mean it twice, name the baseVersion on which it is to be done again.',
  ]),
  outcome: 'done',
};

/** A window waits until its world is there again; who asks for a model says at once that it is not. */
function onMissing(session: WorldSession, tell: () => void): () => void {
  const look = (): void => {
    if (isMissing(session)) tell();
  };
  const stop = session.onState(look);
  look();
  return stop;
}

function isMissing({ state }: WorldSession): boolean {
  return state.tag === 'offline' && state.isMissing === true;
}

function noSuchWorld({ workspace, database }: WorldSession): Reply {
  const name = workspace?.name ?? database;
  return refused('no_such_world', `The world ${name} is not at its server any more.`, [
    'Tell the person whom you work for. Trying again helps only if the server has just started.',
  ]);
}

/** Nothing was asked of the world yet. */
class NotOnline extends Error {}

async function online(connect: () => Promise<Link>): Promise<Link> {
  try {
    return await connect();
  } catch (error) {
    if (error instanceof WorldError) throw new NotOnline(error.message, { cause: error });
    throw error;
  }
}

function notReached({ cause, message }: NotOnline, isCancelled: boolean): Reply {
  if (isCancelled) return refused('cancelled', 'The call was ended before anything was asked.');
  const code = cause instanceof WorldError ? cause.code : 'unreachable';
  if (code === 'cancelled' || code === 'unreachable' || code === 'closed') {
    return refused('offline', 'The world cannot be reached now; nothing was done.', [
      'Try again in a moment. If that does not help, tell the person whom you work for.',
    ]);
  }
  return { ...refused('offline', `${message}.`, ['Tell the person whom you work for.']), code };
}

/** No call takes longer, whatever the world does. */
const MOST_MS = 25_000;
/** A wait of 25 s, and its answer. */
const MOST_WAIT_MS = 29_000;
