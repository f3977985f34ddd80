/**
 * Owns: undo and redo in this window's bound documents (S7): the commands, the steps that one command
 * made in several documents, undo that VS Code did by itself, and where the cursors go. Does not
 * know: what a step holds or how it is moved over others' work.
 */
import * as vscode from 'vscode';
import type { BindingUpdate } from '../sync/document-binding.ts';
import { type MemberStep, StepGroups } from '../sync/step-groups.ts';
import {
  type Cursors,
  joinLastSteps,
  noteCursors,
  type UndoKind,
  withoutCursors,
} from '../sync/undo-stack.ts';
import type { BoundDocument } from './bound-document.ts';
import type { BoundDocuments } from './bound-documents.ts';
import type { ChangeEvents } from './change-events.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';

/** Paths of the documents whose undo is taken over, for the keys' `when`: known without asking anybody. */
const PATHS_KEY = 'agentWorld.boundPaths';

export class OwnUndo implements Disposable {
  readonly #documents: BoundDocuments;
  readonly #store = new DisposableStore();
  /** By documents: one that is let go of for want of a tab, and live again later, goes on with its steps. */
  readonly #groups = new StepGroups<vscode.TextDocument>();
  /** The last step of each document that was heard of. */
  readonly #lastSteps = new WeakMap<BoundDocument, number>();
  /** Documents whose cursors have not been heard of since their last step. */
  readonly #awaitingCursors = new Set<BoundDocument>();
  /** Documents whose last change was the user's, so that VS Code would take back the same. */
  readonly #inStep = new Set<BoundDocument>();
  /** The document that VS Code undid something in by itself, until its text update is told. */
  #nativeDocument: BoundDocument | undefined;
  #nativeCount = 0;
  /** What VS Code undid by itself a moment ago: its other documents are still to come. */
  #native: NativeUndo | undefined;
  /** True until all events that came with the last step have been heard. */
  #isSameTurn = false;
  #tellPaths: NodeJS.Immediate | undefined;
  /** Those of closed documents stay: one that is opened again has its steps before its path could be told. */
  readonly #paths = new Set<string>();

