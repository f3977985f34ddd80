/**
 * Owns: taking a member's work back: asking whose and since when, the review, carrying it out. Does
 * not know: how a plan is made.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { UNATTRIBUTED } from '../../core/unattributed.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { applyTakeBack } from '../../world/apply-take-back.ts';
import { planMemberTakeBack, type TakeBackRequest } from '../../world/take-back.ts';
import { opSeqAtTime } from '../../world/version-at.ts';
import { elapsed } from '../elapsed.ts';
import { kindName } from '../members/member-words.ts';
import { askSteps, type Step, type StepChoice } from '../steps.ts';
import { withProgress } from '../with-progress.ts';
import { mayWrite } from './may-write.ts';
import { unattributedText, whoText } from './history-words.ts';
import { type ComparedFile, openChanges, openDiff } from './open-changes.ts';
import { checkpointsOf } from './pick-version.ts';
import { tellOutcome } from './restore-all.ts';
import { type TakeBackNode, takenApart, TakeBackTree } from './take-back-tree.ts';
import { TakeBackReview } from './take-back-review.ts';
import { versionUri } from './version-texts.ts';

const PREVIEW_SCHEME = 'agent-world-take-back';
const HOUR_MS = 3_600_000;

/** What is known by and by of what is to be taken back. */
interface Asked {
  readonly member?: string;
  /** Finds the op after which it is taken back. */
  readonly since?: (current: FolderWorld) => Promise<number> | number;
}

export class TakeBackCommands implements Disposable, vscode.TextDocumentContentProvider {
  readonly #surroundings: ExtensionSurroundings;
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #tree = this.#store.add(new TakeBackTree(() => this.#previewAgain()));
  #shown: { readonly current: FolderWorld; readonly review: TakeBackReview } | undefined;

  readonly onDidChange = this.#changes.event;

  constructor(surroundings: ExtensionSurroundings) {
    this.#surroundings = surroundings;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(PREVIEW_SCHEME, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#shown?.review.textOf(Number(uri.query)) ?? '';
  }

