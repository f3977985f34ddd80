import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { inviteId, type OwnInvite } from '../../world/own-invites.ts';
import { ToldTree } from '../trees/told-tree.ts';
import { inviteItem } from './invite-items.ts';
import { groupItem, memberItem, memberTooltip } from './member-items.ts';
import {
  groupOf,
  type MemberGroup,
  type MemberList,
  type MemberListChange,
} from './member-list.ts';

/** An element of the tree. Told apart by VS Code by its value; an invite's has no secret in it. */
export type MemberNode =
  `group ${MemberGroup | 'invites'}` | `member ${string}` | `invite ${string}`;

export interface MemberTreeOptions {
  readonly list: MemberList;
  readonly invites: () => readonly OwnInvite[];
  /** Names of those who came by an invite, as far as the world tells. */
  readonly guestsOf: (made: OwnInvite) => readonly string[];
  readonly nowMs: () => number;
  /** What an agent did in its newest turn, in words; empty where there is none. */
  readonly lastTurn: (identity: string) => Promise<string>;
  /** Somebody looks at the view. */
  readonly onVisible: () => void;
}

/** The view "Members": who is here, who else belongs to the world, and whom one has invited. */
export class MemberTree implements Disposable {
  readonly #options: MemberTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<MemberNode>;
  #ageing: NodeJS.Timeout | undefined;
  #unseen = new Set<string>();

  constructor(options: MemberTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.members',
        rows: {
          children: (node) => this.#children(node),
          item: (node) => this.#item(node),
          parent: (node) => this.#parent(node),
          resolve: (item, node) => this.#resolve(item, node),
        },
        beside: (view) => this.#showBeside(view),
      }),
    );
    this.#store.add(this.#tree.view.onDidChangeVisibility(({ visible }) => this.#seen(visible)));
    this.#store.addStop(() => clearInterval(this.#ageing));
  }

  get isVisible(): boolean {
    return this.#tree.isVisible;
  }

  /** The list changed. */
  update(change: MemberListChange): void {
    if (change.tag === 'member') this.#tree.update(`member ${change.identity}`);
    else this.#tree.update();
  }

  /** Agents that are done, or give no sign, since somebody looked at the view last. */
  showUnseen(agents: Set<string>): void {
    this.#unseen = agents;
    this.#showBeside(this.#tree.view);
  }

  /** The invites changed. */
  updateInvites(): void {
    this.#tree.update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #children(node?: MemberNode): readonly MemberNode[] {
    const { list, invites } = this.#options;
    if (node === undefined) return this.#groups();
    if (node === 'group invites') {
      return invites().map((invite): MemberNode => `invite ${inviteId(invite)}`);
    }
    if (!node.startsWith('group ')) return [];
    const group = keyOf(node) as MemberGroup;
    return list.inGroup(group).map(({ identity }): MemberNode => `member ${identity}`);
  }

  #parent(node: MemberNode): MemberNode | undefined {
    if (node.startsWith('group ')) return undefined;
    if (node.startsWith('invite ')) return 'group invites';
    const entry = this.#options.list.get(keyOf(node));
    return entry && `group ${groupOf(entry)}`;
  }

  #groups(): MemberNode[] {
    const { list, invites } = this.#options;
    const groups: MemberNode[] = [];
    if (list.inGroup('here').length > 0) groups.push('group here');
    if (list.inGroup('away').length > 0) groups.push('group away');
    if (invites().length > 0) groups.push('group invites');
    return groups;
  }

  #item(node: MemberNode): vscode.TreeItem {
    const { list, invites, guestsOf, nowMs } = this.#options;
    const key = keyOf(node);
    if (node === 'group invites') return inviteGroupItem(invites().length);
    if (node.startsWith('group ')) {
      return groupItem(key as MemberGroup, list.inGroup(key as MemberGroup).length);
    }
    if (node.startsWith('invite ')) {
      const made = invites().find((each) => inviteId(each) === key);
      return made ? inviteItem(made, guestsOf(made), nowMs()) : new vscode.TreeItem('');
    }
    const entry = list.get(key);
    return entry ? memberItem(entry, nowMs()) : new vscode.TreeItem('');
  }

  async #resolve(item: vscode.TreeItem, node: MemberNode): Promise<vscode.TreeItem> {
    const { list, nowMs, lastTurn } = this.#options;
    const entry = list.get(keyOf(node));
    if (!entry) return item;
    // People have no turns: nobody is asked for them.
    const turn = entry.kind === 'agent' ? await lastTurn(entry.identity) : '';
    item.tooltip = memberTooltip(entry, nowMs(), turn);
    return item;
  }

  #seen(isVisible: boolean): void {
    clearInterval(this.#ageing);
    this.#ageing = undefined;
    if (!isVisible) return;
    this.#options.onVisible();
    this.#tree.update();
    this.#ageing = setInterval(() => this.#tree.update(), MINUTE_MS);
  }

  #showBeside(view: vscode.TreeView<MemberNode>): void {
    const { list } = this.#options;
    const here =
      list.size === 0 ? undefined : vscode.l10n.t('{0} here', list.inGroup('here').length);
    if (view.description !== here) view.description = here;
    if (view.visible) this.#unseen.clear();
    const value = this.#unseen.size;
    if ((view.badge?.value ?? 0) === value) return;
    view.badge =
      value === 0
        ? undefined
        : { value, tooltip: vscode.l10n.t('Agents that are done, or give no sign: {0}', value) };
  }
}

const MINUTE_MS = 60_000;

/** What a node is of: a group, an identity, an invite. */
export function keyOf(node: MemberNode): string {
  return node.slice(node.indexOf(' ') + 1);
}

function inviteGroupItem(count: number): vscode.TreeItem {
  const label = vscode.l10n.t('Your open invites');
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = 'group invites';
  item.description = String(count);
  item.contextValue = 'memberGroup.invites';
  item.accessibilityInformation = { label: vscode.l10n.t('{0}, invites: {1}', label, count) };
  return item;
}
