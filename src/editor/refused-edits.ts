/**
 * Owns: edits that the world did not take, everybody's tickets and the user's own drafts alike, and
 * carrying out what the user decides about them. Does not know: how they are shown or chosen.
 */
import * as vscode from 'vscode';
import { type Changes, endOf, replace, startOf } from '../core/change.ts';
import { waitingSteps } from '../core/file-steps.ts';
import type { IdentityHex } from '../core/op.ts';
import type { Position } from '../core/position.ts';
import type { RefusedEdit } from '../sync/document-state.ts';
import type { Draft } from '../sync/draft.ts';
import type { Decision } from '../world/decide-ticket.ts';
import { memberName } from '../world/member-name.ts';
import type { RandomBytes } from '../world/uuid.ts';
import { may } from '../world/rights.ts';
import { isLeftOut, type TicketPart } from '../core/ticket-texts.ts';
import type { Ticket } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { BoundDocuments } from './bound-documents.ts';
import type { DraftDecisions } from './draft-decisions.ts';
import type { DraftFiles } from './draft-files.ts';
import { stepsSentence } from './step-words.ts';
import { type Refused, refusedOfDraft, refusedOfTicket } from './refused-words.ts';
import { decided } from './ticket-decision.ts';
import type { TicketOthers } from './ticket-others.ts';
import type { KnownPart, TextsState, TicketTexts } from './ticket-texts.ts';

export type Resolution = 'accept_head' | 'rebase' | 'patch';

/** What the user can do about a refused edit; `copy` puts its text into the clipboard and decides nothing. */
export type RefusedEditAction = Resolution | 'copy';

/** An edit that waits for a decision. */
export interface RefusedEditView {
  readonly refusedId: string;
  readonly fileId: number;
  /** Path in the world; empty for a file that is gone. */
  readonly path: string;
  /** Where it would stand in the document; in the head's coordinates while that is not open. */
  readonly start: Position;
  readonly end: Position;
  /** What the author began with, what they wrote, and what stands there now. */
  readonly baseText: string;
  readonly refusedText: string;
  readonly currentText: string;
  /** What it is said to be, in few words. */
  readonly refused: Refused;
  readonly reason: string;
  /** What can be done, the likeliest first; never what cannot work. */
  readonly actions: readonly RefusedEditAction[];
  /** True for the user's own, and for what was sent in the user's name. */
  readonly isOwn: boolean;
  readonly author: IdentityHex;
  readonly authorName: string;
  readonly madeAtMs: number;
  /** False where a whole file is disputed. */
  readonly hasText: boolean;
  /** The texts are empty unless they are `here`. */
  readonly texts: TextsState;
  /** The texts are empty because the world shows none that long; both sides can be compared all the same. */
  readonly isLeftOut: boolean;
  readonly source:
    | { readonly tag: 'ticket'; readonly ticket: Ticket; readonly part: TicketPart | undefined }
    | { readonly tag: 'draft'; readonly draft: Draft };
}

/** What became of a decision. */
export type ResolveResult =
  | { readonly tag: 'done' }
  /** Somebody changed the text in between: look again. `currentText` is what stands there now. */
  | { readonly tag: 'moved'; readonly currentText: string | undefined }
  /** Somebody else had decided: this decision came too late and did nothing. */
  | { readonly tag: 'late' }
  | { readonly tag: 'failed'; readonly message: string };

export interface RefusedEditsParts {
  readonly session: WorldSession;
  readonly documents: BoundDocuments;
  readonly drafts: Pick<DraftFiles, 'drafts'>;
  readonly decisions: DraftDecisions;
  readonly others: TicketOthers;
  readonly texts: TicketTexts;
  readonly randomBytes: RandomBytes;
}

export class RefusedEdits {
  readonly #parts: RefusedEditsParts;

  constructor(parts: RefusedEditsParts) {
    this.#parts = parts;
  }

