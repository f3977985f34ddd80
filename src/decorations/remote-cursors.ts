import * as vscode from 'vscode';
import type { Changes } from '../core/change.ts';
import { comparePositions, type Position } from '../core/position.ts';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import { CursorTrack, type TrackedSelection } from './cursor-track.ts';
import { sightOfLabel } from './label-fade.ts';
import {
  createLabelType,
  createParticipantStyle,
  PARTICIPANT_COLORS,
  type ParticipantStyle,
} from './participant-style.ts';
import { ShownDecorations } from './shown-decorations.ts';

/** Who stands behind a cursor. */
export interface CursorOwner {
  readonly connectionId: string;
  readonly name: string;
  readonly kind: 'human' | 'agent';
  /** From 0; the same for all connections of one member. */
  readonly colorIndex: number;
  /** What an agent says it does; may be empty. */
  readonly activity: string;
}

export interface CursorSettings {
  readonly show: 'all' | 'people' | 'off';
  readonly labels: boolean;
  /** How long a name stays beside a cursor that rests; 0 is for ever. */
  readonly labelMs: number;
}

export interface RemoteCursorsOptions {
  readonly settings: () => CursorSettings;
  readonly nowMs: () => number;
  /** Calls once after a delay in milliseconds; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => () => void;
}

/** At most one drawing in this time, whatever the number of participants. */
const DRAW_INTERVAL_MS = 50;

/** Draws the cursors, selections and names of others in all visible editors. */
export class RemoteCursors implements Disposable {
  readonly #options: RemoteCursorsOptions;
  readonly #tracks = new Map<vscode.TextDocument, CursorTrack>();
  readonly #owners = new Map<string, CursorOwner>();
  readonly #styles = new Map<number, ParticipantStyle>();
  readonly #changed = new Set<vscode.TextDocument>();
  /** When each cursor moved last, or came into sight. */
  readonly #movedAtMs = new Map<string, number>();
  /** When the names in a document are to be drawn fainter. */
  readonly #fadesAtMs = new Map<vscode.TextDocument, number>();
  readonly #store = new DisposableStore();
  /** Of all names: each has its colour with its place. */
  readonly #labelType = this.#store.add(createLabelType());
  readonly #shown = new ShownDecorations();
  #visible: ReadonlySet<vscode.TextDocument> = visibleDocuments();
  /** The only timer: the next drawing, whether something moved or a name fades. */
  #wake: { readonly dueMs: number; readonly cancel: () => void } | undefined;

  constructor(options: RemoteCursorsOptions) {
    this.#options = options;
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#visibleChanged()));
  }

  /** Puts a participant's cursors into a document; without selections, or elsewhere before, they leave. */
  place(
    document: vscode.TextDocument | undefined,
    owner: CursorOwner,
    selections: readonly TrackedSelection[],
  ): void {
    const { connectionId } = owner;
    const cursor = { connectionId, selections };
    const isAgain =
      this.#owners.get(connectionId)?.activity === owner.activity &&
      document !== undefined &&
      this.#tracks.get(document)?.has(cursor);
    this.#owners.set(connectionId, owner);
    if (isAgain !== true) this.#movedAtMs.set(connectionId, this.#options.nowMs());
    for (const [other, track] of this.#tracks) {
      if (other !== document && track.remove(connectionId)) this.#scheduleDraw(other);
    }
    if (document === undefined) return;
    this.#trackOf(document).put(cursor);
    this.#scheduleDraw(document);
  }

  /** A connection ended. */
  leave(connectionId: string): void {
    this.#owners.delete(connectionId);
    this.#movedAtMs.delete(connectionId);
    for (const [document, track] of this.#tracks) {
      if (track.remove(connectionId)) this.#scheduleDraw(document);
    }
  }

  /** The text of a document changed; VS Code moves what is drawn by itself. */
  moveAlong(document: vscode.TextDocument, changes: Changes, by: 'user' | 'world'): void {
    const track = this.#tracks.get(document);
    if (track === undefined || track.isEmpty) return;
    track.move(changes, by === 'user' ? 'before' : 'after');
    // An arriving edit pushes its author's cursor along, which VS Code does not know.
    if (by === 'world') this.#scheduleDraw(document);
  }

