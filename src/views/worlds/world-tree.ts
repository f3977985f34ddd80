import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { KnownWorld } from '../../world/world-list.ts';
import { sizeKey, type WorldSize } from '../../world/world-sizes.ts';
import { tooltipLines } from '../tooltip-lines.ts';
import { ToldTree } from '../trees/told-tree.ts';
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
export class WorldTree implements Disposable {
  readonly #options: WorldTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<WorldNode>;

  constructor(options: WorldTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.worlds',
        rows: { children: (node) => this.#children(node), item: (node) => this.#item(node) },
      }),
    );
    this.#store.add(
      this.#tree.view.onDidChangeVisibility(({ visible }) => {
        if (visible) options.onVisible();
      }),
    );
  }

  get isVisible(): boolean {
    return this.#tree.isVisible;
  }

  refresh(): void {
    this.#tree.update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #item(node: WorldNode): vscode.TreeItem {
    const shown = this.#options.shown().find((each) => nodeOf(each.world) === node);
    return shown ? worldItem(shown) : new vscode.TreeItem('');
  }

  #children(node?: WorldNode): readonly WorldNode[] {
    return node === undefined ? this.#options.shown().map(({ world }) => nodeOf(world)) : [];
  }
}

export function nodeOf(world: KnownWorld): WorldNode {
  return `world ${sizeKey(world)}`;
}

function worldItem(shown: ShownWorld): vscode.TreeItem {
  const { world, size, isLive, canUpgrade } = shown;
  const item = new vscode.TreeItem(world.name);
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
