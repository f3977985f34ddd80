/**
 * Owns: keeping a list of conflicts in step with one world and the user's drafts. Does not know: how
 * the list is shown.
 */
import * as vscode from 'vscode';
import { changesIn, waitingSteps } from '../../core/file-steps.ts';
import { movesProposed } from '../../core/moves-proposed.ts';
import { excerpt, excerptOf } from '../../decorations/refused-edit-marks.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import type { KnownPart } from '../../editor/ticket-texts.ts';
import { isLeftOut } from '../../core/ticket-texts.ts';
import { memberName } from '../../world/member-name.ts';
import type { Ticket } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { ConflictEntry, ConflictList } from './conflict-list.ts';

export class ConflictFeed implements Disposable {
  readonly #current: FolderWorld;
  readonly #list: ConflictList;
  readonly #store = new DisposableStore();

  constructor(current: FolderWorld, list: ConflictList) {
    const { view } = current.session;
    this.#current = current;
    this.#list = list;
    this.#store.addStop(
      view.tickets.onChange(({ before, after }) =>
        this.#look(`ticket-${(after ?? before)!.ticketId}`),
      ),
    );
    this.#store.addStop(
      // A renamed file, or a member under another name, takes its conflicts along.
      view.files.onChange(({ before, after }) => {
        if (before && before.path !== after?.path) this.#lookAtAll();
      }),
    );
    this.#store.addStop(
      view.members.onChange(({ before, after }) => {
        if (before?.displayName !== after?.displayName) this.#lookAtAll();
      }),
    );
    this.#store.add(current.onDrafts(() => this.#lookAtAll()));
    this.#store.add(current.onTicketTexts((ticketId) => this.#look(`ticket-${ticketId}`)));
    this.#lookAtAll();
  }

  dispose(): void {
    this.#store.dispose();
    this.#list.clear();
  }

  #lookAtAll(): void {
    for (const id of new Set([...this.#list.ids(), ...this.#current.refused.ids()])) this.#look(id);
  }

  #look(conflictId: string): void {
    const entry = this.#entryOf(conflictId);
    if (entry) this.#list.put(entry);
    else this.#list.remove(conflictId);
  }

  #entryOf(conflictId: string): ConflictEntry | undefined {
    const { session, refused } = this.#current;
    const ticket = refused.ticket(conflictId);
    if (ticket) return entryOfTicket(ticket, refused.partOf(ticket), session);
    const edit = refused.find(conflictId);
    return edit?.source.tag === 'draft' ? entryOfDraft(edit, edit.source.draft.code) : undefined;
  }
}

/** Made for hundreds at once: reads nothing but rows. */
function entryOfTicket(
  ticket: Ticket,
  { part, state: texts }: KnownPart,
  { view, identity }: WorldSession,
): ConflictEntry {
  const { fileId, author, actor, reason, openedAtMs, ticketId, kind, payload } = ticket;
  const own = part
    ? excerptOf({ refusedText: part.proposedText, texts, isLeftOut: isLeftOut(part) })
    : (movesText(ticket) ?? kind);
  const more = changesIn(waitingSteps(payload) ?? []).length - 1;
  return {
    conflictId: `ticket-${ticketId}`,
    path: view.files.get(fileId)?.path ?? '',
    author,
    authorName: memberName(view, author),
    isOwn: actor === identity || author === identity,
    line: part?.startLine ?? 0,
    madeAtMs: openedAtMs,
    excerpt: more > 0 ? vscode.l10n.t('{0} (changes that wait with it: {1})', own, more) : own,
    reason,
  };
}

/** A folder that was to get another name is one conflict, which is shown at one of its files. */
function movesText(ticket: Ticket): string | undefined {
  const moves = movesProposed(ticket);
  if (moves === undefined) return undefined;
  const { files, from, to } = moves;
  return files === 1
    ? vscode.l10n.t('name: {0} → {1}', from, to)
    : vscode.l10n.t('folder: {0} → {1}, {2} files', from, to, files);
}

function entryOfDraft(edit: RefusedEditView, code: string): ConflictEntry {
  const { refusedId, path, author, authorName, start, madeAtMs, refusedText } = edit;
  return {
    conflictId: refusedId,
    path,
    author,
    authorName,
    isOwn: true,
    line: start.line,
    madeAtMs,
    excerpt: excerpt(refusedText),
    reason: code,
  };
}