  /** The user's own: tickets and drafts. */
  all(): readonly RefusedEditView[] {
    const { drafts } = this.#parts;
    return [
      ...this.#openTickets()
        .filter((ticket) => this.#isOwn(ticket))
        .map((ticket) => this.#ofTicket(ticket)),
      ...drafts.drafts.map((draft) => this.#ofDraft(draft)),
    ];
  }

  /** How many of the user's own wait. */
  get ownCount(): number {
    const own = this.#openTickets().filter((ticket) => this.#isOwn(ticket));
    return own.length + this.#parts.drafts.drafts.length;
  }

  /** Everybody's in one file, and the user's drafts there. */
  inFile(fileId: number): readonly RefusedEditView[] {
    const { drafts } = this.#parts;
    return [
      ...this.#openTickets()
        .filter((ticket) => ticket.fileId === fileId)
        .map((ticket) => this.#ofTicket(ticket)),
      ...drafts.drafts
        .filter((draft) => draft.fileId === fileId)
        .map((draft) => this.#ofDraft(draft)),
    ];
  }

  /** The ids of everybody's tickets and of the user's drafts. */
  ids(): readonly string[] {
    return [
      ...this.#openTickets().map(ticketRefusedId),
      ...this.#parts.drafts.drafts.map(({ draftId }) => draftId),
    ];
  }

  /** The open ticket behind an id; undefined for a draft. */
  ticket(refusedId: string): Ticket | undefined {
    const number = TICKET_ID.exec(refusedId)?.[1];
    const { tickets } = this.#parts.session.view;
    const ticket = number === undefined ? undefined : tickets.get(Number(number));
    return ticket?.status === 'open' ? ticket : undefined;
  }

  /** Why an edit waits, once it is known who else wrote there. */
  async reasonOf(refusedId: string): Promise<string> {
    const ticket = this.ticket(refusedId);
    if (ticket) await this.#parts.others.read(ticket);
    return this.find(refusedId)?.reason ?? '';
  }

  /** As `find`, for somebody who looks at it: texts that are not here begin to be read. */
  look(refusedId: string): RefusedEditView | undefined {
    const ticket = this.ticket(refusedId);
    if (ticket) this.#parts.texts.look(ticket);
    return this.find(refusedId);
  }

  /** As `find`, once its texts were read or could not be: tried again where they could not before. */
  async read(refusedId: string): Promise<RefusedEditView | undefined> {
    const ticket = this.ticket(refusedId);
    if (ticket) {
      this.#parts.texts.tryAgain(ticket.ticketId);
      await this.#parts.texts.read(ticket);
    }
    return this.find(refusedId);
  }

  /** What is known of a ticket's part for its own file; reads nothing. */
  partOf(ticket: Ticket): KnownPart {
    return this.#parts.texts.known(ticket);
  }

  find(refusedId: string): RefusedEditView | undefined {
    const { drafts } = this.#parts;
    const ticket = this.ticket(refusedId);
    if (ticket) return this.#ofTicket(ticket);
    const draft = drafts.drafts.find(({ draftId }) => draftId === refusedId);
    return draft && this.#ofDraft(draft);
  }

  /**
   * Carries out a decision about what `edit` showed. `text` is what should stand there instead, for
   * `patch`. Rejects only for bugs.
   */
  async resolve(edit: RefusedEditView, resolution: Resolution, text = ''): Promise<ResolveResult> {
    const { source } = edit;
    if (source.tag === 'draft') return this.#resolveDraft(edit, source.draft, resolution, text);
    const shown = shownTicket(source.ticket, source.part);
    if (resolution !== 'patch') return this.#decide(shown, { resolution });
    if (!source.part) return { tag: 'failed', message: vscode.l10n.t('There is no text to edit.') };
    const changes = [replacementOf(source.part, text)];
    return this.#decide(shown, { resolution, changes });
  }

  /** Resolves a ticket by changes relative to the head that its part showed. */
  async resolveByChanges(
    ticket: Ticket,
    part: TicketPart | undefined,
    changes: Changes,
  ): Promise<ResolveResult> {
    return this.#decide(shownTicket(ticket, part), { resolution: 'patch', changes });
  }

  #openTickets(): readonly Ticket[] {
    const { view } = this.#parts.session;
    return [...view.tickets.values()].filter(({ status }) => status === 'open');
  }

  #isOwn({ actor, author }: Ticket): boolean {
    const { identity } = this.#parts.session;
    return actor === identity || author === identity;
  }

  #ofTicket(ticket: Ticket): RefusedEditView {
    const { view } = this.#parts.session;
    const { part, state: texts } = this.partOf(ticket);
    return {
      refusedId: ticketRefusedId(ticket),
      fileId: ticket.fileId,
      path: view.files.get(ticket.fileId)?.path ?? '',
      ...this.#placeOf(part),
      baseText: part?.baseText ?? '',
      refusedText: part?.proposedText ?? '',
      currentText: part?.headText ?? '',
      refused: refusedOfTicket(ticket, part),
      reason: withState(this.#reasonOf(ticket), texts),
      isOwn: this.#isOwn(ticket),
      author: ticket.author,
      authorName: memberName(view, ticket.author),
      madeAtMs: ticket.openedAtMs,
      hasText: part !== undefined,
      texts,
      isLeftOut: part !== undefined && isLeftOut(part),
      actions: this.#actionsFor(ticket, part).filter(
        // Nobody applies what they cannot be shown.
        (action) => texts.tag !== 'failed' || action === 'accept_head',
      ),
      source: { tag: 'ticket', ticket, part },
    };
  }

  /** The disputed range where the document shows it, or in the head when that is not open. */
  #placeOf(part: TicketPart | undefined): { start: Position; end: Position } {
    const range = rangeOfPart(part);
    const positions = part && this.#parts.documents.ofFile(part.fileId)?.positions;
    if (!positions) return range;
    return {
      start: positions.toEditor(range.start, part.headVersion),
      end: positions.toEditor(range.end, part.headVersion),
    };
  }

  #ofDraft(draft: Draft): RefusedEditView {
    const { session } = this.#parts;
    const changes = this.#proposalOf(draft);
    const replaced = draft.replaced.join('\n');
    const author = draft.agentEdit?.author ?? session.identity;
    return {
      refusedId: draft.draftId,
      fileId: draft.fileId,
      path: session.view.files.get(draft.fileId)?.path ?? '',
      ...(rangeOfChanges(changes) ?? rangeOfPart(undefined)),
      baseText: replaced,
      refusedText: changes.map(({ text }) => text).join('\n'),
      currentText: replaced,
      refused: refusedOfDraft(changes, draft.changes),
      reason: reasonOfDraft(session, draft),
      actions: HOPELESS_CODES.has(draft.code)
        ? ['copy', 'patch', 'accept_head']
        : ['rebase', 'patch', 'copy', 'accept_head'],
      isOwn: true,
      author,
      authorName: memberName(session.view, author),
      madeAtMs: draft.madeAtMs,
      hasText: true,
      texts: { tag: 'here' },
      isLeftOut: false,
      source: { tag: 'draft', draft },
    };
  }

