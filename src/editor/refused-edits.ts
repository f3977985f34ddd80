/**
 * Owns: the user's own edits that the world did not take, tickets and drafts alike, and carrying out
 * what the user decides about them. Does not know: how they are shown or chosen.
 */
import * as vscode from 'vscode';
import { type Changes, endOf, startOf } from '../core/change.ts';
import type { Position } from '../core/position.ts';
import { replace } from '../core/change.ts';
import type { Draft } from '../sync/draft.ts';
import type { RefusedEdit } from '../sync/document-state.ts';
import type { Ticket, TicketPart } from '../world/world-rows.ts';
import { mutable } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { BoundDocuments } from './bound-documents.ts';
import type { DraftFiles } from './draft-files.ts';

export type Resolution = 'accept_head' | 'rebase' | 'patch';

/** What the user can do about a refused edit; `copy` puts its text into the clipboard and decides nothing. */
export type RefusedEditAction = Resolution | 'copy';

/** An edit of the user's own that waits for a decision. */
export interface RefusedEditView {
  readonly refusedId: string;
  readonly fileId: number;
  /** Path in the world; empty for a file that is gone. */
  readonly path: string;
  /** Where it would stand in the document; in the head's coordinates while that is not open. */
  readonly start: Position;
  readonly end: Position;
  /** What the user wrote, and what stands there now. */
  readonly refusedText: string;
  readonly currentText: string;
  readonly reason: string;
  /** What can be done, the likeliest first; never what cannot work. */
  readonly actions: readonly RefusedEditAction[];
  readonly source:
    | { readonly tag: 'ticket'; readonly ticket: Ticket; readonly part: TicketPart | undefined }
    | { readonly tag: 'draft'; readonly draft: Draft };
}

/** What became of a decision. */
export type ResolveResult =
  | { readonly tag: 'done' }
  /** Somebody changed the text in between: look again. */
  | { readonly tag: 'moved' }
  | { readonly tag: 'failed'; readonly message: string };

export interface RefusedEditsParts {
  readonly session: WorldSession;
  readonly documents: BoundDocuments;
  readonly drafts: DraftFiles;
  readonly newId: () => string;
}

export class RefusedEdits {
  readonly #parts: RefusedEditsParts;

  constructor(parts: RefusedEditsParts) {
    this.#parts = parts;
  }

