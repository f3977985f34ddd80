import * as vscode from 'vscode';
import { excerptOf } from '../../decorations/refused-edit-marks.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditAction, RefusedEditView } from '../../editor/refused-edits.ts';
import { resolveRefusedEdit } from '../commands/resolve-refused-edit.ts';
import type { PatchEditor } from '../patch-editor.ts';
import type { LineThreads } from '../threads/line-threads.ts';
import type { ConflictList, Grouping, Place } from './conflict-list.ts';
import { canMerge, type ConflictMerges } from './conflict-merges.ts';
import type { ConflictPanel } from './conflict-panel.ts';
import type { ConflictSides } from './conflict-sides.ts';
import { conflictThreadId } from './conflict-threads.ts';
import { type ConflictNode, isGroup, keyOf } from './conflict-tree.ts';
import { conflictAtCursor } from './conflict-at-cursor.ts';
import { openAtPlace } from './open-at-place.ts';
import { readEdit, tellNone } from './read-edit.ts';
import { resolveAll } from './resolve-all.ts';

export interface ConflictCommandsOptions {
  readonly list: ConflictList;
  readonly patches: PatchEditor;
  readonly sides: ConflictSides;
  readonly merges: ConflictMerges;
  readonly panel: ConflictPanel;
  readonly threads: LineThreads;
  readonly onGrouping: (grouping: Grouping) => void;
}

/** What can be done about a conflict, from the tree, above its line, in its thread, in the panel and by name. */
export class ConflictCommands {
  readonly #options: ConflictCommandsOptions;

  constructor(options: ConflictCommandsOptions) {
    this.#options = options;
  }

  async goTo(current: FolderWorld, argument: unknown): Promise<void> {
    const edit = await this.#edit(current, argument);
    if (edit) await this.#openAtPlace(current, edit);
  }

  async compare(current: FolderWorld, argument: unknown): Promise<void> {
    const edit = await this.#edit(current, argument);
    if (edit) await this.#options.sides.compare(current, edit);
  }

  /** Where VS Code has no merge editor, or there is nothing to merge into, a comparison. */
  async merge(current: FolderWorld, argument: unknown): Promise<void> {
    const edit = await this.#edit(current, argument);
    if (!edit) return;
    if (await canMerge(edit)) await this.#options.merges.merge(current, edit);
    else await this.#options.sides.compare(current, edit);
  }

  /** Decides, in the panel where that is what the user works in, otherwise as at the edit's place. */
  async decide(current: FolderWorld, argument: unknown, action: RefusedEditAction): Promise<void> {
    const { panel, patches } = this.#options;
    if (argument === undefined && panel.isActive) {
      await panel.decide(action);
      return;
    }
    const edit = await this.#edit(current, argument);
    if (edit === undefined) return;
    if (!edit.actions.includes(action)) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'That cannot be done with this conflict: it needs more rights, or the text is too old.',
        ),
      );
      return;
    }
    await resolveRefusedEdit(current, patches, { refusedId: edit.refusedId, action });
  }

  /** Takes back an edit of one's own that waits. */
  async withdraw(current: FolderWorld, argument: unknown): Promise<void> {
    const edit = await this.#edit(current, argument, ({ isOwn }) => isOwn);
    if (edit) await this.decide(current, edit, 'accept_head');
  }

  async resolveAll(current: FolderWorld, argument: unknown): Promise<void> {
    const node = nodeOf(argument);
    await resolveAll(current, this.#options.list, node && isGroup(node) ? keyOf(node) : undefined);
  }

  openPanel(current: FolderWorld, argument: unknown): void {
    const id = this.#idOf(argument);
    this.#options.panel.open(current, id);
  }

  /** In the panel the next conflict, otherwise the place of the one after the cursor's. */
  async step(current: FolderWorld, step: 1 | -1): Promise<void> {
    const { panel, list } = this.#options;
    if (panel.isActive) {
      panel.step(step);
      return;
    }
    const next = list.neighbour(conflictAtCursor(current) ?? placeIn(current), step);
    const edit = next && current.refused.find(next.conflictId);
    if (edit) await this.#openAtPlace(current, edit);
    else tellNone();
  }

  groupBy(grouping: Grouping): void {
    this.#options.list.groupBy(grouping);
    this.#options.onGrouping(grouping);
  }

  async #edit(
    current: FolderWorld,
    argument: unknown,
    isWanted: (edit: RefusedEditView) => boolean = () => true,
  ): Promise<RefusedEditView | undefined> {
    if (argument !== undefined) {
      const id = this.#idOf(argument);
      const chosen = id === undefined ? undefined : await readEdit(current, id);
      return chosen && isWanted(chosen) ? chosen : undefined;
    }
    const here = this.#here(current);
    const edit = here === undefined ? undefined : await current.refused.read(here);
    if (edit) return isWanted(edit) ? edit : undefined;
    return this.#pick(current, isWanted);
  }

  /** Whoever goes to a conflict wants to know what it is about: its thread says so at the place. */
  async #openAtPlace(current: FolderWorld, edit: RefusedEditView): Promise<void> {
    const there = await openAtPlace(current, edit);
    if (there) this.#options.threads.unfold(conflictThreadId(there.refusedId));
  }

  /** A command of a thread is given the thread. */
  #idOf(argument: unknown): string | undefined {
    return idOf(this.#options.threads.idOf(argument) ?? argument);
  }

  #here(current: FolderWorld): string | undefined {
    const { panel } = this.#options;
    return panel.isActive ? panel.conflictId : conflictAtCursor(current);
  }

  async #pick(
    current: FolderWorld,
    isWanted: (edit: RefusedEditView) => boolean,
  ): Promise<RefusedEditView | undefined> {
    const edits = this.#options.list
      .inOrder()
      .flatMap(({ conflictId }) => current.refused.find(conflictId) ?? [])
      .filter(isWanted);
    if (edits.length === 0) tellNone();
    if (edits.length <= 1) return edits[0] && readEdit(current, edits[0].refusedId);
    const choices = edits.map((edit) => ({
      label: excerptOf(edit),
      description: `${edit.authorName} · ${edit.path}:${edit.start.line + 1}`,
      detail: edit.reason,
      edit,
    }));
    const title = vscode.l10n.t('Conflicts that wait for a decision');
    const picked = await vscode.window.showQuickPick(choices, { title, matchOnDescription: true });
    return picked && readEdit(current, picked.edit.refusedId);
  }
}

/** Where the cursor is in the world; undefined where it is in no file of it. */
function placeIn(current: FolderWorld): Place | undefined {
  const editor = vscode.window.activeTextEditor;
  const path = editor && current.documents.of(editor.document)?.path;
  return editor && path !== undefined ? { path, line: editor.selection.active.line } : undefined;
}

function nodeOf(argument: unknown): ConflictNode | undefined {
  return typeof argument === 'string' && /^(?:group|conflict) /.test(argument)
    ? (argument as ConflictNode)
    : undefined;
}

/** Commands are given a node of the tree, or an object with the conflict's id. */
function idOf(argument: unknown): string | undefined {
  const node = nodeOf(argument);
  if (node) return isGroup(node) ? undefined : keyOf(node);
  const { refusedId } = (argument ?? {}) as { readonly refusedId?: unknown };
  return typeof refusedId === 'string' ? refusedId : undefined;
}
