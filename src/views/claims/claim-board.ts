/**
 * Owns: where claims are in the documents of this window, from key to key, and noticing that the user
 * writes in one of somebody else. Does not know: how a claim is shown, what is said about it.
 */
import type * as vscode from 'vscode';
import { ClaimTrack, type PlacedClaim } from '../../decorations/claim-track.ts';
import type { BoundDocument } from '../../editor/bound-document.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld, TextUpdate } from '../../editor/folder-world.ts';
import { type AnyClaim, claimKey, claimOfKey } from '../../world/any-claim.ts';
import { pathClaimsOn } from '../../world/path-claims.ts';
import type { SoftLock } from '../../world/world-rows.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';

export interface ClaimBoardOptions {
  /** What a document shows of claims differs. */
  readonly onPlaced: (document: vscode.TextDocument, claims: readonly PlacedClaim[]) => void;
  /** The user wrote in lines that somebody else has claimed. */
  readonly onWritten: (claim: AnyClaim) => void;
}

export class ClaimBoard implements Disposable {
  readonly #current: FolderWorld;
  readonly #options: ClaimBoardOptions;
  readonly #store = new DisposableStore();
  readonly #tracks = new Map<vscode.TextDocument, ClaimTrack>();
  readonly #turn = this.#store.add(
    new Coalescer<vscode.TextDocument>(nextTurn, (documents) => {
      for (const document of documents) this.#place(document);
    }),
  );

  constructor(current: FolderWorld, options: ClaimBoardOptions) {
    this.#current = current;
    this.#options = options;
    const { view } = current.session;
    this.#store.addStop(view.locks.onChange(({ before, after }) => this.#changed(before, after)));
    // Which files a glob is about is not looked up for each of them: there are few open ones.
    this.#store.addStop(view.pathClaims.claims.onChange(() => this.placeAll()));
    this.#store.addStop(
      view.members.onChange(({ before, after }) => {
        if (before?.displayName !== after?.displayName) this.placeAll();
      }),
    );
    this.#store.add(current.onText((update) => this.#textChanged(update)));
    this.#store.add(current.onBinding((bound) => this.#bindingChanged(bound)));
    this.placeAll();
  }

  /** The claims in a document. */
  in(document: vscode.TextDocument): readonly PlacedClaim[] {
    return this.#tracks.get(document)?.claims ?? [];
  }

  /** The documents that have claims in them. */
  get documents(): Iterable<vscode.TextDocument> {
    return this.#tracks.keys();
  }

  /** Shows all of them again. */
  placeAll(): void {
    for (const { document } of this.#current.documents.all()) this.#turn.mark(document);
  }

  dispose(): void {
    this.#store.dispose();
    for (const document of this.#tracks.keys()) this.#options.onPlaced(document, []);
    this.#tracks.clear();
  }

  #changed(before: SoftLock | undefined, after: SoftLock | undefined): void {
    const { fileId } = (after ?? before)!;
    for (const bound of this.#current.documents.all()) {
      if (bound.fileId === fileId) this.#turn.mark(bound.document);
    }
  }

  /** On the path of every keystroke: without claims in the document there is nothing to do. */
  #textChanged({ bound: { document }, update: { by, changes } }: TextUpdate): void {
    const track = this.#tracks.get(document);
    if (track === undefined) return;
    const isOwn = by === 'user' || by === 'undo';
    if (isOwn) for (const { lockId } of track.touchedBy(changes)) this.#written(lockId);
    const isMoved = track.move(changes);
    // What comes from the world moves its claims too, and the two may arrive one after the other.
    if (isMoved || !isOwn) this.#turn.mark(document);
  }

  #written(lockId: number): void {
    const { view, identity } = this.#current.session;
    const claim = claimOfKey(view, lockId);
    if (claim !== undefined && claim.holder !== identity) this.#options.onWritten(claim);
  }

  #bindingChanged({ document }: BoundDocument): void {
    if (this.#current.documents.of(document)) this.#turn.mark(document);
    else this.#forget(document);
  }

  /** Asks the world where the claims are, and the document where that is in its text. */
  #place(document: vscode.TextDocument): void {
    const bound = this.#current.documents.of(document);
    const positions = bound?.positions;
    if (bound?.fileId === undefined || positions === undefined) {
      this.#forget(document);
      return;
    }
    // Places are drawn without a version: those of before would be drawn on the text of after.
    if (positions.awaitsText) return;
    const { view } = this.#current.session;
    const file = view.files.get(bound.fileId);
    const version = file?.version ?? 0;
    const onLines = [...view.locks.values()]
      .filter(({ fileId }) => fileId === bound.fileId)
      .map((lock) => ({ lockId: lock.lockId, ...positions.linesToEditor(lock, version) }));
    const all = { firstLine: 0, lastLine: Math.max(0, document.lineCount - 1) };
    const onAll = file ? pathClaimsOn(view, file) : [];
    const claims = [...onLines, ...onAll.map((claim) => ({ lockId: claimKey(claim), ...all }))];
    if (claims.length === 0) {
      this.#forget(document);
      return;
    }
    let track = this.#tracks.get(document);
    if (track === undefined) this.#tracks.set(document, (track = new ClaimTrack()));
    track.put(claims);
    this.#options.onPlaced(document, claims);
  }

  #forget(document: vscode.TextDocument): void {
    if (this.#tracks.delete(document)) this.#options.onPlaced(document, []);
  }
}
