/**
 * Owns: marking in the editors in sight where two members are about to meet, and going there. Does not know: how
 * that is found, how agents are told.
 */
import * as vscode from 'vscode';
import { MeetingLines, type MeetingMark } from '../../decorations/meeting-lines.ts';
import type { BoundDocument } from '../../editor/bound-document.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { onSetting, readSettings } from '../../editor/settings.ts';
import type { SymbolAt } from '../../world/file-meetings.ts';
import { innermostSymbol, type SymbolLines } from '../../world/symbol-lines.ts';
import { MeetingFeed } from './meeting-feed.ts';
import { MeetingStatus } from './meeting-status.ts';
import { meetingWords } from './meeting-words.ts';

interface Entered {
  readonly current: FolderWorld;
  readonly feed: MeetingFeed;
}

export class MeetingMarks implements Disposable {
  readonly #store = new DisposableStore();
  readonly #lines = this.#store.add(new MeetingLines());
  readonly #status = this.#store.add(new MeetingStatus());
  #stops = new DisposableStore();
  #current: FolderWorld | undefined;
  #entered: Entered | undefined;

  constructor() {
    const { window } = vscode;
    this.#store.add(onSetting('presence.meetings', () => this.enter(this.#current)));
    this.#store.add(window.onDidChangeVisibleTextEditors(() => this.#watch()));
    this.#store.add(window.onDidChangeActiveTextEditor(() => this.#drawStatus()));
    this.#store.add(
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.#draw(textEditor)),
    );
  }

  enter(current: FolderWorld | undefined): void {
    this.#stops.dispose();
    this.#stops = new DisposableStore();
    this.#current = current;
    this.#entered = current && readSettings().presenceMeetings ? this.#enter(current) : undefined;
    this.#watch();
  }

  /** Puts the cursor where members meet next in the active editor, and shows who it is. */
  async goToNext(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const marks = editor ? this.#marksIn(editor.document) : [];
    if (!editor || marks.length === 0) {
      const text = vscode.l10n.t('Nobody is about to meet in this file.');
      vscode.window.setStatusBarMessage(text, SAID_MS);
      return;
    }
    const { line } = editor.selection.active;
    const next = marks.find(({ firstLine }) => firstLine > line) ?? marks[0]!;
    const { firstNonWhitespaceCharacterIndex: character } = editor.document.lineAt(
      Math.min(next.firstLine, editor.document.lineCount - 1),
    );
    const at = new vscode.Position(next.firstLine, character);
    const { document, viewColumn } = editor;
    await vscode.window.showTextDocument(document, {
      ...(viewColumn && { viewColumn }),
      selection: new vscode.Range(at, at),
    });
    await vscode.commands.executeCommand('editor.action.showHover');
  }

  dispose(): void {
    this.#stops.dispose();
    this.#store.dispose();
  }

  #enter(current: FolderWorld): Entered {
    const feed = this.#stops.add(
      new MeetingFeed({
        session: current.session,
        symbolsOf: (fileId, version) => symbolsIn(current.documents.ofFile(fileId), version),
        onChange: (fileId) => this.#drawFile(fileId),
      }),
    );
    // A document may be in sight before it is bound.
    this.#stops.add(current.onBinding(() => this.#watch()));
    this.#stops.add(
      current.onText(({ bound: { fileId }, update: { by } }) => {
        // Places are drawn without a version: what was to come into the document first is there now.
        const isOwn = by === 'user' || by === 'undo';
        if (!isOwn && fileId !== undefined && feed.in(fileId).meetings.length > 0) {
          this.#drawFile(fileId);
        }
      }),
    );
    return { current, feed };
  }

  #watch(): void {
    const { current, feed } = this.#entered ?? {};
    const shown = vscode.window.visibleTextEditors.flatMap(
      ({ document }) => current?.documents.of(document)?.fileId ?? [],
    );
    feed?.watch(new Set(shown));
    for (const editor of vscode.window.visibleTextEditors) this.#draw(editor);
    this.#drawStatus();
  }

  #drawFile(fileId: number): void {
    const document = this.#entered?.current.documents.ofFile(fileId)?.document;
    if (!document) return;
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) this.#draw(editor);
    }
    if (vscode.window.activeTextEditor?.document === document) this.#drawStatus();
  }

  #draw(editor: vscode.TextEditor): void {
    const bound = this.#entered?.current.documents.of(editor.document);
    const marks = this.#marksIn(editor.document);
    // What is to come into the document moves those that are drawn; then they are drawn anew.
    if (marks.length > 0 && bound?.positions?.awaitsText) return;
    this.#lines.show(editor, marks);
  }

  #drawStatus(): void {
    const document = vscode.window.activeTextEditor?.document;
    this.#status.show(document ? this.#marksIn(document) : []);
  }

  /** In the order of their lines. */
  #marksIn(document: vscode.TextDocument): readonly MeetingMark[] {
    const { current, feed } = this.#entered ?? {};
    const bound = current?.documents.of(document);
    const { positions, fileId } = bound ?? {};
    if (!current || !feed || !positions || fileId === undefined) return [];
    const { version, meetings } = feed.in(fileId);
    const words = new Map<string, string[]>();
    for (const meeting of meetings) {
      const { firstLine, lastLine } = positions.linesToEditor(meeting.lines, version);
      const key = `${firstLine} ${lastLine}`;
      const said = meetingWords(current.session.view, meeting);
      words.set(key, [...(words.get(key) ?? []), said]);
    }
    return [...words]
      .map(([key, said]) => {
        const [firstLine, lastLine] = key.split(' ').map(Number) as [number, number];
        return { firstLine, lastLine, words: said.join('\n\n') };
      })
      .sort((a, b) => a.firstLine - b.firstLine);
  }
}

const SAID_MS = 4_000;

/** What a language server tells of a document, found by lines of the world's text; undefined where none does. */
async function symbolsIn(
  bound: BoundDocument | undefined,
  version: number,
): Promise<SymbolAt | undefined> {
  if (!bound) return undefined;
  const told: unknown = await vscode.commands.executeCommand(
    'vscode.executeDocumentSymbolProvider',
    bound.document.uri,
  );
  const symbols = Array.isArray(told) ? told.filter(isSymbol).map(symbolLines) : [];
  const { positions } = bound;
  if (symbols.length === 0 || !positions) return undefined;
  return (line) => {
    const { firstLine } = positions.linesToEditor({ firstLine: line, lastLine: line }, version);
    return innermostSymbol(symbols, firstLine);
  };
}

/** Older providers tell a flat list, which has no innermost symbol. */
function isSymbol(symbol: unknown): symbol is vscode.DocumentSymbol {
  return typeof symbol === 'object' && symbol !== null && 'children' in symbol;
}

function symbolLines({ range, children }: vscode.DocumentSymbol): SymbolLines {
  return {
    firstLine: range.start.line,
    lastLine: range.end.line,
    children: children.map(symbolLines),
  };
}
