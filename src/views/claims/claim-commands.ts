import * as vscode from 'vscode';
import type { BoundDocument } from '../../editor/bound-document.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import {
  type AnyClaim,
  anyClaimPlace,
  claimKey,
  claimOfKey,
  extendAnyClaim,
  isPathClaim,
  releaseAnyClaim,
} from '../../world/any-claim.ts';
import { askForClaim, claimLines, lineNumbers, mayRelease } from '../../world/claims.ts';
import { memberName } from '../../world/member-name.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { pathClaimsOn } from '../../world/path-claims.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { askKept } from '../kept-input.ts';
import { openBound } from '../open-bound.ts';
import type { ClaimBoard } from './claim-board.ts';
import { claimsInOrder } from './claim-tree.ts';
import { askWishes, durationChoices, reasonField } from './claim-wishes.ts';
import { claimFacts, refusalText, tellHeld, tellOfClaims } from './claim-words.ts';
import { selectedLines } from '../selected-lines.ts';

export interface ClaimCommandsOptions {
  readonly randomBytes: RandomBytes;
  readonly board: () => ClaimBoard | undefined;
}

/** What can be done about claims: at the cursor, from the tree, from a hover and by name. */
export class ClaimCommands {
  readonly #options: ClaimCommandsOptions;

  constructor(options: ClaimCommandsOptions) {
    this.#options = options;
  }

  /** Claims the lines that are selected in the editor when the questions are answered. */
  async claim(current: FolderWorld): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const bound = editor && current.documents.of(editor.document);
    if (!editor || bound?.fileId === undefined) {
      tellOfClaims(vscode.l10n.t('Open a file of the world first, and select the lines to claim.'));
      return;
    }
    const place = placeOf(bound, editor);
    const wishes = await askWishes(current, place);
    // Others write meanwhile: VS Code moves the selection along.
    const { positions, fileId } = bound;
    if (wishes === undefined || positions === undefined || fileId === undefined) return;
    const selected = positions.linesToWorld(selectedLines(editor.selection));
    const claim = { fileId, version: positions.version, ...selected, ...wishes };
    const answer = await claimLines(current.session, claim, this.#options.randomBytes);
    if (answer.tag === 'claimed') {
      current.typed.forget(reasonField(place));
      tellHeld(current.session, answer.lock);
    } else void vscode.window.showWarningMessage(refusalText(current.session, answer));
  }

