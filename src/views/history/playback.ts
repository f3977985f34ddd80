/**
 * Owns: a document that plays a file's history back, step by step: its text, what it marks, and the
 * clock while it plays. Does not know: how steps are found.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { ChangeEvents } from '../../editor/change-events.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { elapsed } from '../elapsed.ts';
import { colorOf } from './history-items.ts';
import { whatText, whoText } from './history-words.ts';
import type { PlaybackStep, PlaybackSteps } from './playback-steps.ts';

export const PLAYBACK_SCHEME = 'agent-world-playback';

/** How long each step is shown while it plays. */
const STEP_MS = 900;

/** What is played, and where it has come to: 0 is before the first step. */
interface Playing extends PlaybackSteps {
  readonly session: WorldSession;
  readonly path: string;
  at: number;
}

/** One playback a window: a new one takes its place. */
export class Playback
  implements Disposable, vscode.TextDocumentContentProvider, vscode.CodeLensProvider
{
  readonly #nowMs: () => number;
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #lenses = this.#store.add(new vscode.EventEmitter<void>());
  readonly #mark = this.#store.add(
    vscode.window.createTextEditorDecorationType({
      backgroundColor: new vscode.ThemeColor('diffEditor.insertedTextBackground'),
      overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.addedForeground'),
    }),
  );
  readonly #label = this.#store.add(vscode.window.createTextEditorDecorationType({}));
  #playing: Playing | undefined;
  #timer: NodeJS.Timeout | undefined;

  readonly onDidChange = this.#changes.event;
  readonly onDidChangeCodeLenses = this.#lenses.event;

  constructor(nowMs: () => number, changeEvents: ChangeEvents) {
    this.#nowMs = nowMs;
    const selector = { scheme: PLAYBACK_SCHEME };
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(PLAYBACK_SCHEME, this));
    this.#store.add(vscode.languages.registerCodeLensProvider(selector, this));
    this.#store.add(
      changeEvents.listen(({ document }) => {
        if (document.uri.scheme === PLAYBACK_SCHEME) this.#draw();
      }),
    );
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#looked()));
  }

  /** Opens the document at a step; the last one shows the text as it came to be. */
  async open(session: WorldSession, file: string, steps: PlaybackSteps, at: number): Promise<void> {
    this.pause();
    this.#playing = { ...steps, session, path: file, at };
    const uri = uriOf(file);
    this.#changes.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
    this.#show();
  }

  /** Goes so many steps on or back; stays at the ends. */
  step(by: number): void {
    this.pause();
    this.#go(by);
  }

  play(): void {
    const playing = this.#playing;
    if (!playing || this.#timer) return;
    // Whoever plays at the end wants to see it again.
    if (playing.at >= playing.steps.length) playing.at = 0;
    this.#setTimer();
    this.#show();
  }

  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    setPlaying(false);
    this.#lenses.fire();
  }

  /** The version that is shown, for whoever restores it; undefined when nothing is played. */
  get shownVersion(): { readonly fileId: number; readonly version: number } | undefined {
    const { steps, at, startVersion } = this.#playing ?? {};
    const fileId = steps?.[0]?.entry.fileId;
    if (!steps || at === undefined || fileId === undefined) return undefined;
    const version = at === 0 ? (startVersion ?? 0) : steps[at - 1]!.entry.ops[0]!.version;
    return { fileId, version };
  }

  provideTextDocumentContent(): string {
    return this.#text();
  }

  provideCodeLenses(): vscode.CodeLens[] {
    const playing = this.#playing;
    if (!playing) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const isPlaying = this.#timer !== undefined;
    const lens = (title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(top, { title, command });
    return [
      lens(this.#where(playing), ''),
      lens(`$(chevron-left) ${vscode.l10n.t('Previous')}`, 'agentWorld.playbackPrevious'),
      isPlaying
        ? lens(`$(debug-pause) ${vscode.l10n.t('Pause')}`, 'agentWorld.playbackPause')
        : lens(`$(play) ${vscode.l10n.t('Play')}`, 'agentWorld.playbackPlay'),
      lens(`$(chevron-right) ${vscode.l10n.t('Next')}`, 'agentWorld.playbackNext'),
    ];
  }

  /** The window left its world: what is played was that one's. */
  leave(): void {
    this.pause();
    this.#playing = undefined;
  }

  dispose(): void {
    this.pause();
    this.#store.dispose();
  }

  #text(): string {
    const playing = this.#playing;
    if (!playing) return '';
    const { start, steps, at } = playing;
    return (at === 0 ? start : steps[at - 1]!.text).toString();
  }

  #where({ session, steps, at }: Playing): string {
    const place = vscode.l10n.t('Step {0} of {1}', at, steps.length);
    const step = steps[at - 1];
    return step ? `${place} · ${this.#describe(session, step)}` : place;
  }

  #describe(session: WorldSession, { entry }: PlaybackStep): string {
    const when = elapsed(entry.ops[0]!.madeAtMs, this.#nowMs());
    return `${whoText(session, entry.author)} ${whatText(session, entry)} · ${when}`;
  }

  #setTimer(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#go(1);
      const playing = this.#playing;
      if (playing && playing.at < playing.steps.length) this.#setTimer();
      else setPlaying(false);
      this.#lenses.fire();
    }, STEP_MS);
    setPlaying(true);
  }

  #go(by: number): void {
    const playing = this.#playing;
    if (!playing) return;
    playing.at = Math.max(0, Math.min(playing.steps.length, playing.at + by));
    this.#show();
  }

  #show(): void {
    if (!this.#playing) return;
    this.#changes.fire(uriOf(this.#playing.path));
    this.#lenses.fire();
    this.#draw();
  }

  /** Nobody looks any more: nothing goes on. */
  #looked(): void {
    if (editorsOf().length === 0) this.pause();
    else this.#draw();
  }

  /** Marks what the step put in, once the document has its text. */
  #draw(): void {
    const playing = this.#playing;
    const step = playing?.steps[playing.at - 1];
    for (const editor of editorsOf()) {
      const isThere = editor.document.getText() === this.#text();
      const ranges = step && isThere ? step.ranges.map(rangeOf) : [];
      editor.setDecorations(
        this.#mark,
        ranges.filter((range) => !range.isEmpty),
      );
      const [first] = ranges;
      const text = step && playing ? this.#describe(playing.session, step) : '';
      editor.setDecorations(
        this.#label,
        first && step && playing
          ? [
              labelAt(
                editor.document.lineAt(first.start.line).range.end,
                text,
                colorOf(playing.session, step.entry.author),
              ),
            ]
          : [],
      );
      if (first) editor.revealRange(first, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }
}

/** Its tab must not be taken for that of the file. */
function uriOf(file: string): vscode.Uri {
  const name = `▶ ${path.posix.basename(file)}`;
  return vscode.Uri.from({ scheme: PLAYBACK_SCHEME, path: `/${path.posix.dirname(file)}/${name}` });
}

function editorsOf(): readonly vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter(
    ({ document }) => document.uri.scheme === PLAYBACK_SCHEME,
  );
}

function rangeOf({ start, end }: PlaybackStep['ranges'][number]): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

function labelAt(
  place: vscode.Position,
  contentText: string,
  color: vscode.ThemeColor,
): vscode.DecorationOptions {
  return {
    range: new vscode.Range(place, place),
    renderOptions: { after: { contentText, color, margin: '0 0 0 2em', fontStyle: 'italic' } },
  };
}

function setPlaying(isPlaying: boolean): void {
  void vscode.commands.executeCommand('setContext', 'agentWorld.playing', isPlaying);
}
