/**
 * Owns: what agents did that nobody has looked at, as it was read last, for as long as somebody looks at it. Does not
 * know: how it is shown.
 */
import { createHash } from 'node:crypto';
import type { Disposable } from '../../editor/disposable-store.ts';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { FileDecision } from '../../review/file-decision.ts';
import { Review } from '../../review/review.ts';
import { type ReviewHunk, sightOfHunk } from '../../review/review-hunk.ts';
import type { AgentNode, FileNode, TurnNode } from '../../review/review-tree.ts';
import { exportRule } from '../../world/export-rule.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { readTurnsOf, type Turn } from '../../world/turns.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { WorldError } from '../../world/world-error.ts';
import { Coalescer, within } from '../coalescer.ts';

/** While somebody types beside agents it is read so often at most. */
const BETWEEN_READS_MS = 300;

export interface ReviewBoardOptions {
  readonly randomBytes: RandomBytes;
  /** Whether anybody looks: else nothing is read. */
  readonly isWanted: () => boolean;
  readonly onRead: () => void;
  /** All files in which nothing is left to look at, after each reading, where the world asks for review. */
  readonly onSettled: (settled: readonly FileDecision[]) => void;
}

export class ReviewBoard implements Disposable {
  readonly review: Review;
  readonly #current: FolderWorld;
  readonly #options: ReviewBoardOptions;
  readonly #store = new DisposableStore();
  readonly #ending = new AbortController();
  readonly #soon = this.#store.add(
    new Coalescer<'read'>(within(BETWEEN_READS_MS), () => void this.#readAll()),
  );
  readonly #turns = new Map<number, Turn>();
  #agents: readonly AgentNode[] = [];
  /** False until they were read, and where that failed. */
  #areRead = false;
  #isStale = true;
  #isReading = false;