  /** A folder has no place of its own: its first file is shown. */
  async goTo(current: FolderWorld, argument: unknown): Promise<void> {
    const lock = await this.#claim(current, argument);
    if (lock === undefined) return;
    const file = fileOfClaim(current.session, lock);
    if (file === undefined) {
      tellOfClaims(vscode.l10n.t('There is no file yet where that claim is.'));
      return;
    }
    const editor = await openBound(current, file);
    if (isPathClaim(lock)) return;
    const placed = this.#options
      .board()
      ?.in(editor.document)
      .find(({ lockId }) => lockId === lock.lockId);
    const { firstLine, lastLine } = placed ?? lock;
    const range = new vscode.Range(firstLine, 0, lastLine, 0);
    editor.selection = new vscode.Selection(range.start, range.start);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  async extend(current: FolderWorld, argument: unknown): Promise<void> {
    const { session } = current;
    const isOwn = ({ holder }: AnyClaim): boolean => holder === session.identity;
    const lock = await this.#claim(current, argument, isOwn);
    if (lock === undefined) return;
    if (!isOwn(lock)) {
      tellOfClaims(vscode.l10n.t('Only who holds a claim can extend it.'));
      return;
    }
    const title = vscode.l10n.t('How long from now? {0}', anyClaimPlace(session.view, lock));
    const picked = await vscode.window.showQuickPick(durationChoices(current.session), { title });
    if (picked === undefined) return;
    const latest = claimOfKey(session.view, claimKey(lock)) ?? lock;
    const answer = await extendAnyClaim(session, latest, picked.durationMs);
    if (answer.tag === 'claimed') tellHeld(current.session, answer.claim);
    else void vscode.window.showWarningMessage(refusalText(session, answer));
  }

  async release(current: FolderWorld, argument: unknown): Promise<void> {
    const { session } = current;
    const lock = await this.#claim(current, argument, (each) => mayRelease(session, each));
    if (lock === undefined) return;
    if (!mayRelease(session, lock)) {
      tellOfClaims(
        vscode.l10n.t('Only who holds a claim, or an owner, can release it. You can ask for it.'),
      );
      return;
    }
    if (lock.holder !== session.identity && !(await confirmRelease(current, lock))) return;
    if (claimOfKey(session.view, claimKey(lock))) await releaseAnyClaim(session, lock);
    tellOfClaims(vscode.l10n.t('The claim on {0} is released.', anyClaimPlace(session.view, lock)));
  }

  /** Writes to the holder, in words that the user can change. */
  async ask(current: FolderWorld, argument: unknown): Promise<void> {
    const { session } = current;
    const isOther = ({ holder }: AnyClaim): boolean => holder !== session.identity;
    const lock = await this.#claim(current, argument, isOther);
    if (lock === undefined) return;
    if (!isOther(lock)) {
      tellOfClaims(vscode.l10n.t('This claim is your own.'));
      return;
    }
    const name = memberName(session.view, lock.holder);
    const place = anyClaimPlace(session.view, lock);
    const field = `ask for claim ${lock.holder} ${place}`;
    const text = await askKept(current.typed, field, {
      title: vscode.l10n.t('Ask {0} for {1}', name, place),
      prompt: vscode.l10n.t('It goes to {0} as a message, and into the history.', name),
      value: vscode.l10n.t('Could you release {0}? I would like to write there.', place),
    });
    if (text === undefined || text.trim() === '') return;
    await askForClaim(session, lock, text, this.#options.randomBytes);
    current.typed.forget(field);
    tellOfClaims(vscode.l10n.t('{0} is asked.', name));
  }

  /** The claim a command is about: the one named, the one at the cursor, or one that is picked. */
  async #claim(
    { session }: FolderWorld,
    argument: unknown,
    isWanted: (claim: AnyClaim) => boolean = () => true,
  ): Promise<AnyClaim | undefined> {
    const named = lockIdIn(argument);
    if (named !== undefined) {
      const lock = claimOfKey(session.view, named);
      if (!lock) tellOfClaims(vscode.l10n.t('That claim is over.'));
      return lock;
    }
    const here = this.#atCursor().flatMap((key) => claimOfKey(session.view, key) ?? []);
    const first = here.find(isWanted);
    if (first) return first;
    const choices = claimsInOrder(session)
      .filter(isWanted)
      .map((lock) => ({
        label: `$(lock) ${anyClaimPlace(session.view, lock)}`,
        description: claimFacts(session, lock).join(' · '),
        lock,
      }));
    if (choices.length === 0) {
      tellOfClaims(vscode.l10n.t('There is no claim to do that with.'));
      return undefined;
    }
    const title = vscode.l10n.t('Which claim?');
    return (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }))?.lock;
  }

  #atCursor(): readonly number[] {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return [];
    const { line } = editor.selection.active;
    return (this.#options.board()?.in(editor.document) ?? [])
      .filter(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine)
      .map(({ lockId }) => lockId);
  }
}

function placeOf({ path }: BoundDocument, { selection }: vscode.TextEditor): string {
  return `${path}:${lineNumbers(selectedLines(selection))}`;
}

/** Commands are given a node of the tree, or an object with the claim's number. */
function lockIdIn(argument: unknown): number | undefined {
  if (typeof argument === 'string') {
    const number = /^claim (-?\d+)$/.exec(argument)?.[1];
    return number === undefined ? undefined : Number(number);
  }
  const { lockId } = (argument ?? {}) as { readonly lockId?: unknown };
  return typeof lockId === 'number' ? lockId : undefined;
}

/** The file that a claim is on, or the first one that it is about. */
function fileOfClaim(
  { view }: WorldSession,
  claim: AnyClaim,
): { readonly fileId: number; readonly path: string } | undefined {
  const file = view.files.get(claim.fileId);
  if (file && !file.deleted) return file;
  if (!isPathClaim(claim)) return undefined;
  const inside = [...view.files.values()].filter((each) => {
    return !each.deleted && pathClaimsOn(view, each).includes(claim);
  });
  return inside.sort((a, b) => (a.path < b.path ? -1 : 1))[0];
}

async function confirmRelease({ session }: FolderWorld, lock: AnyClaim): Promise<boolean> {
  const release = vscode.l10n.t('Release');
  const name = memberName(session.view, lock.holder);
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Release the claim of {0} on {1}?', name, anyClaimPlace(session.view, lock)),
    {
      modal: true,
      detail: vscode.l10n.t('As an owner you can. {0} may still be working there.', name),
    },
    release,
  );
  return answer === release;
}
