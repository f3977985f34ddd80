import * as vscode from 'vscode';
import { tooltipLines } from './tooltip-lines.ts';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';

/** Somebody who is in the world now, on any number of connections. */
export interface PresentMember {
  readonly identity: string;
  readonly name: string;
  readonly kind: 'human' | 'agent';
  readonly isSelf: boolean;
  /** What they say they do; may be empty. */
  readonly activity: string;
  /** Path of the file they are in, relative to the folder; empty for none. */
  readonly path: string;
}

/**
 * What a window that is online waits for: an answer of the world, who keeps the folder on disk, or, always for some
 * seconds, what tools write there.
 */
export type LiveWait = 'answer' | 'folder' | 'disk';

/** What the status bar tells about the window's world. */
export type WorldStatus =
  /** The folder is in no world. */
  | { readonly tag: 'none' }
  /** It is an agent's own: what is done there is the agent's. */
  | {
      readonly tag: 'agent';
      readonly agent: string;
      readonly world: string;
      readonly isKept: boolean;
    }
  | { readonly tag: 'connecting'; readonly world: string; readonly isLoading: boolean }
  /** `waitsFor` says what takes long, if anything does. */
  | {
      readonly tag: 'live';
      readonly world: string;
      readonly present: readonly PresentMember[];
      readonly waitsFor: readonly LiveWait[];
    }
  /** Editing goes on; `filesWaiting` have edits that the world has not. */
  | {
      readonly tag: 'offline';
      readonly world: string;
      readonly filesWaiting: number;
      readonly isLoading: boolean;
    }
  /** Nothing goes on by itself: `message` says what is wrong, `command` is the next step. */
  | {
      readonly tag: 'failed';
      readonly world: string;
      readonly message: string;
      readonly nextStep: { readonly title: string; readonly command: string };
    };

