/**
 * Owns: the page of one agent: what is sent to it and when, and what it tells. The page holds nothing but what it shows,
 * so a hidden one costs nothing and is drawn anew from here; what was typed in it is kept by the page's own state. Does
 * not know: how runs begin and end.
 */
import * as vscode from 'vscode';
import type {
  AgentRun,
  PromptFile,
  RunChange,
  RunEntry,
  ToolDiff,
  ToolLocation,
} from '../../acp/agent-run.ts';
import { toHex } from '../../core/hash.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { Coalescer, within } from '../coalescer.ts';
import { shownEntry, spokenAsk, spokenEntry } from './entry-words.ts';
import { PromptBox } from './prompt-box.ts';
import { runPage } from './run-page.ts';
import { type RunSubject, shownState } from './run-state-words.ts';
import { RunUpdates } from './run-updates.ts';
import type { FromPage, PageState, ShownEntry, ShownOffer, ToPage } from './shown-run.ts';

export interface RunPanelParts {
  readonly state: PageState;
  /** The client's name, as its makers write it. */
  readonly client: string;
  readonly subject: RunSubject;
  readonly randomBytes: RandomBytes;
  /** Of the participants' colours, from 1; 0 for none. */
  readonly color: () => number;
  /** What is selected in the editor, in a file of the agent's world. */
  readonly selection: () => PromptFile | undefined;
  /** What stands in the box of the next prompt. */
  readonly onTyped: (text: string) => void;
  readonly onOffer: (name: ShownOffer['name']) => void;
  readonly onLink: (location: ToolLocation) => void;
  readonly onDiff: (diff: ToolDiff) => void;
  readonly onClosed: () => void;
}

