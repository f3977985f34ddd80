/**
 * Owns: keeping a list of conflicts in step with one world and the user's drafts. Does not know: how
 * the list is shown.
 */
import * as vscode from 'vscode';
import { changesIn, waitingSteps } from '../../core/file-steps.ts';
import { excerptOf } from '../../decorations/refused-edit-marks.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import { refusedOfTicket } from '../../editor/refused-words.ts';
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
  const { fileId, author, actor, reason, openedAtMs, ticketId, payload } = ticket;
  const refused = refusedOfTicket(ticket, part);
  const own = excerptOf({ refused, texts, isLeftOut: part !== undefined && isLeftOut(part) });
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

function entryOfDraft(edit: RefusedEditView, code: string): ConflictEntry {
  const { refusedId, path, author, authorName, start, madeAtMs } = edit;
  return {
    conflictId: refusedId,
    path,
    author,
    authorName,
    isOwn: true,
    line: start.line,
    madeAtMs,
    excerpt: excerptOf(edit),
    reason: code,
  };
}