/** Shows the state of the connection and who is here; a click offers what can be done. */
export class StatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #refusedEdits = 0;
  #others: readonly string[] = [];
  #failed: readonly string[] = [];
  #status: WorldStatus = { tag: 'none' };

  constructor() {
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('agentWorld', vscode.StatusBarAlignment.Left, 50),
    );
    this.#item.name = 'Agent World';
  }

  show(status: WorldStatus): void {
    this.#status = status;
    this.#render();
  }

  /** Worlds of other folders of the window, which are live too. Shown with the next status. */
  showOthers(worlds: readonly string[]): void {
    this.#others = worlds;
  }

  /** Other folders of the window that are not live, each with the cause. Shown with the next status. */
  showFailed(folders: readonly string[]): void {
    this.#failed = folders;
  }

  /** How many of the user's edits wait for a decision. */
  showRefusedEdits(count: number): void {
    this.#refusedEdits = count;
    this.#render();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #render(): void {
    const item = this.#item;
    const { text, label, tooltip, command, background } = appearanceOf(this.#status);
    const count = this.#refusedEdits;
    const failed = this.#failed.length;
    const refusedMark = count === 0 ? '' : `  $(comment-unresolved) ${count}`;
    const failedMark = failed === 0 ? '' : `  $(error) ${failed}`;
    item.text = text + refusedMark + failedMark;
    const lines = [...(count === 0 ? [] : [refusedText(count)]), ...this.#failed.map(failedText)];
    item.accessibilityInformation = { label: [label, ...lines].join('. '), role: 'button' };
    if (this.#others.length > 0) lines.push(othersText(this.#others));
    item.tooltip = lines.reduce(withLine, tooltip);
    item.command = command;
    item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
    item.show();
  }
}

interface Appearance {
  readonly text: string;
  readonly label: string;
  readonly tooltip: vscode.MarkdownString;
  readonly command: string;
  readonly background?: string | undefined;
}

function appearanceOf(status: WorldStatus): Appearance {
  const command = 'agentWorld.showMenu';
  switch (status.tag) {
    case 'none': {
      const label = vscode.l10n.t('Agent World: this folder is in no world');
      return { text: '$(globe) Agent World', label, tooltip: tooltipLines([label]), command };
    }
    case 'agent': {
      const { agent, world, isKept } = status;
      const label = isKept
        ? vscode.l10n.t('This is the folder of {0}, in step with {1}', agent, world)
        : vscode.l10n.t('This is the folder of {0}, not in step with {1} yet', agent, world);
      const whose = vscode.l10n.t('What is written here is the work of {0}.', agent);
      return {
        text: `$(${isKept ? 'hubot' : 'sync~spin'}) ${agent}`,
        label: `Agent World: ${label}. ${whose}`,
        tooltip: tooltipLines([label, whose]),
        command,
      };
    }
    case 'connecting': {
      const label = status.isLoading
        ? loadingText(status.world)
        : vscode.l10n.t('Agent World: connecting to {0}', status.world);
      return {
        text: `$(sync~spin) ${status.world}`,
        label,
        tooltip: tooltipLines([label]),
        command,
      };
    }
    case 'live':
      return liveAppearance(status, command);
    case 'offline':
      return offlineAppearance(status, command);
    case 'failed': {
      const label = `${status.world}: ${status.message}`;
      return {
        text: `$(error) ${status.world}`,
        label,
        tooltip: tooltipLines([
          status.message,
          vscode.l10n.t('Next step: {0}', status.nextStep.title),
        ]),
        command: status.nextStep.command,
        background: 'statusBarItem.errorBackground',
      };
    }
  }
}

function liveAppearance(
  { world, present, waitsFor }: Extract<WorldStatus, { tag: 'live' }>,
  command: string,
): Appearance {
  const people = present.filter(({ kind }) => kind === 'human').length;
  const agents = present.length - people;
  const label = vscode.l10n.t(
    'Agent World: live in {0}. People here: {1}. Agents here: {2}',
    world,
    people,
    agents,
  );
  const counts = agents === 0 ? `$(person) ${people}` : `$(person) ${people} $(hubot) ${agents}`;
  const waits = waitsFor.map(waitText);
  const icon = waitsFor.some((wait) => wait !== 'disk')
    ? 'sync~spin'
    : waitsFor.length > 0
      ? 'warning'
      : 'globe';
  return {
    text: `$(${icon}) ${world}  ${counts}`,
    label: [label, ...waits].join('. '),
    tooltip: tooltipLines([
      vscode.l10n.t('Live in {0}', world),
      ...waits,
      ...present.map(describeMember),
    ]),
    command,
  };
}

function offlineAppearance(
  { world, filesWaiting, isLoading }: Extract<WorldStatus, { tag: 'offline' }>,
  command: string,
): Appearance {
  const waiting =
    filesWaiting === 0
      ? vscode.l10n.t('Nothing waits to be sent.')
      : vscode.l10n.t('Files with edits that wait to be sent: {0}.', filesWaiting);
  const label = isLoading
    ? loadingText(world)
    : vscode.l10n.t('Agent World: not connected to {0}; trying again', world);
  return {
    text: `$(debug-disconnect) ${world}${filesWaiting === 0 ? '' : `  $(cloud-upload) ${filesWaiting}`}`,
    label: `${label}. ${waiting}`,
    tooltip: tooltipLines([label, vscode.l10n.t('You can go on editing.'), waiting]),
    command,
    background: 'statusBarItem.warningBackground',
  };
}

function loadingText(world: string): string {
  return vscode.l10n.t('Agent World: the server is loading the world {0}', world);
}

function waitText(wait: LiveWait): string {
  switch (wait) {
    case 'answer':
      return vscode.l10n.t('Waiting for an answer of the world for more than ten seconds');
    case 'folder':
      return vscode.l10n.t('Waiting for this machine’s own host, which tells who keeps the folder');
    case 'disk':
      return vscode.l10n.t(
        'The system has no watches left for the folder: it is looked at every 5 seconds instead, until it is opened anew',
      );
  }
}

/** One member in a line, such as `⚙ formatter — README.md · tidies tables`. */
export function describeMember({ name, kind, isSelf, activity, path }: PresentMember): string {
  const who = isSelf ? vscode.l10n.t('{0} (you)', name) : kind === 'agent' ? `⚙ ${name}` : name;
  const where = [path, activity].filter((part) => part !== '').join(' · ');
  return where === '' ? who : `${who} — ${where}`;
}

function othersText(worlds: readonly string[]): string {
  return vscode.l10n.t('Other folders of this window are in: {0}', worlds.join(', '));
}

function failedText(folder: string): string {
  return vscode.l10n.t('Not connected to its world: {0}', folder);
}

function refusedText(count: number): string {
  return vscode.l10n.t('Edits of yours that wait for a decision: {0}', count);
}

function withLine(tooltip: vscode.MarkdownString, text: string): vscode.MarkdownString {
  return new vscode.MarkdownString(tooltip.value).appendMarkdown('\n\n').appendText(text);
}
