/**
 * Owns: who is in the world now, as this window sees it, and handing their movements to the drawing
 * of cursors. Does not know: how anything is drawn.
 */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { TrackedSelection } from '../decorations/cursor-track.ts';
import type { CursorOwner, RemoteCursors } from '../decorations/remote-cursors.ts';
import type { PresentMember } from '../views/status-bar.ts';
import { colorIndexOf } from '../world/member-color.ts';
import { memberName } from '../world/member-name.ts';
import type { IdentityHex } from '../core/op.ts';
import type { Position } from '../core/position.ts';
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

/** Where a member is, on the connection that moved last. */
export interface MemberPlace {
  readonly fileId: number;
  /** Relative to the folder. */
  readonly path: string;
  /** In the editor's text where the file is open here, else in the world's; undefined when not told. */
  readonly cursor: TrackedSelection | undefined;
}

export class PresenceBoard implements Disposable {
  readonly #parts: PresenceBoardParts;
  readonly #store = new DisposableStore();
  readonly #moves = this.#store.add(new vscode.EventEmitter<IdentityHex>());
  readonly #changes = this.#store.add(new vscode.EventEmitter<void>());
  /** Where each connection was last; the one that moved last is the last. */
  readonly #movements = new Map<string, PresenceEvent>();

  /** A member moved, went to another file, or can be placed better than before. */
  readonly onMove = this.#moves.event;
  /** Who is here, where, or what they say they do, may have changed. Not for cursors. */
  readonly onChange = this.#changes.event;

  constructor(parts: PresenceBoardParts) {
    this.#parts = parts;
    const { view } = parts.session;
    this.#store.addStop(view.onMovement((event) => this.#moved(event)));
    this.#store.addStop(view.members.onChange(() => this.#changed()));
    this.#store.addStop(
      view.presence.onChange(({ before, after }) => {
        if (after === undefined && before) this.#left(before.connectionId);
        else if (after && isElsewhere(before, after)) this.#place(after.connectionId);
        if (after === undefined || isElsewhere(before, after)) this.#changed();
        const { identity } = (after ?? before)!;
        if (after === undefined || isElsewhere(before, after)) this.#moves.fire(identity);
      }),
    );
    this.#store.addStop(
      view.files.onChange(({ before, after }) => {
        if (before && before.path !== after?.path && this.#isAnybodyIn(before.fileId)) {
          this.#changed();
        }
      }),
    );
  }

  /** Where a member is; undefined when they are not connected or in no file. */
  placeOf(identity: IdentityHex): MemberPlace | undefined {
    const { view } = this.#parts.session;
    const connections = [...view.presence.values()].filter(
      (presence) => presence.identity === identity && presence.fileId !== 0,
    );
    const inOrder = [...this.#movements.keys()];
    const lastMove = ({ connectionId }: Presence): number => inOrder.indexOf(connectionId);
    const latest = connections.sort((a, b) => lastMove(b) - lastMove(a))[0];
    const path = latest && view.files.get(latest.fileId)?.path;
    if (latest === undefined || path === undefined) return undefined;
    const movement = this.#movements.get(latest.connectionId);
    const isHere = movement?.fileId === latest.fileId;
    const cursor = isHere ? this.#selectionsOf(movement)[0] : undefined;
    return { fileId: latest.fileId, path, cursor };
  }

  /** The others in each file, by its path; each once a file. */
  inFiles(): ReadonlyMap<string, readonly PresentMember[]> {
    const { session } = this.#parts;
    const files = new Map<string, Map<IdentityHex, PresentMember>>();
    for (const presence of session.view.presence.values()) {
      const member = session.view.members.get(presence.identity);
      if (!member || member.removed || presence.identity === session.identity) continue;
      const here = presentMember(member, presence, session);
      if (here.path === '') continue;
      const members = files.get(here.path) ?? new Map<IdentityHex, PresentMember>();
      files.set(here.path, members.set(member.identity, here));
    }
    return new Map([...files].map(([path, members]) => [path, [...members.values()].sort(byRank)]));
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
    return [...found.values()].sort(byRank);
  }

  /** Where the others' cursors are in a file, in the editor's text where it is open here. */
  placesIn(fileId: number): readonly Position[] {
    return [...this.#movements.values()]
      .filter((event) => event.fileId === fileId)
      .flatMap((event) => this.#selectionsOf(event))
      .flatMap(({ anchor, active }) => [anchor, active]);
  }

  /** A document was bound: shows those who are in it already. */
  documentBound(fileId: number): void {
    for (const [connectionId, event] of this.#movements) {
      if (event.fileId !== fileId) continue;
      this.#place(connectionId);
      this.#moves.fire(event.identity);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #moved(event: PresenceEvent): void {
    if (event.connectionId === this.#parts.session.link?.connectionId) return;
    const { connectionId, identity } = event;
    // Told again, for somebody who came: it is not the connection that moved last.
    const isAgain = isDeepStrictEqual(this.#movements.get(connectionId), event);
    if (!isAgain) this.#movements.delete(connectionId);
    this.#movements.set(connectionId, event);
    this.#place(connectionId);
    if (!isAgain) this.#moves.fire(identity);
  }

  #changed(): void {
    this.#parts.onChange();
    this.#changes.fire();
  }

  #isAnybodyIn(fileId: number): boolean {
    for (const presence of this.#parts.session.view.presence.values()) {
      if (presence.fileId === fileId) return true;
    }
    return false;
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
    this.#parts.cursors.place(bound?.document, owner, this.#selectionsOf(event));
  }

  #selectionsOf({ fileId, version, selections }: PresenceEvent): readonly TrackedSelection[] {
    const positions = this.#parts.documents.ofFile(fileId)?.positions;
    return selections.map(selectionOf).map(({ anchor, active }) => ({
      anchor: positions?.toEditor(anchor, version) ?? anchor,
      active: positions?.toEditor(active, version) ?? active,
    }));
  }

  #ownerOf({ connectionId, identity }: PresenceEvent): CursorOwner | undefined {
    const { view, identity: self } = this.#parts.session;
    const member = view.members.get(identity);
    if (member === undefined) return undefined;
    return {
      connectionId,
      name:
        identity === self ? vscode.l10n.t('You, in another window') : memberName(view, identity),
      kind: member.kind,
      colorIndex: colorIndexOf(member, view.members.values()),
      activity: view.presence.get(connectionId)?.activity ?? '',
    };
  }
}

/** The user first, then people, then agents. */
function byRank(a: PresentMember, b: PresentMember): number {
  return (
    Number(b.isSelf) - Number(a.isSelf) ||
    Number(a.kind === 'agent') - Number(b.kind === 'agent') ||
    a.name.localeCompare(b.name)
  );
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
    identity: member.identity,
    name: memberName(session.view, member.identity),
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
