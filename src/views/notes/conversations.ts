/**
 * Owns: the documents in which conversations are read, what is marked in them, and marking as read what
 * the user sees. Does not know: how messages are written.
 */
import * as vscode from 'vscode';
import { LensCommands } from '../../decorations/lens-commands.ts';
import type { ChangeEvents } from '../../editor/change-events.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { ConversationKey } from '../../world/note-book.ts';
import { type ConversationText, conversationText, namedPlaces } from './conversation-text.ts';
import type { NoteDesk } from './note-desk.ts';
import { conversationName, headingOf } from './note-words.ts';

export const CONVERSATION_SCHEME = 'agent-world-messages';
const LANGUAGE = 'agent-world-messages';

export class Conversations
  implements
    Disposable,
    vscode.TextDocumentContentProvider,
    vscode.DocumentLinkProvider,
    vscode.CodeLensProvider
{
  readonly #desk: () => NoteDesk | undefined;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #heading = this.#store.add(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      fontWeight: 'bold',
      color: new vscode.ThemeColor('descriptionForeground'),
    }),
  );
  readonly #news = this.#store.add(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      fontWeight: 'bold',
      color: new vscode.ThemeColor('agentWorld.unreadMessage'),
      overviewRulerColor: new vscode.ThemeColor('agentWorld.unreadMessage'),
    }),
  );
  readonly #commands = this.#store.add(new LensCommands());
  /** The first message that was new when the conversation was opened. */
  readonly #newsFrom = new Map<ConversationKey, number>();

  readonly onDidChange = this.#changed.event;

  constructor(desk: () => NoteDesk | undefined, changeEvents: ChangeEvents) {
    this.#desk = desk;
    const { workspace, window, languages } = vscode;
    const selector = { scheme: CONVERSATION_SCHEME };
    this.#store.add(workspace.registerTextDocumentContentProvider(CONVERSATION_SCHEME, this));
    this.#store.add(languages.registerDocumentLinkProvider(selector, this));
    this.#store.add(languages.registerCodeLensProvider(selector, this));
    this.#store.add(window.onDidChangeVisibleTextEditors(() => this.#look()));
    this.#store.add(window.onDidChangeWindowState(() => this.#look()));
    this.#store.add(
      changeEvents.listen(({ document }) => {
        if (document.uri.scheme === CONVERSATION_SCHEME) this.#look();
      }),
    );
  }

  /** Opens a conversation where the news begins, because the user asked for it. */
  async open(desk: NoteDesk, key: ConversationKey): Promise<void> {
    const first = desk.unreadIn(key)[0];
    if (first) this.#newsFrom.set(key, first.noteId);
    const uri = this.#uriOf(desk, key);
    this.#changed.fire(uri);
    const opened = await vscode.workspace.openTextDocument(uri);
    const document = await vscode.languages.setTextDocumentLanguage(opened, LANGUAGE);
    const editor = await vscode.window.showTextDocument(document, { preview: true });
    const { newsLine } = this.#textOf(desk, key);
    const line = newsLine ?? document.lineCount - 1;
    editor.selection = new vscode.Selection(line, 0, line, 0);
    editor.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.Default);
    this.#look();
  }

  /** A conversation has another message, or what is read has changed. */
  update(key: ConversationKey | undefined): void {
    const desk = this.#desk();
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme !== CONVERSATION_SCHEME) continue;
      const shown = desk && conversationIn(desk, uri);
      if (key === undefined || shown === key) this.#changed.fire(uri);
    }
  }

  /** True while the user has a conversation before them. */
  isSeen(key: ConversationKey): boolean {
    const desk = this.#desk();
    if (desk === undefined || !vscode.window.state.focused) return false;
    return visible().some(({ document }) => conversationIn(desk, document.uri) === key);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const desk = this.#desk();
    const key = desk && conversationIn(desk, uri);
    if (desk === undefined || key === undefined) {
      return vscode.l10n.t('These messages are of another world. Open a file of it to see them.');
    }
    return this.#textOf(desk, key).text;
  }

  /** Places in files that somebody named lead there. */
  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const desk = this.#desk();
    if (!desk || conversationIn(desk, document.uri) === undefined) return [];
    const { current } = desk;
    const { view } = current.session;
    const isFile = (path: string): boolean => view.fileAt(path) !== undefined;
    return document
      .getText()
      .split('\n')
      .flatMap((text, row) =>
        namedPlaces(text, isFile).map(({ start, endExclusive, path, line }) => {
          const file = vscode.Uri.joinPath(current.folder.uri, path);
          const range = new vscode.Range(row, start, row, endExclusive);
          return new vscode.DocumentLink(range, file.with({ fragment: `L${line}` }));
        }),
      );
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const desk = this.#desk();
    const key = desk && conversationIn(desk, document.uri);
    if (key === undefined) return [];
    const last = document.lineCount - 1;
    return [
      new vscode.CodeLens(new vscode.Range(last, 0, last, 0), {
        title: `$(reply) ${vscode.l10n.t('Write a Message…')}`,
        command: this.#commands.idOf(key, 'agentWorld.writeMessage', `conversation ${key}`),
      }),
    ];
  }

  dispose(): void {
    this.#store.dispose();
  }

  #look(): void {
    const desk = this.#desk();
    if (desk === undefined) return;
    for (const editor of visible()) {
      const key = conversationIn(desk, editor.document.uri);
      if (key === undefined) continue;
      this.#mark(editor, this.#textOf(desk, key));
      if (vscode.window.state.focused) desk.markRead(key);
    }
  }

  #mark(editor: vscode.TextEditor, { headingLines, newsLine }: ConversationText): void {
    const rangeOf = (line: number): vscode.Range => new vscode.Range(line, 0, line, 0);
    editor.setDecorations(this.#heading, headingLines.map(rangeOf));
    editor.setDecorations(this.#news, newsLine === undefined ? [] : [rangeOf(newsLine)]);
  }

  #textOf({ session, book }: NoteDesk, key: ConversationKey): ConversationText {
    const messages = book.conversation(key)?.messages ?? [];
    const newsFrom = this.#newsFrom.get(key);
    const newsAt = messages.findIndex(({ noteId }) => noteId === newsFrom);
    return conversationText(
      messages.map((note) => ({ heading: headingOf(session, note), text: note.text })),
      newsAt < 0 ? undefined : newsAt,
      vscode.l10n.t('New'),
    );
  }

  #uriOf({ session }: NoteDesk, key: ConversationKey): vscode.Uri {
    const name = conversationName(session, key).replaceAll('/', '∕');
    const title =
      key === 'all' ? vscode.l10n.t('Messages to everybody') : vscode.l10n.t('Messages: {0}', name);
    const query = `${encodeURIComponent(session.database)} ${key}`;
    return vscode.Uri.from({ scheme: CONVERSATION_SCHEME, path: `/${title}`, query });
  }
}

/** The conversation that a document shows, if it is one of this world. */
export function conversationIn(
  { session }: NoteDesk,
  { scheme, query }: vscode.Uri,
): ConversationKey | undefined {
  const world = `${encodeURIComponent(session.database)} `;
  if (scheme !== CONVERSATION_SCHEME || !query.startsWith(world)) return undefined;
  return query.slice(world.length) as ConversationKey;
}

function visible(): readonly vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter(
    ({ document }) => document.uri.scheme === CONVERSATION_SCHEME,
  );
}