  /** What the world would let the user do, and what the ticket's state allows. */
  #actionsFor(ticket: Ticket, part: TicketPart | undefined): readonly RefusedEditAction[] {
    const { session } = this.#parts;
    const self = session.view.members.get(session.identity);
    const mayEdit = may(self, 'resolve') && may(self, 'edit');
    // A proposal that is too far behind cannot be moved to the head: only a text can take its place.
    const isMovable = !part || part.changes.length > 0 || part.proposed.length === 0;
    const actions: RefusedEditAction[] = [];
    if (may(self, 'resolve') || (this.#isOwn(ticket) && self?.paused === false)) {
      actions.push('accept_head');
    }
    if (mayEdit && isMovable) actions.push('rebase');
    if (mayEdit && part) actions.push('patch');
    return actions.length > 0 || !part ? actions : ['copy'];
  }

  /** Who else wrote there, as far as it is known by now; otherwise who wrote to the file last. */
  #whoElse(ticket: Ticket): string {
    const { session, others } = this.#parts;
    const names = others.namesOf(ticket);
    if (names.length > 0) return names.join(', ');
    const head = session.view.files.get(ticket.fileId);
    return head ? memberName(session.view, head.updatedBy) : vscode.l10n.t('Somebody');
  }

  #reasonOf(ticket: Ticket): string {
    const why = this.#whyOf(ticket);
    const steps = waitingSteps(this.#parts.texts.payloadOf(ticket));
    if (!steps) return why;
    return `${why} ${stepsSentence(this.#parts.session.view, steps)}`;
  }

  #whyOf(ticket: Ticket): string {
    const who = this.#whoElse(ticket);
    switch (ticket.reason) {
      case 'overlap':
        return vscode.l10n.t('{0} changed the same text at the same time.', who);
      case 'concurrent':
        return vscode.l10n.t('{0} changed the file at the same time.', who);
      case 'deleted':
        return vscode.l10n.t('{0} deleted the file.', who);
      case 'path_taken':
        return vscode.l10n.t('{0} made another file of that name.', who);
      case 'renamed':
        return vscode.l10n.t('{0} renamed the file.', who);
      case 'too_stale':
        return vscode.l10n.t('Too much has changed since the edit was made.');
      case 'range_changed':
        return vscode.l10n.t('The text that the edit relied on has changed.');
      case 'extends':
        return vscode.l10n.t('It builds on an edit that was decided meanwhile.');
      default:
        return vscode.l10n.t('The world holds the edit for a decision ({0}).', ticket.reason);
    }
  }

  async #decide(ticket: Ticket, decision: Decision): Promise<ResolveResult> {
    const { session, documents, randomBytes } = this.#parts;
    const result = await decided(session, ticket, decision, randomBytes);
    if (result.tag === 'not_connected') return { tag: 'failed', message: notConnected() };
    if (result.tag === 'moved' || result.tag === 'failed') return result;
    const local = this.#localTicket(ticket);
    if (local) documents.ofFile(ticket.fileId)?.binding?.forgetRefused(local.refusedId);
    return result;
  }

  /** The same edit as the document's binding knows it, if it was made in this window. */
  #localTicket({ fileId, ticketId }: Ticket): RefusedEdit | undefined {
    const { binding } = this.#parts.documents.ofFile(fileId) ?? {};
    return binding?.state.refused.find(
      ({ reason }) => reason.tag === 'ticket' && reason.ticketId === ticketId,
    );
  }

  async #resolveDraft(
    edit: RefusedEditView,
    draft: Draft,
    resolution: Resolution,
    text: string,
  ): Promise<ResolveResult> {
    const { documents, decisions } = this.#parts;
    const isTyped = resolution !== 'accept_head';
    if (isTyped && !documents.ofFile(draft.fileId)?.binding) {
      return { tag: 'failed', message: vscode.l10n.t('Open {0} first.', edit.path) };
    }
    const typeIn = (now: Draft): Promise<boolean> =>
      this.#typeIn(now, resolution === 'patch' ? text : undefined);
    const isDone = await decisions.decide(draft, isTyped ? typeIn : undefined);
    if (!isDone) return { tag: 'moved', currentText: undefined };
    documents.ofFile(draft.fileId)?.binding?.forgetRefused(draft.draftId);
    return { tag: 'done' };
  }

  /** Puts a draft, or `text` instead of it, into its document; false where that cannot be done now. */
  async #typeIn(draft: Draft, text: string | undefined): Promise<boolean> {
    const bound = this.#parts.documents.ofFile(draft.fileId);
    if (!bound?.binding) return false;
    const proposal = this.#proposalOf(draft);
    const place = rangeOfChanges(proposal) ?? rangeOfPart(undefined);
    const changes = text === undefined ? proposal : [replace(place.start, place.end, text)];
    const workspaceEdit = new vscode.WorkspaceEdit();
    for (const change of changes) {
      workspaceEdit.replace(bound.document.uri, rangeOf(change), change.text);
    }
    return vscode.workspace.applyEdit(workspaceEdit);
  }

  /** What would put a draft back: where its document shows it, or in the head when that is not open. */
  #proposalOf({ draftId, fileId, changes }: Draft): Changes {
    const refused = this.#parts.documents.ofFile(fileId)?.binding?.state.refused;
    return refused?.find(({ refusedId }) => refusedId === draftId)?.proposal ?? changes;
  }
}

