/**
 * Owns: what an agent that works by its client's own file tools is told, and which of its writes are stopped
 * before they happen. Does not know: the client, or how it is told.
 */
import { readingActivity } from '../../world/reading-activity.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { WorldError } from '../../world/world-error.ts';
import { readHeadSeq } from '../../world/read-head.ts';
import { memberName } from '../../world/member-name.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import type { AgentSession } from '../agent-session.ts';
import type { AgentTools } from '../tools/agent-tools.ts';
import { viewMembers } from '../tools/member-search.ts';
import { renderNews } from '../tools/render-answer.ts';
import type { NativePlace } from '../tools/native-files.ts';
import type { SessionRecord } from '../tools/session-record.ts';
import { WorldPaths } from '../tools/world-paths.ts';
import type { FolderPort } from './folder-port.ts';
import {
  type HookAnswer,
  type HookEvent,
  type FileToWrite,
  type HookForm,
  NOTHING,
  type WrittenFile,
  type WrittenText,
} from './hook-event.ts';
import { HookTurns } from './hook-turns.ts';
import type { HookWords } from './hook-words.ts';
import { HookWrites } from './hook-writes.ts';
import { type PlacedWrite, WriteGate } from './write-gate.ts';

export interface HookDeskOptions {
  readonly agent: AgentSession;
  /** Of the agent's server, whose record follows the client's session from the first hook on. */
  readonly tools: AgentTools;
  readonly record: Pick<SessionRecord, 'follow'>;
  /** The agent's own, or the person's in which it works; absolute. */
  readonly folder: string;
  /** For a person's folder: says which writes are the agent's. */
  readonly words?: HookWords | undefined;
  /** Who keeps that in step. */
  readonly port: FolderPort;
  readonly randomBytes: RandomBytes;
  /** Whether the world is to keep what the agent is asked for. */
  readonly keepsPrompts: boolean;
  /** True where another server of the agent runs for its folder. */
  readonly hasOthers: () => boolean;
  /** True while a window runs the agent's client in the folder. */
  readonly isRun: () => boolean;
}

/** The client that a hook is of. */
export type HookClient = Pick<HookForm, 'client' | 'tellsReads' | 'needsStill'>;

export class HookDesk {
  readonly #agent: AgentSession;
  readonly #paths: WorldPaths;
  readonly #record: Pick<SessionRecord, 'follow'>;
  readonly #tools: AgentTools;
  readonly #turns: HookTurns;
  readonly #writes: HookWrites;
  readonly #gate: WriteGate;
  readonly #words: HookWords | undefined;
  /** Sessions of the client that know where they are. */
  readonly #welcomed = new Set<string>();
  readonly #toldTickets = new Set<number>();
  /** That the world cannot be reached is told once for each time. */
  #hasToldOffline = false;

  constructor(options: HookDeskOptions) {
    const { agent, tools, record, folder, port } = options;
    const { randomBytes, keepsPrompts, hasOthers, isRun } = options;
    const { session } = agent;
    this.#agent = agent;
    this.#paths = new WorldPaths(session.view, [folder]);
    this.#record = record;
    this.#tools = tools;
    this.#writes = new HookWrites(port, this.#tools, session.view);
    this.#gate = new WriteGate({ session, tools, writes: this.#writes });
    this.#words = options.words;
    const changed = (): Promise<void> => port.turnsChanged();
    const turns = { session, randomBytes, keepsPrompts, hasOthers, isRun, changed };
    this.#turns = new HookTurns(turns);
  }