  constructor(documents: BoundDocuments, changeEvents: ChangeEvents) {
    this.#documents = documents;
    this.#store.add(changeEvents.listen((event) => this.#heard(event)));
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(() => this.#groups.close()));
    this.#store.add(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) =>
        this.#cursorsMoved(textEditor),
      ),
    );
  }

  /** Undo or redo as the user asked for it by key or command. */
  async run(kind: UndoKind): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const bound = document && this.#documents.of(document);
    if (bound?.binding?.hasUndo && !this.#wouldDoTheSame(bound, kind)) {
      this.#take(bound, kind);
      return;
    }
    const before = this.#nativeCount;
    await vscode.commands.executeCommand(kind);
    // VS Code may have forgotten what it could have taken back.
    if (bound?.binding?.hasUndo && this.#nativeCount === before) this.#take(bound, kind);
  }

  /** VS Code undid something by itself, by the menu for instance; it will be put right. */
  tookNative(bound: BoundDocument, kind: UndoKind): void {
    this.#nativeDocument = bound;
    this.#nativeCount += 1;
    // One undo of its own may be of several documents, of which the first one took all.
    if (this.#native?.kind === kind && this.#native.taken.delete(bound)) return;
    const taken = this.#take(bound, kind);
    if (!taken || taken.length === 0) return;
    void this.#awaitOthers({ kind, taken: new Set(taken) });
  }

  /** Something happened to a document. Costs nothing that grows with its history. */
  updated(bound: BoundDocument, update: BindingUpdate): void {
    if (update.tag !== 'text') return;
    const isNative = this.#nativeDocument === bound;
    this.#nativeDocument = undefined;
    if (update.by === 'user') {
      this.#inStep.add(bound);
      this.#changed(bound);
    } else if (!isNative) {
      this.#inStep.delete(bound);
      queueMicrotask(() => this.#restoreCursors(bound));
    } else if (bound.binding?.state.remote.length === 0) {
      // It was what it should have been, and the cursors are where VS Code put them.
      bound.binding.editSteps(withoutCursors);
    }
  }

  /** A document was bound, or is bound no more. */
  boundChanged(bound: BoundDocument): void {
    this.#inStep.delete(bound);
    this.#tellPaths ??= setImmediate(() => {
      this.#tellPaths = undefined;
      const all = [...this.#documents.all()].filter(({ binding }) => binding);
      // A path on another system is the path of its address here, which differs on Windows.
      const paths = all.flatMap(({ document: { uri } }) => [uri.fsPath, uri.path]);
      if (paths.every((each) => this.#paths.has(each))) return;
      for (const each of paths) this.#paths.add(each);
      setPaths(this.#paths);
    });
  }

  dispose(): void {
    clearImmediate(this.#tellPaths);
    this.#store.dispose();
    setPaths([]);
  }

  /**
   * True for what came last, is the user's and in this document only: then VS Code's own undo is the
   * better one, since it knows when the text is again what was saved.
   */
  #wouldDoTheSame(bound: BoundDocument, kind: UndoKind): boolean {
    if (!bound.binding) return false;
    const { undo, remote } = bound.binding.state;
    const list = kind === 'undo' ? undo.done : undo.undone;
    if (!list || list.others || remote.length > 0 || !this.#inStep.has(bound)) return false;
    return this.#partners(bound, list.step.stepId).length === 0;
  }

  async #awaitOthers(native: NativeUndo): Promise<void> {
    this.#native = native;
    await afterAllSaid();
    if (this.#native === native) this.#native = undefined;
  }

  /** The other documents that a step was taken back in; undefined when there was none to take back. */
  #take(bound: BoundDocument, kind: UndoKind): readonly BoundDocument[] | undefined {
    this.#groups.close();
    const taken = bound.binding?.takeBack(kind);
    if (!taken) return undefined;
    return this.#partners(bound, taken.stepId).flatMap(({ member, stepId }) => {
      const partner = this.#documents.of(member);
      if (partner?.binding) return takeBackIn(partner, kind, stepId) ? [partner] : [];
      void this.#documents.awake(member, (live) => void takeBackIn(live, kind, stepId));
      return [];
    });
  }

  #partners({ document: member }: BoundDocument, stepId: number): readonly DocumentStep[] {
    return this.#groups.partners({ member, stepId });
  }

  /** What a command does to a document that it opened itself is the first step of that document. */
  #heard({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    const bound = this.#documents.of(document);
    if (!bound || bound.binding || contentChanges.length === 0 || reason) return;
    if (this.#groups.has(document)) return;
    this.#stepMade(bound, this.#documents.nextStepId(bound), false);
  }

  #changed(bound: BoundDocument): void {
    const step = bound.binding?.state.undo.done?.step;
    if (!step) return;
    this.#awaitingCursors.add(bound);
    if (this.#lastSteps.get(bound) === step.stepId) {
      this.#groups.close();
      return;
    }
    const { activeTextEditor } = vscode.window;
    const isActive = activeTextEditor?.document === bound.document;
    // VS Code tells of the change before it tells where that put the cursors.
    if (isActive) this.#note(bound, 'before', activeTextEditor);
    this.#stepMade(bound, step.stepId, isActive && step.run !== undefined);
  }

  #stepMade(bound: BoundDocument, stepId: number, isKey: boolean): void {
    if (this.#isSameTurn && !isKey && this.#groups.has(bound.document)) {
      // One command that edits in several goes, as a completion does that also adds an import.
      bound.binding?.editSteps(joinLastSteps);
      return;
    }
    this.#lastSteps.set(bound, stepId);
    // A key comes from the user, who does not type into what a command is still at.
    if (isKey && !this.#isSameTurn) this.#groups.close();
    this.#groups.add({ member: bound.document, stepId });
    this.#endTurn(isKey);
  }

  /** One command's changes arrive in a row, which the answer to a question asked now cannot overtake. */
  #endTurn(isKey: boolean): void {
    if (!this.#isSameTurn) {
      this.#isSameTurn = true;
      setImmediate(() => {
        this.#isSameTurn = false;
      });
    }
    if (!isKey) void afterAllSaid().then(() => this.#groups.close());
  }

  #cursorsMoved(editor: vscode.TextEditor): void {
    if (this.#awaitingCursors.size === 0) return;
    const bound = this.#documents.of(editor.document);
    if (bound && this.#awaitingCursors.delete(bound)) this.#note(bound, 'after', editor);
  }

  #note(bound: BoundDocument, when: 'before' | 'after', { selections }: vscode.TextEditor): void {
    bound.binding?.editSteps((stack) => noteCursors(stack, when, selections.map(cursorOf)));
  }

  /** As VS Code does after an undo: the cursors are where the user was when the step was made. */
  #restoreCursors({ document, binding }: BoundDocument): void {
    const cursors = binding?.state.undo.cursors;
    if (!binding || !cursors || binding.state.remote.length > 0) return;
    binding.editSteps(withoutCursors);
    const editor = vscode.window.activeTextEditor;
    if (editor?.document !== document || cursors.length === 0) return;
    editor.selections = cursors.map(({ anchor, active }) => {
      return new vscode.Selection(
        new vscode.Position(anchor.line, anchor.character),
        new vscode.Position(active.line, active.character),
      );
    });
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

interface NativeUndo {
  readonly kind: UndoKind;
  /** Documents whose part was taken back already. */
  readonly taken: Set<BoundDocument>;
}

type DocumentStep = MemberStep<vscode.TextDocument>;

/** False where the user has done something else there since. */
function takeBackIn({ binding }: BoundDocument, kind: UndoKind, stepId: number): boolean {
  const { done, undone } = binding?.state.undo ?? {};
  const isLast = (kind === 'undo' ? done : undone)?.step.stepId === stepId;
  return isLast && binding?.takeBack(kind) !== undefined;
}

function cursorOf({ anchor, active }: vscode.Selection): Cursors[number] {
  return {
    anchor: { line: anchor.line, character: anchor.character },
    active: { line: active.line, character: active.character },
  };
}

/** An edit of nothing: when it is answered, all that VS Code had to say before has arrived. */
async function afterAllSaid(): Promise<void> {
  await vscode.workspace.applyEdit(new vscode.WorkspaceEdit());
}

function setPaths(paths: Iterable<string>): void {
  void vscode.commands.executeCommand('setContext', PATHS_KEY, [...paths]);
}
