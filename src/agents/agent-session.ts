import type { Changes } from '../core/change.ts';
import { normalizeChanges } from '../core/change.ts';
import { toHex } from '../core/hash.ts';
import type { IdentityHex, Intent } from '../core/op.ts';
import type { Position } from '../core/position.ts';
import type { Text } from '../core/text.ts';
import { findFault } from '../core/validate-changes.ts';
import { trimChanges } from '../sync/minimal-changes.ts';
import { type ClaimAnswer, claimLines, extendClaim } from '../world/claims.ts';
import { changeFiles, type ChangeFilesResult, type FileStep } from '../world/change-files.ts';
import { decideTicket, type Decision } from '../world/decide-ticket.ts';
import { batchAnswerOf } from '../world/file-feed.ts';
import { batchArguments } from '../world/judge-batch.ts';
import { readFile } from '../world/file-reader.ts';
import type { CallAnswer } from '../world/link.ts';
import { type Checkpoint, checkpointsOf } from '../world/note-book.ts';
import type { Refusal } from '../world/refusal.ts';
import { PresenceTeller, type Shown } from '../world/presence-teller.ts';
import { newUuid, type RandomBytes } from '../world/uuid.ts';
import { writeNote } from '../world/write-note.ts';
import { WorldError } from '../world/world-error.ts';
import type { Restoration } from '../world/restoration-rows.ts';
import { readTicket } from '../world/read-ticket.ts';
import type { FileHead, Note, SoftLock, Ticket } from '../world/world-rows.ts';
import type { DeliveryAnswer, WorldSession } from '../world/world-session.ts';
import { heardBy, ownQuestions, ownTickets } from './own-concerns.ts';
import { rangeHashesOf } from './range-hashes.ts';
import { findReplacements, type FoundChanges, type Replacement } from './text-search.ts';

/** A file as an agent sees it in a list. */
export interface ListedFile {
  readonly path: string;
  readonly kind: 'text' | 'binary';
  readonly version: number;
  readonly lineCount: number;
  readonly byteLength: number;
  /** Hexadecimal. */
  readonly contentHash: string;
}

export type ReadResult =
  | {
      readonly tag: 'text';
      readonly path: string;
      readonly fileId: number;
      readonly version: number;
      readonly contentHash: string;
      readonly text: Text;
    }
  | { readonly tag: 'binary'; readonly path: string; readonly byteLength: number }
  | { readonly tag: 'no_such_file'; readonly path: string };

/** What became of an edit. */
export type EditResult =
  /** In the text. `rebased`: others had changed the file since the agent read it, elsewhere. */
  | { readonly tag: 'applied'; readonly version: number; readonly rebased: boolean }
  /** Not in the text: it waits in a ticket for somebody's decision. */
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  /** Nothing kept; for `locked` the details name the holder and the expiry. */
  | { readonly tag: 'refused'; readonly refusal: Refusal }
  /** The agent has to read the file first. */
  | { readonly tag: 'unread'; readonly path: string }
  | { readonly tag: 'bad_changes'; readonly code: string }
  | Exclude<FoundChanges, { readonly tag: 'found' }>;

/** One of several things that an agent does together; an edit names the text that it was made on. */
export type AgentStep =
  | Exclude<FileStep, { readonly kind: 'edit' }>
  | {
      readonly kind: 'edit';
      readonly on: Reading;
      readonly changes: Changes;
      /** What must still read the same; all that is replaced, where nothing is said. */
      readonly quoted?: Changes;
    };

export type ClaimResult =
  | { readonly tag: 'claimed'; readonly lock: SoftLock }
  | { readonly tag: 'refused'; readonly refusal: Refusal };

export type ActionResult =
  { readonly tag: 'done' } | { readonly tag: 'refused'; readonly refusal: Refusal };

export interface AgentOptions {
  readonly session: WorldSession;
  readonly randomBytes: RandomBytes;
  readonly signal?: AbortSignal;
}

/** What an agent does shows to others within a second. */
const BETWEEN_TELLINGS_MS = 700;

const NOWHERE: Shown = { fileId: 0, version: 0, selections: [], typing: false, activity: '' };

/** What the agent looked at when it made an edit. */
export interface Reading {
  readonly fileId: number;
  readonly version: number;
  readonly text: Text;
}