  /** A document was closed. */
  forget(document: vscode.TextDocument): void {
    this.#tracks.delete(document);
    this.#changed.delete(document);
    this.#fadesAtMs.delete(document);
  }

  /** Removes everybody, for instance when the connection is lost. */
  clear(): void {
    this.#owners.clear();
    this.#movedAtMs.clear();
    for (const document of this.#tracks.keys()) this.#scheduleDraw(document);
    this.#tracks.clear();
  }

  /** Draws again, for instance with other settings. */
  refresh(): void {
    for (const document of this.#tracks.keys()) this.#scheduleDraw(document);
  }

  dispose(): void {
    this.#wake?.cancel();
    this.#store.dispose();
    for (const style of this.#styles.values()) style.dispose();
    this.#styles.clear();
    this.#tracks.clear();
  }

  #trackOf(document: vscode.TextDocument): CursorTrack {
    let track = this.#tracks.get(document);
    if (track === undefined) this.#tracks.set(document, (track = new CursorTrack()));
    return track;
  }

  /** Whoever is in a document that comes into sight is named, however long they have rested. */
  #visibleChanged(): void {
    const before = this.#visible;
    this.#visible = visibleDocuments();
    const nowMs = this.#options.nowMs();
    for (const document of this.#visible) {
      const track = this.#tracks.get(document);
      if (track === undefined) continue;
      if (!before.has(document)) {
        for (const { connectionId } of track.cursors()) this.#movedAtMs.set(connectionId, nowMs);
      }
      this.#draw(document);
    }
    this.#wakeForNames();
  }

  #scheduleDraw(document: vscode.TextDocument): void {
    this.#changed.add(document);
    this.#wakeIn(DRAW_INTERVAL_MS);
  }

  #wakeIn(delayMs: number): void {
    const dueMs = this.#options.nowMs() + delayMs;
    if (this.#wake && this.#wake.dueMs <= dueMs) return;
    this.#wake?.cancel();
    this.#wake = { dueMs, cancel: this.#options.after(delayMs, () => this.#woken()) };
  }

