import * as vscode from 'vscode';
import { PARTICIPANT_COLORS } from '../../decorations/participant-style.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { claimPlace } from '../../world/claims.ts';
import { colorIndexOf } from '../../world/member-color.ts';
import type { SoftLock } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { ToldTree } from '../trees/told-tree.ts';
import { actionsFor, claimFacts } from './claim-words.ts';

/** An element of the tree. Told apart by VS Code by its value. */
export type ClaimNode = `claim ${number}`;

export interface ClaimTreeOptions {
  readonly session: () => WorldSession | undefined;
  readonly onVisible: () => void;
}

/** The view "Claims": who keeps which lines to themselves, and until when. */
export class ClaimTree implements Disposable {
  readonly #options: ClaimTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<ClaimNode>;
  #size = -1;

  constructor(options: ClaimTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.claims',
        rows: { children: (node) => this.#children(node), item: (node) => this.#item(node) },
        beside: () => this.#tellSize(),
      }),
    );
    this.#store.add(
      this.#tree.view.onDidChangeVisibility(({ visible }) => {
        if (!visible) return;
        this.updateAll();
        options.onVisible();
      }),
    );
  }

  get isVisible(): boolean {
    return this.#tree.isVisible;
  }

  /** A claim came, went or is another now. */
  update(before: SoftLock | undefined, after: SoftLock | undefined): void {
    if (before && after) this.#tree.update(`claim ${after.lockId}`);
    else this.#tree.update();
  }

  updateAll(): void {
    this.#tree.update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #item(node: ClaimNode): vscode.TreeItem {
    const session = this.#options.session();
    const lock = session?.view.locks.get(lockIdOf(node));
    return session && lock ? claimItem(session, lock, node) : new vscode.TreeItem('');
  }

  #children(node?: ClaimNode): readonly ClaimNode[] {
    const session = this.#options.session();
    if (node !== undefined || session === undefined) return [];
    return claimsInOrder(session).map(({ lockId }): ClaimNode => `claim ${lockId}`);
  }

  #tellSize(): void {
    const size = this.#options.session()?.view.locks.size ?? 0;
    if (size === this.#size) return;
    this.#size = size;
    void vscode.commands.executeCommand('setContext', 'agentWorld.claims', size);
  }
}

function lockIdOf(node: ClaimNode): number {
  return Number(node.slice('claim '.length));
}

/** By file, then from top to bottom. */
export function claimsInOrder({ view }: WorldSession): readonly SoftLock[] {
  const pathOf = ({ fileId }: SoftLock): string => view.files.get(fileId)?.path ?? '';
  return [...view.locks.values()].sort(
    (a, b) =>
      pathOf(a).localeCompare(pathOf(b)) || a.firstLine - b.firstLine || a.lockId - b.lockId,
  );
}

function claimItem(session: WorldSession, lock: SoftLock, node: ClaimNode): vscode.TreeItem {
  const { members } = session.view;
  const holder = members.get(lock.holder);
  const color = holder ? colorIndexOf(holder, members.values()) % PARTICIPANT_COLORS : 0;
  const place = claimPlace(session.view, lock);
  const facts = claimFacts(session, lock);
  const item = new vscode.TreeItem(place);
  item.description = facts.join(' · ');
  item.tooltip = new vscode.MarkdownString().appendText(`${place}\n${facts.join('\n')}`);
  item.contextValue = contextOf(session, lock);
  item.iconPath = new vscode.ThemeIcon(
    'lock',
    new vscode.ThemeColor(`agentWorld.participant${color + 1}`),
  );
  item.command = {
    command: 'agentWorld.goToClaim',
    title: vscode.l10n.t('Go to Its Place'),
    arguments: [node],
  };
  item.accessibilityInformation = {
    label: vscode.l10n.t('Claim on {0}, {1}', place, facts.join(', ')),
  };
  return item;
}

/** `claim.own`, `claim.other`, or `claim.other.releasable` for an owner of the world. */
function contextOf(session: WorldSession, lock: SoftLock): string {
  if (lock.holder === session.identity) return 'claim.own';
  const mayEnd = actionsFor(session, lock).includes('releaseClaim');
  return mayEnd ? 'claim.other.releasable' : 'claim.other';
}