/**
 * What an agent does in a world. Edits are understood in the text that the agent read last, and
 * carry hashes of the ranges they replace, so that the world notices when those were changed.
 */
export class AgentSession {
  readonly session: WorldSession;
  readonly #randomBytes: RandomBytes;
  readonly #signal: AbortSignal | undefined;
  readonly #readings = new Map<string, Reading>();

  readonly #teller: PresenceTeller;
  #shown: Shown = NOWHERE;
  /** How often others had a reason to be told `#shown` again, since all were told. */
  #asked = 0;
  /** When others were told last of what a call does. */
  #saidMs = 0;
  #cancelTelling: () => void = () => {};

  constructor({ session, randomBytes, signal }: AgentOptions) {
    this.session = session;
    this.#teller = new PresenceTeller(session);
    this.#randomBytes = randomBytes;
    this.#signal = signal;
    session.view.onFirstMovement(({ connectionId }) => {
      if (connectionId !== session.link?.connectionId) void this.#showAgain();
    });
    // Who says where they are is told where the others are.
    session.onState(({ tag }) => {
      if (tag === 'online') void this.#showAgain();
      if (tag === 'closed') this.#cancelTelling();
    });
    if (session.link) void this.#showAgain();
  }

  /** The world's living files, by path. */
  list(): readonly ListedFile[] {
    return [...this.session.view.files.values()]
      .filter((file) => !file.deleted)
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(listed);
  }