export class RunPanel implements Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #parts: RunPanelParts;
  readonly #store = new DisposableStore();
  readonly #updates: RunUpdates;
  readonly #texts: Coalescer<string>;
  readonly #box: PromptBox;
  #subject: RunSubject;
  #stopListening = (): void => {};
  /** The page listens: it exists, and is seen. */
  #isReady = false;
  /** Counts whole drawings, so that one gives way to the next. */
  #drawing = 0;
  /** What changes while everything is drawn is sent after it: else it would come before what is above it. */
  #isDrawing = false;
  #askId = '';

  constructor(panel: vscode.WebviewPanel, parts: RunPanelParts) {
    this.#panel = panel;
    this.#parts = parts;
    this.#subject = parts.subject;
    const { name } = parts.state;
    this.#updates = new RunUpdates((entry) => shownEntry(entry, name));
    this.#texts = this.#store.add(
      new Coalescer<string>(within(TEXT_MS), (ids) => this.#sendChanged(ids)),
    );
    this.#box = new PromptBox({
      post: (message) => this.#post(message),
      run: () => this.#run,
      selection: parts.selection,
    });
    this.#store.add(panel.webview.onDidReceiveMessage((message: FromPage) => this.#heard(message)));
    this.#store.add(
      panel.onDidChangeViewState(() => {
        // A hidden page is gone, and says that it is ready when it is made again.
        if (!panel.visible) this.#isReady = false;
        this.#tellWhetherItAsks();
      }),
    );
    this.#store.add(
      panel.onDidDispose(() => {
        this.dispose();
        parts.onClosed();
      }),
    );
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    panel.webview.html = runPage(toHex(parts.randomBytes(16)), parts.state);
    this.show(parts.subject);
  }

  get isVisible(): boolean {
    return this.#panel.visible;
  }

  get isActive(): boolean {
    return this.#panel.active;
  }

  get viewColumn(): vscode.ViewColumn | undefined {
    return this.#panel.viewColumn;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** Chooses, by its number from 1, of what the page offers to a permission that is asked for. */
  answer(number: number): void {
    const { id = '', choices = [] } = this.#ask() ?? {};
    const choice = choices[number - 1];
    if (choice && this.#isReady) this.#heard({ tag: 'answer', id, optionId: choice.optionId });
  }

  /** Another run of the same agent, or none. */
  show(subject: RunSubject): void {
    this.#stopListening();
    this.#subject = subject;
    this.#stopListening =
      subject.tag === 'run' ? subject.run.onChange((change) => this.#changed(change)) : () => {};
    this.#sendWhole();
  }

  close(): void {
    this.#panel.dispose();
  }

  dispose(): void {
    this.#isReady = false;
    this.#stopListening();
    this.#store.dispose();
  }

  get #entries(): readonly RunEntry[] {
    return this.#run?.entries ?? [];
  }

  get #run(): AgentRun | undefined {
    return this.#subject.tag === 'run' ? this.#subject.run : undefined;
  }

  #heard(message: FromPage): void {
    const run = this.#run;
    switch (message.tag) {
      case 'ready':
        this.#isReady = true;
        this.#sendWhole();
        return;
      case 'prompt':
        if (run?.state === 'ready') run.prompt(message.text, this.#box.take());
        else {
          // It ended while the prompt was on its way.
          this.#post({ tag: 'unsent', text: message.text });
          this.#sendState();
        }
        return;
      case 'typed':
        this.#parts.onTyped(message.text);
        return;
      case 'answer':
        run?.answerPermission(message.id, message.optionId);
        return;
      case 'mode':
        run?.setMode(message.mode);
        return;
      case 'link': {
        const location = this.#locationsOf(message.id)[message.index];
        if (location) this.#parts.onLink(location);
        return;
      }
      case 'diff': {
        const diff = this.#toolOf(message.id)?.diffs[message.index];
        if (diff) this.#parts.onDiff(diff);
        return;
      }
      case 'offer':
        this.#parts.onOffer(message.name);
        return;
      default:
        this.#box.heard(message);
    }
  }

  #locationsOf(id: string): readonly ToolLocation[] {
    const entry = this.#entries.find((each) => each.id === id);
    if (entry?.kind === 'prompt') return entry.locations;
    return this.#toolOf(id)?.locations ?? [];
  }

  #toolOf(id: string) {
    const entry = this.#entries.find((each) => each.id === id);
    return entry?.kind === 'tool' || entry?.kind === 'permission' ? entry.tool : undefined;
  }

  /** Texts that grow are sent some times a second; what somebody waits for, at once. */
  #changed({ entries, isState }: RunChange): void {
    if (!this.#isReady) return;
    if (isState) {
      this.#sendChanged(entries);
      this.#sendState();
    } else for (const id of entries) this.#texts.mark(id);
  }

  #sendChanged(ids: ReadonlySet<string>): void {
    if (!this.#isReady || ids.size === 0) return;
    if (this.#isDrawing) {
      for (const id of ids) this.#texts.mark(id);
      return;
    }
    const entries = this.#entries;
    const messages = this.#updates.changed(entries, ids);
    for (const message of messages) this.#post(message);
    // How many are left out is told with the state.
    if (messages.some(({ tag }) => tag === 'gone')) this.#sendState();
    const { name } = this.#parts.state;
    const said = entries
      .filter(({ id }) => ids.has(id))
      .map((entry) => spokenEntry(entry, shownEntry(entry, name)))
      .filter((text) => text !== '');
    if (said.length > 0) this.#post({ tag: 'say', text: said.join('\n'), isUrgent: false });
  }

  #sendState(): void {
    if (!this.#isReady) return;
    const ask = this.#ask();
    const { client, state } = this.#parts;
    const color = this.#parts.color();
    this.#post(shownState({ name: state.name, client, color, subject: this.#subject, ask }));
    if (ask && ask.id !== this.#askId) {
      this.#post({ tag: 'say', text: spokenAsk(ask), isUrgent: true });
    }
    this.#askId = ask?.id ?? '';
    this.#box.sendCommands();
    this.#tellWhetherItAsks();
  }

  /** Keys answer only where something is asked: they mean something else elsewhere. */
  #tellWhetherItAsks(): void {
    if (!this.#panel.active) return;
    const isAsked = this.#ask() !== undefined;
    void vscode.commands.executeCommand('setContext', 'agentWorld.agentAsks', isAsked);
  }

  #ask(): ShownEntry | undefined {
    const entry = this.#entries.find(
      (each) => each.kind === 'permission' && each.outcome.tag === 'open',
    );
    return entry && shownEntry(entry, this.#parts.state.name);
  }

  /** In messages of which each is drawn at once, so that the page answers keys between them. */
  #sendWhole(): void {
    if (!this.#isReady) return;
    const drawing = ++this.#drawing;
    const messages = this.#updates.whole(this.#entries);
    const next = (): void => {
      if (!this.#isReady || drawing !== this.#drawing) return;
      const { value, done } = messages.next();
      this.#isDrawing = !done;
      if (done) return;
      this.#post(value);
      setImmediate(next);
    };
    this.#isDrawing = false;
    this.#sendState();
    this.#box.sendWhole();
    next();
  }

  #post(message: ToPage): void {
    void this.#panel.webview.postMessage(message);
  }
}

/** Ten times a second is read as a flow. */
const TEXT_MS = 100;
