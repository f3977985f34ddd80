/**
 * Owns: merging the sides of a conflict in VS Code's merge editor until the result is taken: where others were quicker
 * the user's merge is merged anew with what stands there by then, and a merge that was begun in a window before this one
 * goes on. Does not know: how the conflict is decided, what a comparison shows.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { Text } from '../../core/text.ts';
import { DisposableStore, type Disposable } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import { hasMarks, type KeptMerge, KeptMerges, type MergeSide } from './kept-merges.ts';
import { readFresh } from './read-edit.ts';
import { readSides } from './read-sides.ts';
import { tellFault } from './tell-fault.ts';
import { tellLate, tellWrittenAfter } from './tell-late.ts';

const SCHEME = 'agent-world-merge';
/** Internal to VS Code, though its own git extension and others use it: it may be gone some day. */
const MERGE_EDITOR = '_open.mergeEditor';
/** So long a save that the user asked for may take until it is told of. */
const SAVE_MS = 5_000;

/** VS Code can merge, and there is something to merge into. */
export async function canMerge({ source }: RefusedEditView): Promise<boolean> {
  if (source.tag === 'draft' || !source.part) return false;
  return (await vscode.commands.getCommands()).includes(MERGE_EDITOR);
}

export class ConflictMerges implements Disposable, vscode.TextDocumentContentProvider {
  readonly #kept: KeptMerges;
  readonly #store = new DisposableStore();
  /** Whose result is waited for, by name. */
  readonly #awaited = new Map<
    string,
    { readonly current: FolderWorld; readonly store: Disposable }
  >();
  /** Names of those of which it is being told that others have decided. */
  readonly #told = new Set<string>();

  constructor(scratch: string) {
    this.#kept = new KeptMerges(scratch);
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  /** Also for an editor that was left by the window before this one. */
  provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    const [name = '', side] = query.split('/');
    return this.#kept.textOf(name, side as MergeSide);
  }

  /** Opens the merge of a conflict: the one that was begun, else a new one. */
  async merge(current: FolderWorld, edit: RefusedEditView): Promise<void> {
    const { database } = current.world;
    const { refusedId } = edit;
    const begun = (await this.#kept.of(database)).find(
      ({ record }) => record.refusedId === refusedId,
    );
    await this.#open(current, begun ?? (await this.#begin(current, edit)), edit);
  }

