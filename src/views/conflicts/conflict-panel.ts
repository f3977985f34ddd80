/**
 * Owns: the panel to work through many conflicts: which one is shown, and what its buttons do. Does
 * not know: how the page is drawn.
 */
import * as vscode from 'vscode';
import { offeredActions } from '../../decorations/refused-edit-actions.ts';
import { toHex } from '../../core/hash.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type {
  RefusedEditAction,
  RefusedEditView,
  ResolveResult,
} from '../../editor/refused-edits.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';
import { addedWords, removedWords } from './changed-words.ts';
import type { ConflictList } from './conflict-list.ts';
import {
  conflictPage,
  type PageMessage,
  type Shown,
  type ShownAction,
  type ShownSide,
} from './conflict-page.ts';
import { standing } from './standing-text.ts';
import { tellFault } from './tell-fault.ts';
import { tellLate, tellWrittenAfter } from './tell-late.ts';
import { fieldOf, idIn, keyIn, WrittenResult } from './written-result.ts';

export interface ConflictPanelOptions {
  readonly list: ConflictList;
  readonly randomBytes: RandomBytes;
  /** Something else that a button asks for: the id of a command without `agentWorld.`. */
  readonly onCommand: (command: string, refusedId: string) => void;
  readonly onShown: (conflictId: string) => void;
}

export class ConflictPanel implements Disposable {
  readonly #options: ConflictPanelOptions;
  readonly #turn = new Coalescer<string>(nextTurn, () => this.#render());
  #opened: { readonly panel: vscode.WebviewPanel; readonly store: DisposableStore } | undefined;
  #current: FolderWorld | undefined;
  /** The one before it: the last keys that were pressed in the field of its conflict may come after it. */
  #former: FolderWorld | undefined;
  /** What the user looks at: a decision is about these texts. */
  #edit: RefusedEditView | undefined;
  /** Where the one that was decided stood, for the next to take its place. */
  #next: string | undefined;
  #notice = '';
  readonly #written = new WrittenResult(() => this.#current?.typed);
  /** What was written about the conflict before is being read: until then its field is not known. */
  #looking: object | undefined;
  #isReset = false;
  #isDeciding = false;

  constructor(options: ConflictPanelOptions) {
    this.#options = options;
  }

  get isActive(): boolean {
    return this.#opened?.panel.active ?? false;
  }

  get conflictId(): string | undefined {
    return this.#edit?.refusedId;
  }

