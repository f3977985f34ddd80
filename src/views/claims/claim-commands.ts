import * as vscode from 'vscode';
import type { BoundDocument } from '../../editor/bound-document.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import {
  askForClaim,
  claimLines,
  claimPlace,
  extendClaim,
  lineNumbers,
  longestClaimMs,
  mayRelease,
  releaseClaim,
} from '../../world/claims.ts';
import { memberName } from '../../world/member-name.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import type { SoftLock } from '../../world/world-rows.ts';
import { askSteps, type StepChoice } from '../steps.ts';
import { openBound } from '../open-bound.ts';
import type { ClaimBoard } from './claim-board.ts';
import { offeredDurations } from './claim-times.ts';
import { claimsInOrder } from './claim-tree.ts';
import { claimFacts, refusalText, timeLeft } from './claim-words.ts';
import { selectedLines } from './selected-lines.ts';

export interface ClaimCommandsOptions {
  readonly randomBytes: RandomBytes;
  readonly board: () => ClaimBoard | undefined;
}

interface ClaimWishes {
  readonly reason: string;
  readonly durationMs: number;
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
      tell(vscode.l10n.t('Open a file of the world first, and select the lines to claim.'));
      return;
    }
    const wishes = await askWishes(current, placeOf(bound, editor));
    // Others write meanwhile: VS Code moves the selection along.
    const { positions, fileId } = bound;
    if (wishes === undefined || positions === undefined || fileId === undefined) return;
    const selected = positions.linesToWorld(selectedLines(editor.selection));
    const claim = { fileId, version: positions.version, ...selected, ...wishes };
    const answer = await claimLines(current.session, claim, this.#options.randomBytes);
    if (answer.tag === 'claimed') tellHeld(current, answer.lock);
    else void vscode.window.showWarningMessage(refusalText(current.session, answer));
  }

  async goTo(current: FolderWorld, argument: unknown): Promise<void> {
    const lock = await this.#claim(current, argument);
    if (lock === undefined) return;
    const path = current.session.view.files.get(lock.fileId)?.path ?? '';
    const editor = await openBound(current, { fileId: lock.fileId, path });
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
    const isOwn = ({ holder }: SoftLock): boolean => holder === session.identity;
    const lock = await this.#claim(current, argument, isOwn);
    if (lock === undefined) return;
    if (!isOwn(lock)) {
      tell(vscode.l10n.t('Only who holds a claim can extend it.'));
      return;
    }
    const title = vscode.l10n.t('How long from now? {0}', claimPlace(session.view, lock));
    const picked = await vscode.window.showQuickPick(durationChoices(current), { title });
    if (picked === undefined) return;
    const answer = await extendClaim(
      session,
      session.view.locks.get(lock.lockId) ?? lock,
      picked.durationMs,
    );
    if (answer.tag === 'claimed') tellHeld(current, answer.lock);
    else void vscode.window.showWarningMessage(refusalText(session, answer));
  }

  async release(current: FolderWorld, argument: unknown): Promise<void> {
    const { session } = current;
    const lock = await this.#claim(current, argument, (each) => mayRelease(session, each));
    if (lock === undefined) return;
    if (!mayRelease(session, lock)) {
      tell(
        vscode.l10n.t('Only who holds a claim, or an owner, can release it. You can ask for it.'),
      );
      return;
    }
    if (lock.holder !== session.identity && !(await confirmRelease(current, lock))) return;
    if (session.view.locks.has(lock.lockId)) await releaseClaim(session, lock.lockId);
    tell(vscode.l10n.t('The claim on {0} is released.', claimPlace(session.view, lock)));
  }

  /** Writes to the holder, in words that the user can change. */
  async ask(current: FolderWorld, argument: unknown): Promise<void> {
    const { session } = current;
    const isOther = ({ holder }: SoftLock): boolean => holder !== session.identity;
    const lock = await this.#claim(current, argument, isOther);
    if (lock === undefined) return;
    if (!isOther(lock)) {
      tell(vscode.l10n.t('This claim is your own.'));
      return;
    }
    const name = memberName(session.view, lock.holder);
    const place = claimPlace(session.view, lock);
    const text = await vscode.window.showInputBox({
      title: vscode.l10n.t('Ask {0} for {1}', name, place),
      prompt: vscode.l10n.t('It goes to {0} as a message, and into the history.', name),
      value: vscode.l10n.t('Could you release {0}? I would like to write there.', place),
      ignoreFocusOut: true,
    });
    if (text === undefined || text.trim() === '') return;
    await askForClaim(session, lock, text, this.#options.randomBytes);
    tell(vscode.l10n.t('{0} is asked.', name));
  }

  /** The claim a command is about: the one named, the one at the cursor, or one that is picked. */
  async #claim(
    { session }: FolderWorld,
    argument: unknown,
    isWanted: (lock: SoftLock) => boolean = () => true,
  ): Promise<SoftLock | undefined> {
    const named = lockIdIn(argument);
    if (named !== undefined) {
      const lock = session.view.locks.get(named);
      if (!lock) tell(vscode.l10n.t('That claim is over.'));
      return lock;
    }
    const here = this.#atCursor().flatMap((lockId) => session.view.locks.get(lockId) ?? []);
    const first = here.find(isWanted);
    if (first) return first;
    const choices = claimsInOrder(session)
      .filter(isWanted)
      .map((lock) => ({
        label: `$(lock) ${claimPlace(session.view, lock)}`,
        description: claimFacts(session, lock).join(' · '),
        lock,
      }));
    if (choices.length === 0) {
      tell(vscode.l10n.t('There is no claim to do that with.'));
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
    const number = /^claim (\d+)$/.exec(argument)?.[1];
    return number === undefined ? undefined : Number(number);
  }
  const { lockId } = (argument ?? {}) as { readonly lockId?: unknown };
  return typeof lockId === 'number' ? lockId : undefined;
}