/** Refusals of the text itself: the same text is refused again, whenever it is sent. */
const HOPELESS_CODES: ReadonlySet<string> = new Set(['too_large', 'bad_text', 'ends_connection']);

function notConnected(): string {
  return vscode.l10n.t(
    'This window is not connected: nothing was decided. Decide again once it is; what you wrote is kept.',
  );
}

/** The ticket as somebody saw it: they decide about the head that was shown to them. */
function shownTicket(ticket: Ticket, shown: TicketPart | undefined): Ticket {
  if (!shown) return ticket;
  const parts = ticket.parts.map((part) => (part.fileId === shown.fileId ? shown : part));
  return { ...ticket, parts };
}

function withState(reason: string, state: TextsState): string {
  if (state.tag === 'reading') return vscode.l10n.t('{0} Its texts are being read.', reason);
  if (state.tag !== 'failed') return reason;
  return vscode.l10n.t('{0} Its texts could not be read: {1}', reason, state.message);
}

function reasonOfDraft({ view, identity }: WorldSession, draft: Draft): string {
  const { code, message, agentEdit } = draft;
  switch (code) {
    case 'too_large':
      return vscode.l10n.t('The text is larger than the world takes.');
    case 'ends_connection':
      return vscode.l10n.t('The server ended the connection each time when this was sent.');
    case 'bad_text':
      return vscode.l10n.t('The text has characters that no text file can keep.');
    case 'locked':
      return vscode.l10n.t('Somebody has claimed these lines.');
    case 'forbidden':
    case 'out_of_scope':
      return vscode.l10n.t('You may not edit this file.');
    case 'paused': {
      if (view.members.get(identity)?.paused) {
        return vscode.l10n.t('You are paused in this world.');
      }
      // What the editor's chat wrote is its agent's, who may be paused alone.
      const agent = agentEdit && view.members.get(agentEdit.author);
      return agent?.paused === true && !agent.removed
        ? vscode.l10n.t(
            '{0} is paused in this world. This is judged when {0} goes on.',
            memberName(view, agent.identity),
          )
        : vscode.l10n.t('Whoever wrote it was paused in this world. It can be applied again.');
    }
    case 'no_such_file':
      return vscode.l10n.t('The world has this file no more.');
    case 'quota_exceeded':
      return vscode.l10n.t('You, or all together, have written as much as this world may keep.');
    case 'too_many':
      return vscode.l10n.t('You have too many open conflicts, or too much was sent at once.');
    case 'too_much_work':
      return vscode.l10n.t('To judge it would keep everybody else waiting. Make it smaller.');
    default:
      return vscode.l10n.t('The world did not take it: {0}', message);
  }
}

function rangeOf(change: Changes[number]): vscode.Range {
  const { startLine, startCharacter, endLine, endCharacter } = change;
  return new vscode.Range(startLine, startCharacter, endLine, endCharacter);
}

function rangeOfChanges(changes: Changes): { start: Position; end: Position } | undefined {
  const first = changes[0];
  const last = changes.at(-1);
  return first && last && { start: startOf(first), end: endOf(last) };
}

function rangeOfPart(part: TicketPart | undefined): { start: Position; end: Position } {
  if (part === undefined)
    return { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return {
    start: { line: part.startLine, character: part.startCharacter },
    end: { line: part.endLine, character: part.endCharacter },
  };
}

function replacementOf(part: TicketPart, text: string): Changes[number] {
  const { start, end } = rangeOfPart(part);
  return replace(start, end, text);
}

const TICKET_ID = /^ticket-(\d+)$/;

function ticketRefusedId({ ticketId }: Ticket): string {
  return `ticket-${ticketId}`;
}