  /**
   * The window entered a world, until `signal` aborts: its merges go on. Those that others have decided are told, where
   * something was made of them, and gone where nothing was; which these are is known once the world is there.
   */
  async resume(current: FolderWorld, signal: AbortSignal): Promise<void> {
    const { database } = current.world;
    for (const merge of await this.#kept.of(database)) {
      if (signal.aborted) return;
      if (mergeTab(merge.output)) await this.#goOn(current, merge);
    }
    await current.session.whenLetIn(signal);
    for (const merge of await this.#kept.of(database)) {
      if (signal.aborted) return;
      const edit = current.refused.find(merge.record.refusedId);
      const tab = mergeTab(merge.output);
      // VS Code asked for its sides before anybody was there to give them.
      if (edit && tab?.isActive === true) await this.#open(current, merge, edit);
      else if (edit || tab) this.#awaitResult(current, merge);
      else
        void this.#tellDecided(merge).catch((error: unknown) =>
          tellFault(error, current.session.log),
        );
    }
  }

  /** Others decided the conflict of a merge that is open nowhere in this window. */
  async #tellDecided(merge: KeptMerge): Promise<void> {
    const { name } = merge;
    if (this.#told.has(name) || (await this.#kept.isOpenElsewhere(merge))) return;
    this.#told.add(name);
    try {
      const text = await this.#kept.newResult(merge);
      if (text !== undefined) await tellLate(text);
      await this.#kept.remove(merge);
    } finally {
      this.#told.delete(name);
    }
  }

  /** A merge is open in this window. */
  async #goOn(current: FolderWorld, merge: KeptMerge): Promise<void> {
    await this.#kept.open(merge);
    this.#awaitResult(current, merge);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #begin(current: FolderWorld, { refusedId, path: file, source }: RefusedEditView) {
    const { base, mine, head } = await readSides(current, source);
    const part = source.tag === 'ticket' ? source.part : undefined;
    return this.#kept.begin({
      database: current.world.database,
      refusedId,
      file,
      headVersion: part?.headVersion ?? 0,
      isAgain: false,
      sides: { base: base.toString(), proposed: mine.toString(), now: head.toString() },
    });
  }

  async #open(
    current: FolderWorld,
    merge: KeptMerge,
    { isOwn, authorName }: RefusedEditView,
  ): Promise<void> {
    const { record, name, output } = merge;
    const { t } = vscode.l10n;
    const side = (which: MergeSide): vscode.Uri =>
      vscode.Uri.from({ scheme: SCHEME, path: `/${record.file}`, query: `${name}/${which}` });
    await this.#goOn(current, merge);
    await vscode.commands.executeCommand(MERGE_EDITOR, {
      base: side('base'),
      input1: record.isAgain
        ? { uri: side('proposed'), title: t('You'), description: t('as you merged it before') }
        : {
            uri: side('proposed'),
            title: isOwn ? t('You') : authorName,
            description: t('the edit that waits'),
          },
      input2: {
        uri: side('now'),
        title: t('Now'),
        description: t('what others made of it; save the result to take it'),
      },
      output: vscode.Uri.file(output),
    });
  }

  /**
   * The result is taken when the user saves it, as completing the merge does. What VS Code saves by itself may be
   * half done, or what the merge editor began with.
   */
  #awaitResult(current: FolderWorld, merge: KeptMerge): void {
    const { name, output, record } = merge;
    const before = this.#awaited.get(name);
    if (before?.current === current) return;
    before?.store.dispose();
    // Who leaves the world and enters it again asks a session of its own; the merge is on disk.
    const waiting = current.keep(this.#store.add(new DisposableStore()));
    this.#awaited.set(name, { current, store: waiting });
    waiting.addStop(() => {
      if (this.#awaited.get(name)?.store === waiting) this.#awaited.delete(name);
    });
    const isOutput = (uri: vscode.Uri): boolean => uri.fsPath === output;
    let usersMs = -Infinity;
    let isTaking = false;
    const take = async (text: string): Promise<void> => {
      if (isTaking) return;
      isTaking = true;
      try {
        if (await this.#take(current, merge, text)) waiting.dispose();
      } catch (error) {
        // The result is as it was, to be saved again.
        tellFault(error, current.session.log);
      } finally {
        isTaking = false;
      }
    };
    waiting.add(
      vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
        const isUsers = reason === vscode.TextDocumentSaveReason.Manual;
        if (isOutput(document.uri) && isUsers) usersMs = performance.now();
      }),
    );
    waiting.add(
      vscode.workspace.onDidSaveTextDocument(async (document) => {
        // One of VS Code's own may begin before the user's is told to be done; one that fails is never told.
        const isUsers = performance.now() - usersMs < SAVE_MS;
        if (!isOutput(document.uri) || !isUsers) return;
        usersMs = -Infinity;
        const text = document.getText().replaceAll('\r\n', '\n');
        if (!hasMarks(text)) await take(text);
      }),
    );
    const closed = async (): Promise<void> => {
      const text = await this.#kept.newResult(merge);
      const isWhole = text !== undefined && !hasMarks(text);
      const isWanted = isWhole && (await asksToTake(record.file));
      // It may have been opened again before that was answered, or done with.
      const isOver = this.#awaited.get(name)?.store !== waiting || mergeTab(output) !== undefined;
      if (isOver) return;
      if (isWanted) return take(text);
      waiting.dispose();
      // What was made of it is there when the merge is opened again.
      if (text === undefined) await this.#kept.remove(merge);
      else await this.#kept.close(merge);
    };
    waiting.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        // Completing a merge closes it while it is being taken.
        if (!isOutput(uri) || isTaking) return;
        closed().catch((error: unknown) => tellFault(error, current.session.log));
      }),
    );
  }

  /** Says whether it is done with: decided, or gone on with in another merge. */
  async #take(current: FolderWorld, merge: KeptMerge, text: string): Promise<boolean> {
    const { refusedId, sides, headVersion } = merge.record;
    if (!current.session.link) {
      // What is known here may be old: nobody can say whether it is decided.
      void vscode.window.showErrorMessage(vscode.l10n.t('This window is not connected.'));
      return false;
    }
    const edit = await current.refused.read(refusedId);
    if (edit?.source.tag !== 'ticket' || !edit.source.part) {
      void tellLate(text);
      await this.#kept.remove(merge);
      return true;
    }
    const { ticket, part } = edit.source;
    const changes = minimalChanges(Text.of(sides.now), text);
    const shown = { ...part, headVersion };
    const result = await current.refused.resolveByChanges(ticket, shown, changes);
    // The user may have saved it again meanwhile.
    const newest = (await this.#kept.newResult(merge)) ?? text;
    switch (result.tag) {
      case 'done':
        vscode.window.setStatusBarMessage(vscode.l10n.t('The merged text is in its place.'), 5_000);
        if (newest !== text) void tellWrittenAfter(newest);
        break;
      case 'late':
        void tellLate(newest);
        break;
      case 'moved':
        await this.#mergeAgain(current, merge, newest);
        break;
      case 'failed':
        // The result is as it was, to be saved again.
        void vscode.window.showErrorMessage(result.message);
        return false;
    }
    await this.#kept.remove(merge);
    return true;
  }

  /** Three sides again: what stood there when the user merged, what they made of it, and what stands there now. */
  async #mergeAgain(
    current: FolderWorld,
    { record, output }: KeptMerge,
    text: string,
  ): Promise<void> {
    const former = mergeTab(output);
    const edit = await readFresh(current, record.refusedId);
    if (edit?.source.tag !== 'ticket' || !edit.source.part) {
      void tellLate(text);
      return;
    }
    const { head } = await readSides(current, edit.source);
    const merge = await this.#kept.begin({
      ...record,
      headVersion: edit.source.part.headVersion,
      isAgain: true,
      sides: { base: record.sides.now, proposed: text, now: head.toString() },
    });
    await this.#open(current, merge, edit);
    if (former) await vscode.window.tabGroups.close(former);
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        'Others wrote in {0} while you merged. Nothing was done: your merge is one side now, and what stands there the other.',
        record.file,
      ),
    );
  }
}

/** The merge editor of a result: extensions are told little of one, and by some versions no more than its label. */
function mergeTab(output: string): vscode.Tab | undefined {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.find(({ input, label }) => {
    const { result } = (input ?? {}) as { readonly result?: vscode.Uri };
    const isNamed = input === undefined && label.includes(path.basename(output));
    return result?.fsPath === output || isNamed;
  });
}

/** The merge editor was closed, and nobody has said whether what is in its result is wanted. */
async function asksToTake(file: string): Promise<boolean> {
  const { t } = vscode.l10n;
  const yes = t('Take the Merged Text');
  const picked = await vscode.window.showInformationMessage(
    t('The merge of {0} was closed and not completed. The conflict stays open.', file),
    yes,
  );
  return picked === yes;
}