  #woken(): void {
    this.#wake = undefined;
    const nowMs = this.#options.nowMs();
    for (const [document, dueMs] of this.#fadesAtMs)
      if (dueMs <= nowMs) this.#changed.add(document);
    for (const document of this.#changed) this.#draw(document);
    this.#changed.clear();
    this.#wakeForNames();
  }

  #wakeForNames(): void {
    if (this.#fadesAtMs.size === 0) return;
    const delayMs = Math.min(...this.#fadesAtMs.values()) - this.#options.nowMs();
    this.#wakeIn(Math.max(1, Math.ceil(delayMs)));
  }

  #draw(document: vscode.TextDocument): void {
    this.#fadesAtMs.delete(document);
    const editors = vscode.window.visibleTextEditors.filter(
      (editor) => editor.document === document,
    );
    if (editors.length === 0) return;
    const { colors, labels } = this.#drawingOf(document);
    for (const editor of editors) {
      for (const [index, { selections, carets }] of colors) {
        const style = this.#styleOf(index);
        this.#shown.set(editor, style.selection, selections);
        this.#shown.set(editor, style.caret, carets);
      }
      this.#shown.set(editor, this.#labelType, labels);
    }
  }

  /** What to draw; with an entry for every colour in use, so that those who left disappear. */
  #drawingOf(document: vscode.TextDocument): Drawing {
    const drawings = new Map<number, ColorDrawing>();
    const names: vscode.DecorationOptions[] = [];
    for (const index of this.#styles.keys()) drawings.set(index, emptyDrawing());
    const { show, labels, labelMs } = this.#options.settings();
    const nowMs = this.#options.nowMs();
    for (const { connectionId, selections } of this.#tracks.get(document)?.cursors() ?? []) {
      const owner = this.#owners.get(connectionId);
      if (owner === undefined || show === 'off') continue;
      if (show === 'people' && owner.kind !== 'human') continue;
      const index = owner.colorIndex % PARTICIPANT_COLORS;
      let drawing = drawings.get(index);
      if (drawing === undefined) drawings.set(index, (drawing = emptyDrawing()));
      const { color } = this.#styleOf(index);
      const hover = hoverOf(owner);
      for (const selection of selections) drawSelection(drawing, document, selection, hover);
      const first = selections[0];
      const opacity = labels && first ? this.#nameSight(document, connectionId, nowMs, labelMs) : 0;
      if (first && opacity > 0) {
        names.push(labelOf(document, first.active, { owner, color, opacity, hover }));
      }
    }
    return { colors: drawings, labels: names };
  }

  /** How well the name is seen now; notes when that changes. */
  #nameSight(
    document: vscode.TextDocument,
    connectionId: string,
    nowMs: number,
    stayMs: number,
  ): number {
    const ageMs = nowMs - (this.#movedAtMs.get(connectionId) ?? nowMs);
    const { opacity, nextMs } = sightOfLabel(ageMs, stayMs);
    if (nextMs !== undefined) {
      const fadesAtMs = Math.min(this.#fadesAtMs.get(document) ?? Infinity, nowMs + nextMs);
      this.#fadesAtMs.set(document, fadesAtMs);
    }
    return opacity;
  }

  #styleOf(index: number): ParticipantStyle {
    let style = this.#styles.get(index);
    if (style === undefined) this.#styles.set(index, (style = createParticipantStyle(index)));
    return style;
  }
}

interface Drawing {
  readonly colors: ReadonlyMap<number, ColorDrawing>;
  readonly labels: vscode.DecorationOptions[];
}

interface ColorDrawing {
  readonly selections: vscode.DecorationOptions[];
  readonly carets: vscode.DecorationOptions[];
}

function visibleDocuments(): ReadonlySet<vscode.TextDocument> {
  return new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
}

function emptyDrawing(): ColorDrawing {
  return { selections: [], carets: [] };
}

function drawSelection(
  drawing: ColorDrawing,
  document: vscode.TextDocument,
  { anchor, active }: TrackedSelection,
  hoverMessage: vscode.MarkdownString,
): void {
  const place = placeIn(document, active);
  drawing.carets.push({ range: new vscode.Range(place, place), hoverMessage });
  if (comparePositions(anchor, active) === 0) return;
  const range = new vscode.Range(placeIn(document, anchor), place);
  drawing.selections.push({ range, hoverMessage });
}

/** The name stands behind the end of the line, where it covers no text and moves none. */
function labelOf(
  document: vscode.TextDocument,
  active: Position,
  label: {
    readonly owner: CursorOwner;
    readonly color: vscode.ThemeColor;
    readonly opacity: number;
    readonly hover: vscode.MarkdownString;
  },
): vscode.DecorationOptions {
  const { owner, color, opacity, hover } = label;
  const { end } = document.lineAt(placeIn(document, active)).range;
  return {
    range: new vscode.Range(end, end),
    hoverMessage: hover,
    renderOptions: {
      after: {
        contentText: labelText(owner),
        color,
        margin: '0 0 0 1.5em',
        textDecoration: `none; font-size: 85%; opacity: ${opacity};`,
      },
    },
  };
}

function labelText({ name, kind, activity }: CursorOwner): string {
  if (kind === 'human') return name;
  return activity === '' ? `⚙ ${name}` : `⚙ ${name} · ${activity}`;
}

function hoverOf({ name, kind, activity }: CursorOwner): vscode.MarkdownString {
  const who = kind === 'agent' ? vscode.l10n.t('agent') : vscode.l10n.t('person');
  const hover = new vscode.MarkdownString();
  hover.appendText(`${name} (${who})`);
  if (activity !== '') hover.appendMarkdown('\n\n').appendText(activity);
  return hover;
}

/** Others may be ahead of this document: their place is the nearest that exists here. */
function placeIn(document: vscode.TextDocument, { line, character }: Position): vscode.Position {
  if (line >= document.lineCount) return document.lineAt(document.lineCount - 1).range.end;
  const { length } = document.lineAt(line).text;
  return new vscode.Position(line, Math.min(character, length));
}