function askWishes(current: FolderWorld, place: string): Promise<ClaimWishes | undefined> {
  const first = { reason: '', durationMs: 0 };
  return askSteps<ClaimWishes>(vscode.l10n.t('Claim {0}', place), first, [
    (wishes) => ({
      placeholder: vscode.l10n.t('Why? Others read it beside the lines.'),
      choices: [
        {
          label: vscode.l10n.t('Without a reason'),
          detail: vscode.l10n.t('Agents are refused in claimed lines, people are told.'),
          answer: wishes,
        },
      ],
      typed: (text) => reasonChoice(text, wishes),
    }),
    (wishes) => ({
      placeholder: vscode.l10n.t('For how long?'),
      choices: durationChoices(current).map(({ durationMs, ...item }) => ({
        ...item,
        answer: { ...wishes, durationMs },
      })),
    }),
  ]);
}

function reasonChoice(text: string, wishes: ClaimWishes): StepChoice<ClaimWishes> | undefined {
  const reason = text.trim();
  return reason === '' ? undefined : { label: reason, answer: { ...wishes, reason } };
}

function durationChoices({
  session,
}: FolderWorld): readonly (vscode.QuickPickItem & { readonly durationMs: number })[] {
  return offeredDurations(longestClaimMs(session)).map((durationMs) => ({
    label: vscode.l10n.t('{0} minutes', Math.max(1, Math.round(durationMs / 60_000))),
    durationMs,
  }));
}

async function confirmRelease({ session }: FolderWorld, lock: SoftLock): Promise<boolean> {
  const release = vscode.l10n.t('Release');
  const name = memberName(session.view, lock.holder);
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Release the claim of {0} on {1}?', name, claimPlace(session.view, lock)),
    {
      modal: true,
      detail: vscode.l10n.t('As an owner you can. {0} may still be working there.', name),
    },
    release,
  );
  return answer === release;
}

function tellHeld({ session }: FolderWorld, lock: SoftLock): void {
  const place = claimPlace(session.view, lock);
  tell(vscode.l10n.t('{0} is yours, {1}.', place, timeLeft(session, lock)));
}

function tell(message: string): void {
  vscode.window.setStatusBarMessage(`$(lock) ${message}`, SHOWN_MS);
}

const SHOWN_MS = 8_000;