  async answer(event: HookEvent, client: HookClient): Promise<HookAnswer> {
    if (this.#agent.session.state.tag !== 'online') return this.#offline();
    this.#hasToldOffline = false;
    const { session } = event;
    this.#record.follow(session);
    if (USES.includes(event.kind)) await this.#turns.goOn(session, client.client);
    switch (event.kind) {
      case 'session-began':
        // It may have forgotten what it was told, as after its history was made short.
        this.#welcomed.delete(session);
        return told([this.#welcome(session)]);
      case 'session-ended':
        await this.#turns.end(session);
        return NOTHING;
      case 'prompted': {
        const { prompt, turn = '' } = event;
        await this.#turns.begin({ session, client: client.client, turn, prompt });
        return told([this.#welcome(session), await this.#news()]);
      }
      case 'writing':
        return this.#writing(event.files, client);
      case 'wrote':
        return this.#wrote(session, event.files);
      case 'reading':
        await this.#still(event.file, (path) => this.#writes.willRead(path));
        return NOTHING;
      case 'read':
        this.#showReading(await this.#tools.native.saw(event.file, event.shown));
        await this.#still(event.file, (path) => this.#writes.hasRead(path, client.needsStill));
        return told([await this.#unsaved(event.file)]);
      case 'stopping': {
        const answer = event.isAgain ? NOTHING : this.#stopping();
        if (answer.kind === 'nothing') await this.#turns.end(session);
        return answer;
      }
    }
  }

  /** The client is gone. */
  dispose(): Promise<void> {
    return this.#turns.dispose();
  }

  #offline(): HookAnswer {
    if (this.#hasToldOffline) return NOTHING;
    this.#hasToldOffline = true;
    const { workspace } = this.#agent.session;
    return told([
      `The shared world ${workspace?.name ?? ''} cannot be reached now. Work on: what you write in this folder reaches it later, and may meet what others wrote.`,
    ]);
  }

  /** Who is here, and the rules; empty for a session that knows. */
  #welcome(session: string): string {
    if (this.#welcomed.has(session)) return '';
    this.#welcomed.add(session);
    const { view, identity, workspace } = this.#agent.session;
    const others = viewMembers(view, identity).filter(({ isSelf, at }) => !isSelf && at.length > 0);
    const here = others.slice(0, MOST_NAMES).map(({ name, kind, at }) => {
      const place = at.find(({ path }) => path !== '');
      return `${name} (${kind}${place ? `, in ${place.path}` : ''})`;
    });
    const more = others.length > here.length ? [`${others.length - here.length} more`] : [];
    const who = here.length === 0 ? 'nobody else' : [...here, ...more].join(', ');
    const whose = this.#words
      ? `This folder is a person’s, and in the shared world ${workspace?.name ?? ''}; what your file tools write here is yours in its history. You are ${memberName(view, identity)} in it.`
      : `This folder is kept in step with the shared world ${workspace?.name ?? ''}; you are ${memberName(view, identity)} in it.`;
    return [
      whose,
      `Here now: ${who}. They edit the same files at the same time.`,
      'What you write in this folder reaches them at once; what they write appears in it.',
      'You are told what others change in files that you read or wrote; read a file again before you write over it.',
      'A write that meets somebody’s newer text does not replace it: it waits as a ticket for a decision.',
      'A write where somebody has a claim is stopped; work elsewhere or ask the holder.',
      'Claims, tickets, messages and history are tools of the server agent-world.',
    ].join('\n');
  }

  /** Says so where a file that was read has changes that an editor has not saved on this disk. */
  async #unsaved(file: string): Promise<string> {
    const place = this.#words && (await this.#paths.canonical(file));
    if (place?.tag !== 'path' || !(await this.#tools.native.isBehind(file))) return '';
    return `${place.path} has changes that are not saved on this disk yet, as in an open editor: read_file of the server agent-world shows it with them.`;
  }

  /** Others see where it reads. It is not waited for, and makes no history. */
  #showReading(place: NativePlace | undefined): void {
    if (!place) return;
    const { fileId, version, lines } = place;
    const [firstLine, lastLine] = lines ? [lines.firstLine - 1, lines.lastLine - 1] : [0, 0];
    const activity = readingActivity(lines);
    this.#agent.showPlace({ fileId, version }, { firstLine, lastLine }, activity);
  }

  /** Others see where it wrote: at the first line that is another one, where the client tells what it made. */
  async #showWriting(path: string, written: WrittenText | undefined): Promise<void> {
    const { view, link } = this.#agent.session;
    // A file that it made the world has by now; this connection may hear of it later.
    if (!view.fileAt(path) && link) await readHeadSeq(link).catch(ignoreLost);
    const head = view.fileAt(path);
    if (!head) return;
    const line = written?.before === undefined ? 0 : firstDifference(written.before, written.text);
    this.#agent.showPlace(head, { firstLine: line, lastLine: line }, 'editing');
  }

  async #still(file: string, keep: (path: string) => Promise<void>): Promise<void> {
    const place = await this.#paths.canonical(file);
    if (place.tag === 'path') await keep(place.path);
  }

  async #news(): Promise<string> {
    const { news } = await this.#tools.listMembers();
    return renderNews(news);
  }

  /** Nothing is prepared for a write of which one file may not be written. */
  async #writing(files: readonly FileToWrite[], client: HookClient): Promise<HookAnswer> {
    const found: PlacedWrite[] = [];
    for (const written of files.slice(0, MOST_FILES)) {
      const place = await this.#paths.canonical(written.file);
      if (place.tag === 'path') found.push({ ...written, path: place.path });
    }
    const reason = await this.#gate.reasonAgainst(found, client.tellsReads);
    if (reason !== undefined) return { kind: 'denied', reason };
    for (const written of found) {
      await this.#words?.willWrite(written, written.write);
      await this.#writes.willWrite(written, written.write, client.needsStill);
    }
    return NOTHING;
  }

  async #wrote(session: string, files: readonly WrittenFile[]): Promise<HookAnswer> {
    const outcomes: string[] = [];
    for (const { file, written } of files.slice(0, MOST_FILES)) {
      const place = await this.#paths.canonical(file);
      if (place.tag !== 'path') continue;
      await this.#words?.wrote({ path: place.path, file }, written);
      outcomes.push(await this.#writes.wrote({ path: place.path, file }, written));
      // The client is not kept waiting for it.
      void this.#showWriting(place.path, written);
    }
    return told([this.#welcome(session), ...outcomes, await this.#news()]);
  }

  /** Tickets of its own that it was not held up for yet. */
  #stopping(): HookAnswer {
    const { view } = this.#agent.session;
    const open = this.#agent.tickets().filter(({ ticketId }) => !this.#toldTickets.has(ticketId));
    if (open.length === 0) return NOTHING;
    for (const { ticketId } of open) this.#toldTickets.add(ticketId);
    const named = open
      .slice(0, MOST_NAMES)
      .map(({ ticketId, fileId }) => `${ticketId} (${view.files.get(fileId)?.path ?? ''})`);
    const reason = `Changes of yours wait in tickets: ${named.join(', ')}. Look at them with the tool tickets: give up or settle what you can, and tell the person of the rest.`;
    return { kind: 'goes-on', reason };
  }
}

function told(parts: readonly string[]): HookAnswer {
  const text = parts.filter((part) => part !== '').join('\n\n');
  return text === '' ? NOTHING : { kind: 'told', text };
}

/** What it does is shown by its next call, once the world is there again. */
function ignoreLost(error: unknown): void {
  if (!(error instanceof LinkFailure || error instanceof WorldError)) throw error;
}

/** The line, from 0, at which two texts are no longer the same. */
function firstDifference(before: string, after: string): number {
  let line = 0;
  for (let at = 0; at < after.length && before[at] === after[at]; at++) {
    if (after[at] === '\n') line++;
  }
  return line;
}

/** What a tool does. */
const USES: readonly HookEvent['kind'][] = ['reading', 'read', 'writing', 'wrote'];
const MOST_NAMES = 8;
/** A patch may change many. */
const MOST_FILES = 64;