  all(): readonly RefusedEditView[] {
    const { session, drafts } = this.#parts;
    const tickets = [...session.view.tickets.values()].filter(
      ({ actor, author, status }) =>
        status === 'open' && (actor === session.identity || author === session.identity),
    );
    return [
      ...tickets.map((ticket) => this.#ofTicket(ticket)),
      ...drafts.drafts.map((draft) => this.#ofDraft(draft)),
    ];
  }

  /**
   * Carries out a decision. `text` is what should stand there instead, for `patch`. Rejects only for
   * bugs.
   */
  async resolve(
    edit: RefusedEditView,
    resolution: Resolution,
    text?: string,
  ): Promise<ResolveResult> {
    return edit.source.tag === 'ticket'
      ? this.#resolveTicket(edit, edit.source.ticket, resolution, text)
      : this.#resolveDraft(edit, edit.source.draft, resolution, text);
  }

  #ofTicket(ticket: Ticket): RefusedEditView {
    const { session } = this.#parts;
    const part = ticket.parts.find(({ fileId }) => fileId === ticket.fileId) ?? ticket.parts[0];
    return {
      refusedId: `ticket-${ticket.ticketId}`,
      fileId: ticket.fileId,
      path: session.view.files.get(ticket.fileId)?.path ?? '',
      ...this.#placeOf(part),
      refusedText: part?.proposedText ?? '',
      currentText: part?.headText ?? '',
      reason: this.#reasonOf(ticket),
      actions: ['accept_head', 'rebase', 'patch'],
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
    const { session, documents } = this.#parts;
    const local = documents
      .ofFile(draft.fileId)
      ?.binding?.state.refused.find(({ refusedId }) => refusedId === draft.draftId);
    const changes = local?.proposal ?? draft.changes;
    return {
      refusedId: draft.draftId,
      fileId: draft.fileId,
      path: session.view.files.get(draft.fileId)?.path ?? '',
      ...(rangeOfChanges(changes) ?? rangeOfPart(undefined)),
      refusedText: changes.map(({ text }) => text).join('\n'),
      currentText: draft.replaced.join('\n'),
      reason: reasonOfDraft(draft),
      actions: HOPELESS_CODES.has(draft.code)
        ? ['copy', 'patch', 'accept_head']
        : ['rebase', 'patch', 'copy', 'accept_head'],
      source: { tag: 'draft', draft },
    };
  }

  #reasonOf(ticket: Ticket): string {
    const head = this.#parts.session.view.files.get(ticket.fileId);
    const other = head && this.#parts.session.view.members.get(head.updatedBy);
    const who = other ? other.displayName : vscode.l10n.t('Somebody');
    switch (ticket.reason) {
      case 'overlap':
        return vscode.l10n.t('{0} changed the same text at the same time.', who);
      case 'concurrent':
        return vscode.l10n.t('{0} changed the file at the same time.', who);
      case 'deleted':
        return vscode.l10n.t('{0} deleted the file.', who);
      case 'too_stale':
        return vscode.l10n.t('Too much has changed since your edit was made.');
      case 'range_changed':
        return vscode.l10n.t('The text that your edit relied on has changed.');
      default:
        return vscode.l10n.t('The world holds your edit for a decision ({0}).', ticket.reason);
    }
  }

  async #resolveTicket(
    edit: RefusedEditView,
    ticket: Ticket,
    resolution: Resolution,
    text: string | undefined,
  ): Promise<ResolveResult> {
    const { session, documents, newId } = this.#parts;
    const expectedHeadVersion = session.view.files.get(ticket.fileId)?.version ?? 0;
    const part = edit.source.tag === 'ticket' ? edit.source.part : undefined;
    const parts =
      resolution === 'patch' && part
        ? [
            {
              fileId: part.fileId,
              expectedHeadVersion: part.headVersion,
              changes: mutable([replacementOf(part, text ?? '')]),
            },
          ]
        : [];
    const opId = newId();
    const answer = await session.deliver(
      'resolve_conflict',
      { opId, ticketId: ticket.ticketId, expectedHeadVersion, resolution, parts },
      [opId],
    );
    if (answer.tag === 'refused') {
      const { code, message } = answer.refusal;
      if (code === 'head_moved') return { tag: 'moved' };
      if (code !== 'already_resolved') return { tag: 'failed', message };
    }
    const local = this.#localTicket(ticket);
    if (local) documents.ofFile(ticket.fileId)?.binding?.forgetRefused(local.refusedId);
    return { tag: 'done' };
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
    text: string | undefined,
  ): Promise<ResolveResult> {
    const { documents, drafts } = this.#parts;
    const bound = documents.ofFile(draft.fileId);
    if (resolution !== 'accept_head') {
      if (!bound?.binding) {
        return { tag: 'failed', message: vscode.l10n.t('Open {0} first.', edit.path) };
      }
      const local = bound.binding.state.refused.find(
        ({ refusedId }) => refusedId === draft.draftId,
      );
      const proposal = local?.proposal ?? draft.changes;
      const changes =
        resolution === 'rebase' ? proposal : [replace(edit.start, edit.end, text ?? '')];
      const workspaceEdit = new vscode.WorkspaceEdit();
      for (const change of changes) {
        workspaceEdit.replace(bound.document.uri, rangeOf(change), change.text);
      }
      if (!(await vscode.workspace.applyEdit(workspaceEdit))) return { tag: 'moved' };
    }
    await drafts.dropDraft(draft.draftId);
    bound?.binding?.forgetRefused(draft.draftId);
    return { tag: 'done' };
  }
}

/** Refusals of the text itself: the same text is refused again, whenever it is sent. */
const HOPELESS_CODES: ReadonlySet<string> = new Set(['too_large', 'bad_text']);

function reasonOfDraft({ code, message }: Draft): string {
  switch (code) {
    case 'too_large':
      return vscode.l10n.t('The text is larger than the world takes.');
    case 'bad_text':
      return vscode.l10n.t('The text has characters that no text file can keep.');
    case 'locked':
      return vscode.l10n.t('Somebody has claimed these lines.');
    case 'forbidden':
    case 'out_of_scope':
      return vscode.l10n.t('You may not edit this file.');
    case 'paused':
      return vscode.l10n.t('You are paused in this world.');
    case 'no_such_file':
      return vscode.l10n.t('The world has this file no more.');
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
