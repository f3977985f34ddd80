/**
 * Owns: showing who wrote each line: before the lines while that is on, and on hover. Does no work
 * while it is off and nobody hovers. Does not know: how authorship is computed.
 */
import * as vscode from 'vscode';
import type { Share } from '../../core/authorship.ts';
import type { Origin } from '../../core/origin.ts';
import { UNATTRIBUTED } from '../../core/unattributed.ts';
import { AuthorshipMarks, type LineMark } from '../../decorations/authorship-marks.ts';
import type { BoundDocument } from '../../editor/bound-document.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { readSettings } from '../../editor/settings.ts';
import { AuthorshipReader } from '../../world/file-authorship.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { Coalescer, within } from '../coalescer.ts';
import { elapsed } from '../elapsed.ts';
import { kindName } from '../members/member-words.ts';
import { colorOf } from './history-items.ts';
import { whoText } from './history-words.ts';
import { DocumentAuthors, type LineAuthors } from './line-authors.ts';

/** Lines beyond the visible ones that are marked, too, so that little scrolling shows no gaps. */
const MARGIN_LINES = 40;
/** The history is looked at again at most so often while somebody types. */
const REFRESH_MS = 120;
const MINUTE_MS = 60_000;

export interface AuthorshipViewOptions {
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}

interface Entered {
  readonly current: FolderWorld;
  readonly reader: AuthorshipReader;
}

export class AuthorshipView implements Disposable, vscode.HoverProvider {
  readonly #options: AuthorshipViewOptions;
  readonly #store = new DisposableStore();
  #entered: Entered | undefined;
  /** What is there only while lines are marked. */
  #on: DisposableStore | undefined;
  #marks: AuthorshipMarks | undefined;
  #turn: Coalescer<vscode.TextDocument> | undefined;

  constructor(options: AuthorshipViewOptions) {
    this.#options = options;
    this.#store.add(vscode.languages.registerHoverProvider({ scheme: 'file' }, this));
  }

  enter(current: FolderWorld | undefined): void {
    const wasOn = this.#on !== undefined;
    this.hide();
    this.#entered = current && { current, reader: new AuthorshipReader(current.session) };
    if (wasOn && current) this.show();
  }

  /** Marks the lines of all editors that show files of the world, from now on. */
  show(): void {
    const entered = this.#entered;
    if (!entered || this.#on) return;
    const on = new DisposableStore();
    this.#on = on;
    this.#marks = on.add(new AuthorshipMarks());
    this.#turn = on.add(
      new Coalescer<vscode.TextDocument>(within(REFRESH_MS), (documents) => {
        for (const document of documents) this.#draw(document);
      }),
    );
    this.#follow(entered.current, on);
    setShown(true);
    this.#markVisible();
  }