  /** Opens the panel, or brings it up, on a conflict, else on the first. */
  open(current: FolderWorld, conflictId?: string): void {
    if (this.#current !== current) this.enter(current);
    this.#select(
      conflictId ?? this.conflictId ?? this.#options.list.neighbour(undefined, 1)?.conflictId,
    );
    if (this.#opened) this.#opened.panel.reveal();
    else this.#create();
    this.#render();
  }

  /** Texts may have changed, conflicts come or gone. */
  update(): void {
    if (this.#opened) this.#turn.mark('all');
  }

  /** The window entered another world, or left one. */
  enter(current: FolderWorld | undefined): void {
    this.#former = this.#current ?? this.#former;
    this.#current = current;
    this.#edit = undefined;
    this.#next = undefined;
    this.#looking = undefined;
    this.#notice = '';
    this.#written.reset();
    this.#render();
  }

  step(step: 1 | -1): void {
    this.#select(this.#options.list.neighbour(this.conflictId, step)?.conflictId);
    this.#render();
  }

  /** By key: the page knows what it shows, and what was written in it. */
  async decide(action: RefusedEditAction): Promise<void> {
    await this.#opened?.panel.webview.postMessage({ tag: 'send', name: action });
  }

  /** Decides about what is shown; `text` is the result, for `patch`. */
  async #decide(action: RefusedEditAction, text: string): Promise<void> {
    const edit = this.#edit;
    const current = this.#current;
    const mayDecide = edit && current && !this.#isDeciding && edit.actions.includes(action);
    // A decision is about what is shown.
    if (!mayDecide || isBeingRead(edit)) return this.#render();
    if (action === 'copy') {
      await vscode.env.clipboard.writeText(edit.refusedText);
      return;
    }
    this.#isDeciding = true;
    const { list } = this.#options;
    const after = list.neighbour(edit.refusedId, 1)?.conflictId;
    try {
      const result = await current.refused.resolve(edit, action, text);
      this.#isDeciding = false;
      if (this.#current !== current) {
        current.showRefused();
        await toldElsewhere(current, edit.refusedId, result, action === 'patch' ? text : undefined);
        return;
      }
      if (result.tag === 'done' || result.tag === 'late') {
        this.#told(edit.refusedId, result.tag, action, text);
        // With one conflict left it comes after itself.
        if (this.#next === edit.refusedId) this.#next = undefined;
        this.#select(after === edit.refusedId ? undefined : after);
      } else {
        this.#select(edit.refusedId);
        this.#notice = result.tag === 'moved' ? movedNotice() : result.message;
      }
      current.showRefused();
    } finally {
      this.#isDeciding = false;
      this.#render();
    }
  }

  /** What was written and is not in its place goes on being the user's. */
  #told(refusedId: string, tag: 'done' | 'late', action: RefusedEditAction, text: string): void {
    if (action !== 'patch') {
      this.#written.forget(refusedId);
      return;
    }
    if (tag === 'late') void tellLate(this.#written.textFor(refusedId) ?? text);
    else {
      const more = this.#written.applied(refusedId, text);
      if (more !== undefined) void tellWrittenAfter(more);
    }
    this.#written.told(refusedId);
  }

  dispose(): void {
    this.#turn.dispose();
    this.#opened?.panel.dispose();
  }

  #select(conflictId: string | undefined): void {
    this.#notice = '';
    this.#edit = conflictId === undefined ? undefined : this.#current?.refused.look(conflictId);
    if (!this.#edit) return;
    void this.#lookAtWritten(this.#edit.refusedId);
    this.#options.onShown(this.#edit.refusedId);
  }

  async #lookAtWritten(refusedId: string): Promise<void> {
    const looking = {};
    this.#looking = looking;
    try {
      await this.#written.look(refusedId);
    } catch (error) {
      // The field begins with the edit that waits.
      if (this.#current) tellFault(error, this.#current.session.log);
    } finally {
      if (this.#looking === looking) {
        this.#looking = undefined;
        this.#render();
      }
    }
  }

  #create(): void {
    const store = new DisposableStore();
    const panel = vscode.window.createWebviewPanel(
      'agentWorld.conflictPanel',
      vscode.l10n.t('Conflicts'),
      vscode.ViewColumn.Active,
      { enableScripts: true, localResourceRoots: [] },
    );
    this.#opened = { panel, store };
    store.add(panel.webview.onDidReceiveMessage((message: PageMessage) => this.#heard(message)));
    store.add(
      panel.onDidDispose(() => {
        store.dispose();
        this.#opened = undefined;
        this.#edit = undefined;
      }),
    );
    panel.webview.html = conflictPage(toHex(this.#options.randomBytes(16)));
  }

  #heard(message: PageMessage): void {
    if (message.tag === 'ready') return this.#render();
    const { text, key } = message;
    const conflictId = this.#current && idIn(this.#current.world.database, key);
    if (message.tag === 'typed') {
      if (conflictId !== undefined) this.#wrote(conflictId, text);
      else this.#wroteBefore(key, text);
      return;
    }
    const { name, seen } = message;
    const isDecision = name === 'accept_head' || name === 'rebase' || name === 'patch';
    if (isDecision && (conflictId !== this.conflictId || !this.#written.isShown(seen))) {
      // What they decided about was on its way to be another text.
      this.#notice = movedNotice();
      return this.#render();
    }
    switch (name) {
      case 'next':
        return this.step(1);
      case 'previous':
        return this.step(-1);
      case 'accept_head':
      case 'rebase':
      case 'patch':
      case 'copy':
        return void this.#decide(name, text);
      case 'beginAnew':
        if (conflictId !== undefined) this.#written.forget(conflictId);
        this.#isReset = true;
        return this.#render();
      default:
        if (this.#edit) this.#options.onCommand(name, this.#edit.refusedId);
    }
  }

  #wrote(conflictId: string, text: string): void {
    const edit = this.#current?.refused.find(conflictId);
    if (!edit) {
      this.#current?.typed.keep(fieldOf(conflictId), text);
      return;
    }
    const wasWritten = this.#written.textFor(conflictId) !== undefined;
    this.#written.write(edit, text);
    // With the first key there is something to give up, and with the last there is nothing.
    if (wasWritten !== (this.#written.textFor(conflictId) !== undefined)) this.update();
  }

  /** In the field of a conflict of the world that the window was in before. */
  #wroteBefore(key: string, text: string): void {
    const conflictId = this.#former && idIn(this.#former.world.database, key);
    if (!this.#former || conflictId === undefined) return;
    const { refused, typed } = this.#former;
    typed.keep(fieldOf(conflictId), text, refused.find(conflictId)?.currentText);
  }

  #render(): void {
    if (!this.#opened || this.#isDeciding) return;
    this.#refreshEdit();
    if (this.#looking !== undefined) return;
    void this.#opened.panel.webview.postMessage(this.#shown());
  }

  /** One that is gone gives way to the one that comes after it. */
  #refreshEdit(): void {
    const { list } = this.#options;
    const wanted = this.conflictId ?? this.#next;
    const found = wanted === undefined ? undefined : this.#current?.refused.look(wanted);
    if (!found && this.#current) {
      const written = wanted === undefined ? undefined : this.#written.textFor(wanted);
      if (wanted !== undefined && written !== undefined) {
        void tellLate(written);
        this.#written.told(wanted);
      }
      this.#select(this.#next ?? list.neighbour(undefined, 1)?.conflictId);
    } else this.#edit = found;
    this.#next = list.neighbour(this.conflictId, 1)?.conflictId;
  }

  #shown(): Shown {
    const edit = this.#edit;
    if (edit === undefined) {
      return { tag: 'none', message: vscode.l10n.t('Nothing waits for a decision.') };
    }
    const { list } = this.#options;
    const all = list.inOrder();
    const at = all.findIndex(({ conflictId }) => conflictId === edit.refusedId);
    const { refusedId } = edit;
    const written = this.#written.textFor(refusedId);
    const isReset = this.#isReset;
    this.#isReset = false;
    return {
      tag: 'conflict',
      key: keyIn(this.#current?.world.database ?? '', refusedId),
      seen: this.#written.show(edit),
      position: vscode.l10n.t('Conflict {0} of {1}', at + 1, all.length),
      title: vscode.l10n.t('{0}, line {1}', edit.path, edit.start.line + 1),
      reason: edit.reason,
      notice: this.#notice || noticeOf(edit) || newsOf(edit, this.#written.stoodThere(edit)),
      sides: sidesOf(edit),
      result:
        isReady(edit) && edit.actions.includes('patch') ? (written ?? edit.refusedText) : undefined,
      resultLabel: vscode.l10n.t('What should stand there'),
      actions: actionsOf(edit, all.length, written !== undefined),
      hint: hint(),
      empty: vscode.l10n.t('nothing'),
      isReset,
    };
  }
}

/** The window went to another world while it was decided; `text` is the one that was to be applied. */
async function toldElsewhere(
  { typed }: FolderWorld,
  refusedId: string,
  result: ResolveResult,
  text: string | undefined,
): Promise<void> {
  if (result.tag === 'moved') void vscode.window.showWarningMessage(movedNotice());
  if (result.tag === 'failed') void vscode.window.showErrorMessage(result.message);
  if (result.tag === 'moved' || result.tag === 'failed') return;
  const field = fieldOf(refusedId);
  const kept = text === undefined ? undefined : ((await typed.read(field))?.text ?? text);
  if (kept !== undefined && result.tag === 'late') void tellLate(kept);
  else if (kept !== text && kept !== undefined) void tellWrittenAfter(kept);
  else typed.forget(field);
}

function hint(): string {
  const isMac = process.platform === 'darwin';
  const key = isMac ? '⌘' : vscode.l10n.t('Ctrl');
  return vscode.l10n.t(
    'Keys: Alt+↓ next, Alt+↑ previous, {0}+Alt+1 keep the text, {0}+Alt+2 apply the edit, {0}+Enter apply what you wrote.',
    key,
  );
}

/** The texts are there to be shown. */
function isReady({ texts, isLeftOut }: RefusedEditView): boolean {
  return texts.tag === 'here' && !isLeftOut;
}

function isBeingRead({ texts }: RefusedEditView): boolean {
  return texts.tag === 'reading' || texts.tag === 'unread';
}

/** Why no text is shown where there is one. */
function noticeOf(edit: RefusedEditView): string {
  if (isBeingRead(edit)) return vscode.l10n.t('The texts are being read.');
  if (edit.texts.tag === 'failed') {
    return vscode.l10n.t('The texts could not be read: {0}', edit.texts.message);
  }
  if (!edit.isLeftOut) return '';
  return vscode.l10n.t(
    'The text is too long to be shown here. Compare opens both sides as whole files.',
  );
}

function sidesOf(edit: RefusedEditView): readonly ShownSide[] {
  const { baseText, refusedText, currentText } = edit;
  if (!edit.hasText || !isReady(edit)) return [];
  const mine = edit.isOwn
    ? vscode.l10n.t('Your edit')
    : vscode.l10n.t('{0}’s edit', edit.authorName);
  return [
    { title: vscode.l10n.t('Before'), runs: removedWords(baseText, refusedText) },
    { title: mine, runs: addedWords(baseText, refusedText) },
    { title: vscode.l10n.t('Now'), runs: addedWords(baseText, currentText) },
  ];
}

function movedNotice(): string {
  return vscode.l10n.t(
    'Others wrote here while you looked: nothing was done. These are the texts as they are now; what you wrote is in its field.',
  );
}

/** What was written is about a text that has changed since. */
function newsOf(edit: RefusedEditView, stoodThere: string | undefined): string {
  if (stoodThere === undefined || !isReady(edit)) return '';
  return vscode.l10n.t(
    'Others wrote here since you began to write: then it was {0}, now it is {1}. What you wrote is in its field.',
    standing(stoodThere),
    standing(edit.currentText),
  );
}

function actionsOf(
  edit: RefusedEditView,
  count: number,
  isWritten: boolean,
): readonly ShownAction[] {
  const { l10n } = vscode;
  const offered = isBeingRead(edit)
    ? []
    : offeredActions(edit).filter(({ action }) => action !== 'patch' || isReady(edit));
  const decisions = offered.map(({ action, label, explanation }) =>
    action === 'patch'
      ? {
          name: 'patch',
          label: l10n.t('Apply what I wrote'),
          explanation: l10n.t('Puts the text of the field in its place.'),
        }
      : { name: action, label, explanation },
  );
  const anew = {
    name: 'beginAnew',
    label: l10n.t('Begin anew'),
    explanation: l10n.t('Gives up what you wrote: the field has the edit that waits again.'),
  };
  const looks = [
    {
      name: 'goToConflict',
      label: l10n.t('Go to its place'),
      explanation: l10n.t('Opens the file there.'),
    },
    {
      name: 'compareSides',
      label: l10n.t('Compare'),
      explanation: l10n.t('Opens both sides as whole files.'),
    },
    {
      name: 'mergeSides',
      label: l10n.t('Merge editor'),
      explanation: l10n.t('Opens all three sides as whole files.'),
    },
  ];
  const steps = [
    { name: 'previous', label: l10n.t('Previous'), explanation: l10n.t('The conflict before.') },
    { name: 'next', label: l10n.t('Next'), explanation: l10n.t('The conflict after.') },
  ];
  return [
    ...decisions,
    ...(isWritten && isReady(edit) ? [anew] : []),
    ...(edit.hasText ? looks : looks.slice(0, 1)),
    ...(count > 1 ? steps : []),
  ];
}