  constructor(current: FolderWorld, options: ReviewBoardOptions) {
    this.#current = current;
    this.#options = options;
    const { session } = current;
    this.review = new Review(session, options.randomBytes);
    this.#store.addStop(this.review.onChange(() => this.#changed()));
    this.#store.addStop(
      session.onState(({ tag }) => {
        if (tag === 'online') this.#changed();
      }),
    );
    this.#store.addStop(session.view.exportRule.onChange(() => this.#changed()));
    this.look();
  }

  /** By agent, turn and file. */
  get agents(): readonly AgentNode[] {
    return this.#agents;
  }

  /** False before anything was read: no rows are to be shown yet. */
  get isRead(): boolean {
    return this.#areRead;
  }

  /**
   * How many files have something to look at: those that were read last, while somebody looks; else what the world's
   * tables say, in which a file stays when people wrote over all that was to be looked at.
   */
  get fileCount(): number {
    const { size } = this.#current.session.view.unreviewed.files;
    return this.#areRead && this.#isWanted() ? Math.min(size, filesIn(this.#agents).size) : size;
  }

  /** How a turn began; undefined for one that was too long ago. */
  turn(turnId: number): Turn | undefined {
    return this.#turns.get(turnId);
  }

  /** True while a turn is open in which something of a change was done. */
  isRunning({ works }: Pick<ReviewHunk, 'works'>): boolean {
    return works.some(({ turn }) => turn !== undefined && this.isOpen(turn));
  }

  isOpen(turnId: number): boolean {
    return this.#current.session.view.openTurns.turns.has(turnId);
  }

  /** Somebody looks, perhaps for the first time since something changed. */
  look(): void {
    if (this.#isStale) this.#soon.mark('read');
  }

  dispose(): void {
    this.#ending.abort();
    this.#store.dispose();
  }

  #changed(): void {
    this.#isStale = true;
    if (this.#isWanted()) this.look();
  }

  /** Where nothing was left the view is not there to be looked at: it comes back when there is something again. */
  #isWanted(): boolean {
    const { size } = this.#current.session.view.unreviewed.files;
    return this.#options.isWanted() || (this.#areRead && size > 0 && this.#agents.length === 0);
  }

  async #readAll(): Promise<void> {
    if (this.#isReading || !this.#isWanted()) return;
    this.#isReading = true;
    this.#isStale = false;
    try {
      const isAsked = exportRule(this.#current.session) === 'reviewed';
      const settled: FileDecision[] = [];
      const agents = await this.review.tree(
        this.#ending.signal,
        isAsked ? (each) => settled.push(each) : undefined,
      );
      await this.#readTurns(agents);
      this.#agents = agents;
      this.#areRead = true;
      this.#options.onSettled(settled);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      // It is read again once the world is there; an older module keeps no reviews.
      if (!(error instanceof LinkFailure) && !(error instanceof WorldError)) throw error;
      this.#agents = [];
      this.#areRead = false;
    } finally {
      this.#isReading = false;
    }
    this.#options.onRead();
    if (this.#isStale) this.look();
  }

  async #readTurns(agents: readonly AgentNode[]): Promise<void> {
    for (const { agent, turns } of agents) {
      const isKnown = turns.every(({ turn }) => turn === undefined || this.#turns.has(turn));
      if (isKnown) continue;
      for (const turn of await readTurnsOf(this.#current.session, agent)) {
        this.#turns.set(turn.turnId, turn);
      }
    }
  }
}

/**
 * A row: an agent, one of its turns, a file that it changed then, and a change there. A change goes by how it was seen,
 * so what is chosen in a menu is never about another one that has come in its place.
 */
export type ReviewNode =
  | `agent ${string}`
  | `turn ${string} ${number}`
  | `file ${string} ${number} ${number}`
  | `hunk ${string} ${number} ${number} ${string}`;

export interface FoundRow {
  readonly agent: AgentNode;
  readonly turn?: TurnNode;
  readonly file?: FileNode;
  readonly hunk?: ReviewHunk;
}

export function isReviewNode(value: unknown): value is ReviewNode {
  return (
    typeof value === 'string' &&
    /^(?:agent|turn|file|hunk) [0-9a-f]{64}(?: [0-9a-f]+)*$/.test(value)
  );
}

/** The files of some agents, each once. */
export function filesIn(agents: readonly AgentNode[]): ReadonlySet<number> {
  const files = agents.flatMap(({ turns }) => turns.flatMap((turn) => turn.files));
  return new Set(files.map(({ head }) => head.fileId));
}

/** What a row is about; undefined where it is gone. */
export function rowOf(agents: readonly AgentNode[], node: ReviewNode): FoundRow | undefined {
  const [kind, identity, turnId, fileId, sight] = node.split(' ');
  const agent = agents.find((each) => each.agent === identity);
  if (!agent || kind === 'agent') return agent && { agent };
  const turn = agent.turns.find((each) => (each.turn ?? 0) === Number(turnId));
  if (!turn || kind === 'turn') return turn && { agent, turn };
  const file = turn.files.find(({ head }) => head.fileId === Number(fileId));
  if (!file || kind === 'file') return file && { agent, turn, file };
  const hunk = file.hunks.find((each) => sightKey(each) === sight);
  return hunk && { agent, turn, file, hunk };
}

/** The rows below a row, or the topmost ones. */
export function rowsBelow(
  agents: readonly AgentNode[],
  node: ReviewNode | undefined,
): readonly ReviewNode[] {
  if (node === undefined) return agents.map(({ agent }): ReviewNode => `agent ${agent}`);
  const row = rowOf(agents, node);
  if (!row || row.hunk) return [];
  const { agent, turn, file } = row;
  const of = agent.agent;
  if (!turn) return agent.turns.map((each): ReviewNode => `turn ${of} ${each.turn ?? 0}`);
  const number = turn.turn ?? 0;
  if (!file) {
    return turn.files.map(({ head }): ReviewNode => `file ${of} ${number} ${head.fileId}`);
  }
  const { fileId } = file.head;
  return file.hunks.map((each): ReviewNode => `hunk ${of} ${number} ${fileId} ${sightKey(each)}`);
}

const sightKeys = new WeakMap<ReviewHunk, string>();

/** A change as it was seen, in few characters: one that reads otherwise has another. */
export function sightKey(hunk: ReviewHunk): string {
  const known = sightKeys.get(hunk);
  if (known !== undefined) return known;
  const key = createHash('sha256').update(sightOfHunk(hunk)).digest('hex').slice(0, 32);
  sightKeys.set(hunk, key);
  return key;
}

/** All that is to be looked at in a row. */
export function hunksOf({ agent, turn, file, hunk }: FoundRow): readonly ReviewHunk[] {
  if (hunk) return [hunk];
  const files = file ? [file] : (turn ? [turn] : agent.turns).flatMap((each) => each.files);
  return files.flatMap(({ hunks }) => hunks);
}

export function parentOf(node: ReviewNode): ReviewNode | undefined {
  const [kind, agent, turn, file] = node.split(' ');
  if (kind === 'turn') return `agent ${agent!}`;
  if (kind === 'file') return `turn ${agent!} ${Number(turn)}`;
  return kind === 'hunk' ? `file ${agent!} ${Number(turn)} ${Number(file)}` : undefined;
}
