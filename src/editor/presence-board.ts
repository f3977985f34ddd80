/**
 * Owns: who is in the world now, as this window sees it, and handing their movements to the drawing
 * of cursors. Does not know: how anything is drawn.
 */
import * as vscode from 'vscode';
import type { TrackedSelection } from '../decorations/cursor-track.ts';
import type { CursorOwner, RemoteCursors } from '../decorations/remote-cursors.ts';
import type { PresentMember } from '../views/status-bar.ts';
import { colorIndexOf } from '../world/member-color.ts';
import type { Member, Presence, PresenceEvent, Selection } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { BoundDocuments } from './bound-documents.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';

export interface PresenceBoardParts {
  readonly session: WorldSession;
  readonly documents: BoundDocuments;
  readonly cursors: RemoteCursors;
  /** Who is here, or what they say of themselves, may have changed. */
  readonly onChange: () => void;
}

export class PresenceBoard implements Disposable {
  readonly #parts: PresenceBoardParts;
  readonly #store = new DisposableStore();
  /** Where each connection was last. */
  readonly #movements = new Map<string, PresenceEvent>();

  constructor(parts: PresenceBoardParts) {
    this.#parts = parts;
    const { view } = parts.session;
    this.#store.addStop(view.onMovement((event) => this.#moved(event)));
    this.#store.addStop(view.members.onChange(() => parts.onChange()));
    this.#store.addStop(
      view.presence.onChange(({ before, after }) => {
        if (after === undefined && before) this.#left(before.connectionId);
        else if (after && isElsewhere(before, after)) this.#place(after.connectionId);
        if (after === undefined || isElsewhere(before, after)) parts.onChange();
      }),
    );
  }

  /** Everybody who is connected, the user first, then people, then agents. */
  present(): readonly PresentMember[] {
    const { session } = this.#parts;
    const found = new Map<string, PresentMember>();
    for (const presence of session.view.presence.values()) {
      const member = session.view.members.get(presence.identity);
      if (!member || member.removed) continue;
      const known = found.get(member.identity);
      const here = presentMember(member, presence, session);
      if (!known || known.path === '') found.set(member.identity, here);
    }
    return [...found.values()].sort(
      (a, b) =>
        Number(b.isSelf) - Number(a.isSelf) ||
        Number(a.kind === 'agent') - Number(b.kind === 'agent') ||
        a.name.localeCompare(b.name),
    );
  }

  /** A document was bound: shows those who are in it already. */
  documentBound(fileId: number): void {
    for (const [connectionId, event] of this.#movements) {
      if (event.fileId === fileId) this.#place(connectionId);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #moved(event: PresenceEvent): void {
    if (event.connectionId === this.#parts.session.link?.connectionId) return;
    this.#movements.set(event.connectionId, event);
    this.#place(event.connectionId);
  }

  #left(connectionId: string): void {
    this.#movements.delete(connectionId);
    this.#parts.cursors.leave(connectionId);
  }

  #place(connectionId: string): void {
    const event = this.#movements.get(connectionId);
    if (event === undefined) return;
    const owner = this.#ownerOf(event);
    if (owner === undefined) return;
    const bound = this.#parts.documents.ofFile(event.fileId);
    const positions = bound?.positions;
    const selections = event.selections.map(selectionOf).map(({ anchor, active }) => ({
      anchor: positions?.toEditor(anchor, event.version) ?? anchor,
      active: positions?.toEditor(active, event.version) ?? active,
    }));
    this.#parts.cursors.place(bound?.document, owner, selections);
  }

  #ownerOf({ connectionId, identity }: PresenceEvent): CursorOwner | undefined {
    const { view, identity: self } = this.#parts.session;
    const member = view.members.get(identity);
    if (member === undefined) return undefined;
    return {
      connectionId,
      name: identity === self ? vscode.l10n.t('You, in another window') : member.displayName,
      kind: member.kind,
      colorIndex: colorIndexOf(member, view.members.values()),
      activity: view.presence.get(connectionId)?.activity ?? '',
    };
  }
}

function isElsewhere(before: Presence | undefined, after: Presence): boolean {
  return before?.fileId !== after.fileId || before.activity !== after.activity;
}

function presentMember(
  member: Member,
  { fileId, activity }: Presence,
  session: WorldSession,
): PresentMember {
  return {
    name: member.displayName,
    kind: member.kind,
    isSelf: member.identity === session.identity,
    activity,
    path: fileId === 0 ? '' : (session.view.files.get(fileId)?.path ?? ''),
  };
}

function selectionOf(selection: Selection): TrackedSelection {
  const { anchorLine, anchorCharacter, activeLine, activeCharacter } = selection;
  return {
    anchor: { line: anchorLine, character: anchorCharacter },
    active: { line: activeLine, character: activeCharacter },
  };
}