  /** Reads a file; later edits of that path are relative to what was read here. */
  async read(path: string): Promise<ReadResult> {
    const link = await this.session.whenOnline(this.#signal);
    const head = this.session.view.fileAt(path);
    if (!head) return { tag: 'no_such_file', path };
    const file = await readFile(link, this.session.view, head.fileId);
    if (file.kind === 'binary') return { tag: 'binary', path, byteLength: file.bytes.length };
    const { version, text } = file;
    this.#readings.set(path, { fileId: head.fileId, version, text });
    const contentHash = toHex(file.contentHash);
    return { tag: 'text', path, fileId: head.fileId, version, contentHash, text };
  }

  /** Edits by exact quotes of the text that was read. */
  replace(path: string, replacements: readonly Replacement[]): Promise<EditResult> {
    const reading = this.#readings.get(path);
    if (!reading) return Promise.resolve({ tag: 'unread', path });
    const found = findReplacements(reading.text, replacements);
    return found.tag === 'found' ? this.edit(path, found.changes) : Promise.resolve(found);
  }

  /**
   * Edits by changes relative to the text that was read: sorted, not overlapping. What they replace
   * by the same stays whose it is, but must not have been changed by others.
   */
  async edit(path: string, quoted: Changes): Promise<EditResult> {
    const reading = this.#readings.get(path);
    if (!reading) return { tag: 'unread', path };
    const code = findFault(quoted, reading.text);
    if (code) return { tag: 'bad_changes', code };
    const changes = normalizeChanges(trimChanges(quoted, reading.text));
    const result = await this.submit(reading, changes, 'patch', quoted);
    if (result.tag === 'applied' && result.version === reading.version + 1) {
      // Nobody was in between: what the agent has in mind is the file.
      const { fileId, version } = { fileId: reading.fileId, version: result.version };
      this.#readings.set(path, { fileId, version, text: reading.text.apply(changes) });
    }
    return result;
  }

  /**
   * Sends changes made on a text at a version, without regard to what was read by path. A patch is
   * taken only if the ranges of `quoted` still have the text that it was made on.
   */
  async submit(
    on: Reading,
    changes: Changes,
    intent: Intent,
    quoted: Changes = changes,
    signal: AbortSignal | undefined = this.#signal,
  ): Promise<EditResult> {
    const nowMs = this.session.clock.nowMs();
    const batch = {
      batchId: newUuid(nowMs, this.#randomBytes),
      extends: 0,
      ops: [
        {
          opId: newUuid(nowMs, this.#randomBytes),
          fileId: on.fileId,
          expectedBaseVersion: on.version,
          intent,
          author: '',
          carriedFrom: 0,
          overlaps: [],
          rangeHashes: intent === 'patch' ? [...rangeHashesOf(on.text, quoted)] : [],
          changes,
        },
      ],
    };
    const opIds = batch.ops.map((op) => op.opId);
    const answer = await this.session.deliver(
      'apply_file_ops',
      batchArguments(batch),
      opIds,
      signal,
    );
    return editResult(answer);
  }

  /**
   * Changes several files, step by step: all of it is done, or nothing. Where others were in the way of one
   * step all wait in one ticket. An edit is relative to the text that it names, as the steps before leave it.
   * `turn` names the session in whose turn this is done; empty where that is not known.
   */
  changeFiles(
    steps: readonly AgentStep[],
    turn = '',
    signal = this.#signal,
  ): Promise<ChangeFilesResult> {
    const whole = steps.map((step): FileStep => {
      if (step.kind !== 'edit') return step;
      const { on, changes, quoted = changes } = step;
      const rangeHashes = rangeHashesOf(on.text, quoted);
      return { kind: 'edit', fileId: on.fileId, version: on.version, changes, rangeHashes };
    });
    return changeFiles(this.session, whole, { randomBytes: this.#randomBytes, turn, signal });
  }

  /** Makes a new text file. */
  async create(path: string, text: string): Promise<EditResult> {
    const opId = newUuid(this.session.clock.nowMs(), this.#randomBytes);
    const content = { kind: 'text', eol: 'lf', bom: false, text, bytes: new Uint8Array() };
    const file = { opId, path, mode: 'regular', content };
    const args = { author: '', file };
    return editResult(await this.session.deliver('create_file', args, [opId], this.#signal));
  }

  /** Claims lines of the text that was read, both included and zero-based, for so long. */
  async claim(
    path: string,
    lines: { readonly firstLine: number; readonly lastLine: number },
    reason: string,
    durationMs: number,
  ): Promise<ClaimResult> {
    const reading = this.#readings.get(path);
    if (!reading) return refusedWith('unread', `Read ${path} before claiming lines of it`);
    const { fileId, version } = reading;
    const claim = { fileId, version, ...lines, reason, durationMs };
    return claimResult(await claimLines(this.session, claim, this.#randomBytes));
  }

  /** Lets one of the agent's claims last this long from now. */
  async extend(lockId: number, durationMs: number): Promise<ClaimResult> {
    const lock = this.session.view.locks.get(lockId);
    if (!lock) return refusedWith('no_such_lock', `There is no claim ${lockId}`);
    return claimResult(await extendClaim(this.session, lock, durationMs));
  }

  async release(lockId: number): Promise<ActionResult> {
    return actionResult(await this.session.call('release_soft_lock', { lockId }));
  }

  /** Shows everybody where the agent is and what it does. */
  async show(
    at: { readonly fileId: number; readonly version: number },
    selection: { readonly start: Position; readonly end: Position } | undefined,
    activity: string,
    typing = false,
  ): Promise<void> {
    const selections =
      selection === undefined
        ? []
        : [
            {
              anchorLine: selection.start.line,
              anchorCharacter: selection.start.character,
              activeLine: selection.end.line,
              activeCharacter: selection.end.character,
            },
          ];
    this.#shown = { fileId: at.fileId, version: at.version, selections, typing, activity };
    // A lost movement is made good by the next one.
    await this.#teller.tell(this.#shown);
  }

  /** Shows everybody which lines an agent reads or changes, both zero-based and included, by one of its calls. */
  showPlace(
    at: { readonly fileId: number; readonly version: number },
    { firstLine, lastLine }: { readonly firstLine: number; readonly lastLine: number },
    activity: string,
  ): void {
    const selections = [
      { anchorLine: firstLine, anchorCharacter: 0, activeLine: lastLine, activeCharacter: 0 },
    ];
    this.#shown = { fileId: at.fileId, version: at.version, selections, typing: false, activity };
    this.#tellSoon();
  }

  /** Shows everybody what the agent does now, where it is. */
  showActivity(activity: string): void {
    this.#shown = { ...this.#shown, activity };
    this.#tellSoon();
  }

  /** Calls may follow each other many times a second, and all others are told: where it was in between, nobody sees. */
  #tellSoon(): void {
    const { clock } = this.session;
    this.#cancelTelling();
    const tell = (): void => {
      this.#saidMs = clock.nowMs();
      if (this.session.link) void this.#teller.tell(this.#shown);
    };
    const dueMs = this.#saidMs + BETWEEN_TELLINGS_MS - clock.nowMs();
    if (dueMs <= 0) tell();
    else this.#cancelTelling = clock.after(dueMs, tell);
  }

  /** For those who have not heard where the agent is; several who come at once are told together. */
  async #showAgain(): Promise<void> {
    this.#asked += 1;
    if (this.#asked > 1) return;
    for (let told = 0; told < this.#asked;) {
      told = this.#asked;
      await this.#teller.tell(this.#shown);
    }
    this.#asked = 0;
  }

  /** The agent is done for now: its cursor disappears. */
  leave(): Promise<void> {
    return this.show({ fileId: 0, version: 0 }, undefined, '');
  }

  /** The agent's own open tickets, as their rows tell them: `ticket` reads what is too long for those. */
  tickets(): readonly Ticket[] {
    return ownTickets(this.session);
  }

  /** An open ticket with all its texts, also where they are too long for its row; undefined for none. */
  async ticket(ticketId: number): Promise<Ticket | undefined> {
    const ticket = this.session.view.tickets.get(ticketId);
    return ticket && readTicket(await this.session.whenOnline(this.#signal), ticket);
  }

  /** Gives a ticket up: the text stays as others made it. */
  withdraw(ticketId: number): Promise<EditResult> {
    return this.#decide(ticketId, { resolution: 'accept_head' });
  }

  /** Applies a ticket's proposal on top of the text as it is now, replacing what it overlaps. */
  insist(ticketId: number): Promise<EditResult> {
    return this.#decide(ticketId, { resolution: 'rebase' });
  }

  /** Settles a ticket by other changes, relative to the head that the ticket shows. */
  settle(ticketId: number, changes: Changes): Promise<EditResult> {
    return this.#decide(ticketId, { resolution: 'patch', changes });
  }

  async #decide(ticketId: number, decision: Decision): Promise<EditResult> {
    const ticket = this.session.view.tickets.get(ticketId);
    if (!ticket) return refusedWith('no_such_ticket', `There is no open ticket ${ticketId}`);
    return editResult(
      await decideTicket(this.session, ticket, decision, this.#randomBytes, this.#signal),
    );
  }

  /** Says something to a member, or to all when `to` is empty. */
  say(text: string, to: IdentityHex = ''): Promise<void> {
    return writeNote(this.session, { kind: 'message', to, text }, this.#randomBytes, this.#signal);
  }

  /** What others have said to the agent, or to all, after a note; the oldest first. */
  heard(afterNoteId = 0): readonly Note[] {
    return heardBy(this.session, afterNoteId);
  }

  /** Gives the point that the history is at a name. */
  checkpoint(name: string): Promise<void> {
    const note = { kind: 'checkpoint', to: '', text: name } as const;
    return writeNote(this.session, note, this.#randomBytes, this.#signal);
  }

  /** What the agent's own folders ask, as `ownQuestions` tells. */
  questions(): readonly Restoration[] {
    return ownQuestions(this.session);
  }

  /** The named points of the history, the newest first. */
  checkpoints(): readonly Checkpoint[] {
    return checkpointsOf(this.session.view.notes.values());
  }
}

function listed(file: FileHead): ListedFile {
  const { path, kind, version, lineCount, byteLength } = file;
  return { path, kind, version, lineCount, byteLength, contentHash: toHex(file.contentHash) };
}

function editResult(answer: DeliveryAnswer): EditResult {
  if (answer.tag === 'unanswered') throw new WorldError('cancelled', 'The edit was cancelled');
  if (answer.tag === 'refused') return answer;
  const whole = batchAnswerOf(answer);
  switch (whole.tag) {
    case 'applied': {
      const rebased = answer.outcomes.some((outcome) => outcome.outcome === 'rebased');
      return { tag: 'applied', version: whole.version, rebased };
    }
    case 'ticketed':
      return whole;
    case 'refused':
      return refusedWith(whole.code, whole.message);
  }
}

function claimResult(answer: ClaimAnswer): ClaimResult {
  if (answer.tag !== 'unanswered') return answer;
  return refusedWith('unanswered', `The world did not answer (${answer.why})`);
}

function actionResult(answer: CallAnswer): ActionResult {
  if (answer.tag !== 'unanswered') return answer;
  return refusedWith('unanswered', `The world did not answer (${answer.why})`);
}

function refusedWith(
  code: string,
  message: string,
): { readonly tag: 'refused'; readonly refusal: Refusal } {
  return { tag: 'refused', refusal: { code, message, details: {} } };
}
