import * as vscode from 'vscode';
import { PARTICIPANT_COLORS } from '../../decorations/participant-style.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import {
  allClaims,
  type AnyClaim,
  anyClaimPlace,
  claimKey,
  claimOfKey,
  isPathClaim,
} from '../../world/any-claim.ts';
import { colorIndexOf } from '../../world/member-color.ts';
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
  update(before: AnyClaim | undefined, after: AnyClaim | undefined): void {
    if (before && after) this.#tree.update(`claim ${claimKey(after)}`);
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
    const claim = session && claimOfKey(session.view, keyOf(node));
    return session && claim ? claimItem(session, claim, node) : new vscode.TreeItem('');
  }

  #children(node?: ClaimNode): readonly ClaimNode[] {
    const session = this.#options.session();
    if (node !== undefined || session === undefined) return [];
    return claimsInOrder(session).map((claim): ClaimNode => `claim ${claimKey(claim)}`);
  }

  #tellSize(): void {
    const view = this.#options.session()?.view;
    const size = view ? allClaims(view).length : 0;
    if (size === this.#size) return;
    this.#size = size;
    void vscode.commands.executeCommand('setContext', 'agentWorld.claims', size);
  }
}

function keyOf(node: ClaimNode): number {
  return Number(node.slice('claim '.length));
}

/** By file, then from top to bottom. */
export function claimsInOrder({ view }: WorldSession): readonly AnyClaim[] {
  const pathOf = (claim: AnyClaim): string => {
    return isPathClaim(claim)
      ? anyClaimPlace(view, claim)
      : (view.files.get(claim.fileId)?.path ?? '');
  };
  const lineOf = (claim: AnyClaim): number => (isPathClaim(claim) ? -1 : claim.firstLine);
  return [...allClaims(view)].sort(
    (a, b) =>
      pathOf(a).localeCompare(pathOf(b)) || lineOf(a) - lineOf(b) || claimKey(a) - claimKey(b),
  );
}

function claimItem(session: WorldSession, claim: AnyClaim, node: ClaimNode): vscode.TreeItem {
  const { members } = session.view;
  const holder = members.get(claim.holder);
  const color = holder ? colorIndexOf(holder, members.values()) % PARTICIPANT_COLORS : 0;
  const place = anyClaimPlace(session.view, claim);
  const facts = claimFacts(session, claim);
  const item = new vscode.TreeItem(place);
  item.description = facts.join(' · ');
  item.tooltip = new vscode.MarkdownString().appendText(`${place}\n${facts.join('\n')}`);
  item.contextValue = contextOf(session, claim);
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
function contextOf(session: WorldSession, claim: AnyClaim): string {
  if (claim.holder === session.identity) return 'claim.own';
  const mayEnd = actionsFor(session, claim).includes('releaseClaim');
  return mayEnd ? 'claim.other.releasable' : 'claim.other';
}