  hide(): void {
    this.#on?.dispose();
    this.#on = undefined;
    this.#marks = undefined;
    this.#turn = undefined;
    setShown(false);
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const entered = this.#entered;
    const bound = entered?.current.documents.of(document);
    if (!entered || !bound?.binding || !readSettings().authorshipHover) return undefined;
    const authors = await DocumentAuthors.read(entered.reader, bound);
    if (!authors || authors === 'later' || token.isCancellationRequested) return undefined;
    const { session } = entered.current;
    if (authors.ofLine(position.line) === 'unsent') return undefined;
    const run = authors
      .runsOf(position.line)
      .find(({ start, end }) => start <= position.character && position.character < end);
    if (!run) return undefined;
    const range = new vscode.Range(position.line, run.start, position.line, run.end);
    return new vscode.Hover(this.#hoverText(session, run.origin, bound), range);
  }

  dispose(): void {
    this.hide();
    this.#store.dispose();
  }

  #follow({ session, documents, onText, onBinding }: FolderWorld, on: DisposableStore): void {
    on.add(onText(({ bound }) => this.#turn?.mark(bound.document)));
    on.add(onBinding(({ document }) => this.#turn?.mark(document)));
    on.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#markVisible()));
    on.add(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) =>
        this.#turn?.mark(textEditor.document),
      ),
    );
    on.addStop(
      session.view.files.onChange(({ after }) => {
        const bound = after && documents.ofFile(after.fileId);
        if (bound) this.#turn?.mark(bound.document);
      }),
    );
    const ageing = setInterval(() => this.#markVisible(), MINUTE_MS);
    on.addStop(() => clearInterval(ageing));
  }

  #markVisible(): void {
    for (const { document } of vscode.window.visibleTextEditors) this.#turn?.mark(document);
  }

  #draw(document: vscode.TextDocument): void {
    const editors = vscode.window.visibleTextEditors.filter((each) => each.document === document);
    const bound = this.#entered?.current.documents.of(document);
    if (editors.length === 0 || !bound?.binding) return;
    this.#drawBound(bound, editors).catch((error: unknown) => this.#options.onError(error));
  }

  async #drawBound(bound: BoundDocument, editors: readonly vscode.TextEditor[]): Promise<void> {
    const { reader, current } = this.#entered!;
    const marks = this.#marks;
    const authors = await DocumentAuthors.read(reader, bound);
    if (!marks || marks !== this.#marks || !authors) return;
    if (authors === 'later') {
      // The history and the document are told of a new op one after the other.
      if (current.session.link) this.#turn?.mark(bound.document);
      return;
    }
    for (const editor of editors) marks.show(editor, this.#marksOf(current, editor, authors));
  }

  #marksOf(
    { session }: FolderWorld,
    editor: vscode.TextEditor,
    authors: DocumentAuthors,
  ): readonly LineMark[] {
    const marks: LineMark[] = [];
    for (const { start, end } of editor.visibleRanges) {
      const first = Math.max(0, start.line - MARGIN_LINES, (marks.at(-1)?.line ?? -1) + 1);
      const last = Math.min(editor.document.lineCount - 1, end.line + MARGIN_LINES);
      let above = '';
      for (let line = first; line <= last; line++) {
        const author = authors.ofLine(line);
        if (author === undefined) continue;
        const { label, color } = this.#markOf(session, author);
        marks.push({ line, label: label === above ? '' : label, color });
        above = label;
      }
    }
    return marks;
  }

  #markOf(session: WorldSession, authors: LineAuthors): Omit<LineMark, 'line'> {
    if (authors === 'unsent') {
      const label = vscode.l10n.t('you, not sent yet');
      return { label, color: colorOf(session, session.identity) };
    }
    // Who wrote into a line that came with the folder is whom one looks for.
    const [{ author, isImported, newest }, ...others] = authors.toSorted(
      (a, b) => Number(a.isImported) - Number(b.isImported),
    ) as [Share, ...Share[]];
    const when = elapsed(millisecondsOf(newest), this.#options.nowMs());
    if (isImported) {
      const label = vscode.l10n.t('import · {0}', when);
      return { label, color: new vscode.ThemeColor('disabledForeground') };
    }
    const name = shortName(session, author);
    const who = others.length === 0 ? name : vscode.l10n.t('{0} +{1}', name, others.length);
    return { label: `${who} · ${when}`, color: colorOf(session, author) };
  }

  #hoverText(
    session: WorldSession,
    origin: Origin,
    { path }: BoundDocument,
  ): vscode.MarkdownString {
    const { opSeq } = origin;
    const when = elapsed(millisecondsOf(origin), this.#options.nowMs());
    const text = new vscode.MarkdownString();
    text.isTrusted = { enabledCommands: ['agentWorld.openOp'] };
    text.appendText(originText(session, origin, when));
    const link = encodeURIComponent(JSON.stringify([{ opSeq, path }]));
    const name = vscode.l10n.t('op {0}', opSeq);
    text.appendMarkdown(` · [${name}](command:agentWorld.openOp?${link})`);
    return text;
  }
}

function originText(session: WorldSession, { author, isImported }: Origin, when: string): string {
  const who = whoText(session, author);
  if (author === UNATTRIBUTED.identity) {
    return vscode.l10n.t(
      'Written to the disk by a tool, nobody is known to have done it · {0}',
      when,
    );
  }
  if (isImported) return vscode.l10n.t('Came with the folder, brought in by {0} · {1}', who, when);
  const what = kindName(session.view.members.get(author)?.kind ?? 'human');
  return vscode.l10n.t('{0} ({1}) · {2}', who, what, when);
}

function setShown(isShown: boolean): void {
  void vscode.commands.executeCommand('setContext', 'agentWorld.authorship', isShown);
}

function shortName(session: WorldSession, author: string): string {
  if (author === session.identity) return vscode.l10n.t('you');
  return whoText(session, author);
}

function millisecondsOf({ madeAtMicros }: Origin): number {
  return Number(madeAtMicros / 1000n);
}
