/**
 * Owns: whom an agent is about to meet: who works in a running turn at lines that it has read, and who reads lines
 * that its own running turn changes; each once. Nothing of it is history. Does not know: where it is told.
 */
import type { LineRange } from '../../core/map-position.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import { linesRead } from '../../world/reading-activity.ts';
import { nearby, RUNNING_VERSIONS, runningWork, turnsIn } from '../../world/running-work.ts';
import type { OpenTurn } from '../../world/open-turn-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { Presence } from '../../world/world-rows.ts';
import type { AgentRecord, FileEntry } from './agent-record.ts';
import type { TextShelf } from './text-shelf.ts';

interface Reader {
  readonly identity: IdentityHex;
  readonly fileId: number;
  readonly lines: LineRange;
}

/** True where there was room. */
type Tell = (key: string, sentence: string) => boolean;

interface MeetingsOptions {
  /** Of the agent. */
  readonly session: WorldSession;
  readonly record: AgentRecord;
  readonly shelf: TextShelf;
}

/** Others who read, of whom the agent was not told yet; the oldest are forgotten. */
const MOST_READERS = 64;
const MOST_TOLD = 1_000;
/** Files that are looked at beside one answer. */
const MOST_FILES = 8;

export class Meetings {
  readonly #options: MeetingsOptions;
  readonly #readers = new Map<string, Reader>();
  /** Meetings that were told, and looks that found none: who, where, in which turn and at which version. */
  readonly #known = new Set<string>();

  constructor(options: MeetingsOptions) {
    this.#options = options;
    const { view, identity } = options.session;
    const heard = ({ identity: who, fileId, activity }: Presence): void => {
      if (who === identity || view.openTurns.of(identity).length === 0) return;
      const lines = linesRead(activity);
      if (!lines || view.members.get(who)?.kind !== 'agent') return;
      this.#reads({ identity: who, fileId, lines });
    };
    // Which lines they are may be told just after the movement, and the same lines may be read again.
    view.presence.onChange(({ after }) => after && heard(after));
    view.onMovement(({ connectionId }) => {
      const presence = view.presence.get(connectionId);
      if (presence) heard(presence);
    });
  }

  /** What was not told yet; `takes` says whether there is room for it, and it counts as told then. */
  async tell(link: Link, takes: (sentence: string) => boolean): Promise<readonly string[]> {
    const told: string[] = [];
    const tell = (key: string, sentence: string): boolean => {
      if (!takes(sentence)) return false;
      this.#know(key);
      told.push(sentence);
      return true;
    };
    await this.#tellOthers(link, tell);
    await this.#tellReaders(link, tell);
    return told;
  }

  /** Those whose running turns change lines that the agent has read since they began. */
  async #tellOthers(link: Link, tell: Tell): Promise<void> {
    const { session, record } = this.#options;
    const { view, identity } = session;
    if (view.openTurns.turns.size === 0) return;
    let looks = 0;
    for (const entry of record.files()) {
      const head = view.files.get(entry.fileId);
      if (!head) continue;
      // Until the file changes, or the agent reads it again, another look would find nothing else.
      const look = `${head.version} ${entry.atMs}`;
      const turns = turnsIn(view, head, ({ turnId, agent, beganAtMs }) => {
        const isOther = agent !== identity && beganAtMs <= entry.atMs;
        return isOther && !this.#isKnown(entry.fileId, turnId, [agent, look]);
      });
      if (turns.length === 0) continue;
      if (looks++ === MOST_FILES) return;
      let isAllSaid = true;
      for (const { agent, turnId, lines } of await this.#workIn(link, entry.fileId, turns)) {
        const met = seenOf(entry)
          .map((seen) => nearby(lines, seen))
          .find((each) => each);
        if (!met) continue;
        const isSaid = tell(
          keyOf(entry.fileId, turnId, agent),
          `${memberName(view, agent)} is changing ${placeText(met)} of ${head.path} in a turn that is running, and you have read there. Agree by a message or a claim, or read again before you write.`,
        );
        isAllSaid &&= isSaid;
      }
      // What there was no room for is looked for again.
      if (!isAllSaid) continue;
      for (const { turnId } of turns) this.#know(keyOf(entry.fileId, turnId, look));
    }
  }

  /** Those who read lines that the agent's own running turn changes. */
  async #tellReaders(link: Link, tell: Tell): Promise<void> {
    const { view, identity } = this.#options.session;
    const readers = [...this.#readers];
    for (const [key, reader] of readers.slice(0, MOST_FILES)) {
      this.#readers.delete(key);
      const head = view.files.get(reader.fileId);
      if (!head) continue;
      const turns = turnsIn(view, head, ({ agent }) => agent === identity);
      for (const { turnId, lines } of await this.#workIn(link, reader.fileId, turns)) {
        const known = keyOf(reader.fileId, turnId, reader.identity);
        const met = this.#known.has(known) ? undefined : nearby(lines, reader.lines);
        if (!met) continue;
        const who = memberName(view, reader.identity);
        const sentence = `${who} is reading ${head.path} at ${placeText(met)}, which you change in this turn.`;
        if (!tell(known, sentence)) this.#reads(reader);
      }
    }
  }

  async #workIn(link: Link, fileId: number, turns: readonly OpenTurn[]) {
    const { session, shelf } = this.#options;
    const version = session.view.files.get(fileId)?.version ?? 0;
    if (turns.length === 0 || version === 0) return [];
    const after = Math.max(0, version - RUNNING_VERSIONS);
    return runningWork(await shelf.opsBetween(link, fileId, after, version), turns);
  }

  #reads(reader: Reader): void {
    const key = `${reader.identity} ${reader.fileId}`;
    this.#readers.delete(key);
    this.#readers.set(key, reader);
    const [oldest] = this.#readers.keys();
    if (this.#readers.size > MOST_READERS && oldest !== undefined) this.#readers.delete(oldest);
  }

  #isKnown(fileId: number, turnId: number, whats: readonly string[]): boolean {
    return whats.some((what) => this.#known.has(keyOf(fileId, turnId, what)));
  }

  #know(key: string): void {
    this.#known.add(key);
    const [oldest] = this.#known;
    if (this.#known.size > MOST_TOLD && oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf(fileId: number, turnId: number, what: string): string {
  return `${fileId} ${turnId} ${what}`;
}

/** Lines from 0. */
function seenOf({ seen }: FileEntry): readonly LineRange[] {
  if (seen === 'all') return [{ firstLine: 0, lastLine: Number.MAX_SAFE_INTEGER }];
  return seen.map(({ firstLine, lastLine }) => ({
    firstLine: firstLine - 1,
    lastLine: lastLine - 1,
  }));
}

function placeText({ firstLine, lastLine }: LineRange): string {
  return firstLine === lastLine
    ? `line ${firstLine + 1}`
    : `lines ${firstLine + 1} to ${lastLine + 1}`;
}