  /** Asks whose work and since when, unless it is known, and shows what that comes to. */
  async begin(current: FolderWorld, known: Partial<TakeBackRequest> = {}): Promise<void> {
    if (!mayWrite(current)) return;
    const request = await this.#ask(current, known);
    if (!request) return;
    const { session } = current;
    const plan = await withProgress(
      vscode.l10n.t('Looking at the work of {0}', whoText(session, request.member)),
      ({ signal, report }) =>
        planMemberTakeBack(session, request, signal, ({ files, totalFiles }) =>
          report(files, totalFiles, vscode.l10n.t('{0} of {1} files', files, totalFiles)),
        ),
    );
    if (plan.files.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'Nothing of {0} is left there to take back.',
          whoText(session, request.member),
        ),
      );
      return;
    }
    this.#show({ current, review: new TakeBackReview(plan) });
    await vscode.commands.executeCommand('agentWorld.takeBack.focus');
    await this.openAll();
  }

  /** Shows all files as they are and as they would be. */
  async openAll(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    const name = whoText(shown.current.session, shown.review.plan.member);
    const title = vscode.l10n.t('Take back the work of {0}', name);
    const files = shown.review.plan.files.filter(({ head }) => head.kind === 'text');
    await openChanges(
      title,
      files.map(({ head }) => fileUris(head)),
    );
  }

  /** Shows the file of a row, at the place of the row. */
  async open(argument: unknown): Promise<void> {
    const { fileId, hunk } = takenApart(argument as TakeBackNode);
    const file = this.#shown?.review.file(fileId);
    if (!file) return;
    const { before, after } = fileUris(file.head);
    const at = hunk === undefined ? undefined : file.hunks[hunk]?.start;
    const place = at && new vscode.Range(at.line, 0, at.line, 0);
    const title = vscode.l10n.t('{0}: now → taken back', path.posix.basename(file.head.path));
    await openDiff(before, after, title, { preview: true, ...(place && { selection: place }) });
  }

  /** Carries out what is chosen, as the user's own work. */
  async apply(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    const { current, review } = shown;
    if (review.count === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Nothing is chosen. Check what is to be taken back.'),
      );
      return;
    }
    const { session } = current;
    const { randomBytes } = this.#surroundings;
    const result = await vscode.window.withProgress(
      { location: { viewId: 'agentWorld.takeBack' } },
      () => applyTakeBack({ session, randomBytes, author: '' }, review.plan, review.choices()),
    );
    await this.end();
    const who = whoText(session, review.plan.member);
    tellOutcome(
      result,
      vscode.l10n.t(
        'The chosen work of {0} is taken back. That is your own work, too, and can be taken back in turn.',
        who,
      ),
    );
  }

  /** Ends the review; nothing is changed. */
  async end(): Promise<void> {
    this.#show(undefined);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await vscode.window.tabGroups.close(tabs.filter(isOfReview), true);
  }

  /** The window left its world. */
  leave(): void {
    this.#show(undefined);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #show(
    shown: { readonly current: FolderWorld; readonly review: TakeBackReview } | undefined,
  ): void {
    this.#shown = shown;
    const description = shown && whoText(shown.current.session, shown.review.plan.member);
    this.#tree.show(shown && { ...shown, description: description ?? '' });
    void vscode.commands.executeCommand('setContext', 'agentWorld.takingBack', shown !== undefined);
  }

  #previewAgain(): void {
    for (const { head } of this.#shown?.review.plan.files ?? []) {
      this.#changes.fire(fileUris(head).after);
    }
  }

  async #ask(
    current: FolderWorld,
    { member, sinceSeq, fileId }: Partial<TakeBackRequest>,
  ): Promise<TakeBackRequest | undefined> {
    const since = sinceSeq === undefined ? undefined : () => sinceSeq;
    const first: Asked = { ...(member && { member }), ...(since && { since }) };
    const steps: Step<Asked>[] = [];
    if (member === undefined) steps.push(() => askMember(current));
    if (since === undefined) steps.push((asked) => this.#askSince(current, asked));
    const asked = await askSteps(vscode.l10n.t('Take back a member’s work'), first, steps);
    if (!asked?.member || !asked.since) return undefined;
    return { member: asked.member, sinceSeq: await asked.since(current), fileId };
  }

  #askSince(current: FolderWorld, asked: Asked) {
    const nowMs = this.#surroundings.clock.nowMs();
    const choice = (
      label: string,
      description: string,
      since: Asked['since'],
    ): StepChoice<Asked> => ({
      label,
      description,
      answer: { ...asked, ...(since && { since }) },
    });
    const ago =
      (ms: number): Asked['since'] =>
      ({ session }) =>
        opSeqAtTime(session, nowMs - ms);
    const checkpoints = checkpointsOf(current.session).map(({ noteId, text, madeAtMs }) =>
      choice(`$(bookmark) ${text}`, elapsed(madeAtMs, nowMs), () => noteId),
    );
    return {
      placeholder: vscode.l10n.t('Since when?'),
      choices: [
        choice(vscode.l10n.t('In the last hour'), '', ago(HOUR_MS)),
        choice(vscode.l10n.t('In the last day'), '', ago(24 * HOUR_MS)),
        ...checkpoints,
        choice(
          vscode.l10n.t('Everything'),
          vscode.l10n.t('what came with the folder stays'),
          () => 0,
        ),
      ],
    };
  }
}

function askMember({ session }: FolderWorld) {
  const nobodys: StepChoice<Asked> = {
    label: whoText(session, UNATTRIBUTED.identity),
    description: unattributedText(),
    answer: { member: UNATTRIBUTED.identity },
  };
  const members = [...session.view.members.values()].sort((a, b) =>
    // Agents first: theirs is what is mostly taken back.
    a.kind === b.kind ? a.displayName.localeCompare(b.displayName) : a.kind === 'agent' ? -1 : 1,
  );
  return {
    placeholder: vscode.l10n.t('Whose work?'),
    choices: [
      ...members.map(({ identity, kind }): StepChoice<Asked> => ({
        label: whoText(session, identity),
        description: kindName(kind),
        answer: { member: identity },
      })),
      nobodys,
    ],
  };
}

function fileUris(file: {
  readonly fileId: number;
  readonly version: number;
  readonly path: string;
}): ComparedFile {
  const after = vscode.Uri.from({
    scheme: PREVIEW_SCHEME,
    path: `/${file.path}`,
    query: String(file.fileId),
  });
  return { label: after, before: versionUri(file, file.path), after };
}

function isOfReview({ input }: vscode.Tab): boolean {
  const isPreview = (uri: vscode.Uri): boolean => uri.scheme === PREVIEW_SCHEME;
  if (input instanceof vscode.TabInputTextDiff) return isPreview(input.modified);
  const diffs = (input as { readonly textDiffs?: readonly vscode.TabInputTextDiff[] } | undefined)
    ?.textDiffs;
  return diffs?.some(({ modified }) => isPreview(modified)) === true;
}
