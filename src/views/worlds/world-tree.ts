import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { KnownWorld } from '../../world/world-list.ts';
import { sizeKey, type WorldSize } from '../../world/world-sizes.ts';
import { tooltipLines } from '../tooltip-lines.ts';
import { folderText, growthText, remarkText, serverText, sizeText } from './world-words.ts';

/** A world as the view shows it. */
export interface ShownWorld {
  readonly world: KnownWorld;
  readonly size: WorldSize | undefined;
  /** Some folder of this window is in it. */
  readonly isLive: boolean;
  /** Its module is older than the one that this version brings, and the user's to change. */
  readonly canUpgrade: boolean;
}

/** An element of the tree, told apart by VS Code by its value. */
export type WorldNode = `world ${string}`;

export interface WorldTreeOptions {
  readonly shown: () => readonly ShownWorld[];
  /** Somebody looks at the view. */
  readonly onVisible: () => void;
}

/** The view "Worlds": all that this machine knows, with their folders, servers and sizes. */
export class WorldTree implements Disposable, vscode.TreeDataProvider<WorldNode> {
  readonly #options: WorldTreeOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<WorldNode | undefined>());
  readonly #view: vscode.TreeView<WorldNode>;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: WorldTreeOptions) {
    this.#options = options;
    this.#view = this.#store.add(
      vscode.window.createTreeView('agentWorld.worlds', { treeDataProvider: this }),
    );
    this.#store.add(
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible) options.onVisible();
      }),
    );
  }

  get isVisible(): boolean {
    return this.#view.visible;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  getTreeItem(node: WorldNode): vscode.TreeItem {
    const shown = this.#options.shown().find((each) => nodeOf(each.world) === node);
    return shown ? worldItem(shown) : new vscode.TreeItem('');
  }

  getChildren(node?: WorldNode): WorldNode[] {
    return node === undefined ? this.#options.shown().map(({ world }) => nodeOf(world)) : [];
  }

  dispose(): void {
    this.#store.dispose();
  }
}

export function nodeOf(world: KnownWorld): WorldNode {
  return `world ${sizeKey(world)}`;
}

function worldItem(shown: ShownWorld): vscode.TreeItem {
  const { world, size, isLive, canUpgrade } = shown;
  const item = new vscode.TreeItem(world.name);
  item.id = nodeOf(world);
  item.description = factsOf(shown).join(' · ');
  item.contextValue = contextOf(shown);
  item.iconPath = iconOf(shown);
  item.tooltip = tooltipOf(shown);
  item.accessibilityInformation = {
    label: [
      vscode.l10n.t('World {0}', world.name),
      isLive ? vscode.l10n.t('open in this window') : '',
      canUpgrade ? vscode.l10n.t('can be upgraded') : '',
      ...factsOf(shown),
      size ? growthText(size) : '',
    ]
      .filter((fact) => fact !== '')
      .join(', '),
  };
  if (!isLive && world.isReady && !world.movedTo) {
    item.command = {
      command: 'agentWorld.openWorld',
      title: vscode.l10n.t('Open'),
      arguments: [nodeOf(world)],
    };
  }
  return item;
}

/** The folder stands last: it is what may be cut off. */
function factsOf({ world, size, canUpgrade }: ShownWorld): readonly string[] {
  return [
    remarkText(world),
    canUpgrade ? vscode.l10n.t('upgrade') : '',
    serverText(world.server),
    size ? sizeText(size) : '',
    world.folder === '' ? vscode.l10n.t('no folder') : folderText(world.folder),
  ].filter((fact) => fact !== '');
}

function contextOf({ world, isLive, canUpgrade }: ShownWorld): string {
  const state = world.movedTo ? 'moved' : world.isReady ? 'ready' : 'unfinished';
  return `world.${isLive ? 'live' : 'elsewhere'}.${state}${canUpgrade ? '.upgrade' : ''}`;
}

function iconOf({ world, isLive, canUpgrade }: ShownWorld): vscode.ThemeIcon {
  if (world.movedTo) {
    return new vscode.ThemeIcon('arrow-right', new vscode.ThemeColor('disabledForeground'));
  }
  const icon = canUpgrade ? 'arrow-circle-up' : isLive ? 'globe' : 'database';
  const color = isLive ? new vscode.ThemeColor('charts.green') : undefined;
  return new vscode.ThemeIcon(icon, color);
}

function tooltipOf({ world, size, isLive, canUpgrade }: ShownWorld): vscode.MarkdownString {
  const { name, database, server, folder } = world;
  return tooltipLines([
    isLive ? vscode.l10n.t('{0} — open in this window', name) : name,
    vscode.l10n.t('Database {0} at {1}', database, serverText(server)),
    folder === '' ? vscode.l10n.t('It has no folder here.') : folder,
    size ? sizeText(size) : '',
    size ? growthText(size) : '',
    remarkText(world),
    canUpgrade ? vscode.l10n.t('Its module is older than this version of Agent World.') : '',
  ]);
}
