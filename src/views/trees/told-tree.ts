/**
 * Owns: a tree view, and telling VS Code what changed in it: once for all that changes in a turn, only
 * what VS Code has read and what reads differently, and nothing while VS Code reads the tree for the
 * first time. Does not know: what the rows are about.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { Coalescer, nextTurn, within } from '../coalescer.ts';
import { ReadTree, type TreeChange } from './read-tree.ts';

/** The rows of a tree, each told apart by its value. */
export interface TreeRows<Node extends string> {
  readonly children: (parent: Node | undefined) => readonly Node[];
  readonly item: (node: Node) => vscode.TreeItem;
  /** Where rows are to be revealed. */
  readonly parent?: (node: Node) => Node | undefined;
  /** Where hovers have to be read first. */
  readonly resolve?: (item: vscode.TreeItem, node: Node) => Promise<vscode.TreeItem>;
}

export interface ToldTreeOptions<Node extends string> {
  readonly viewId: string;
  readonly rows: TreeRows<Node>;
  readonly view?: Omit<vscode.TreeViewOptions<Node>, 'treeDataProvider'>;
  /**
   * Rows with others below them say so seldom what is new of themselves, such as a count. VS Code draws all that is
   * below a row anew with it, and a click on a row that is drawn anew between press and release opens nothing.
   */
  readonly isCalm?: boolean;
  /** Shows what stands beside the rows: the view's title row, its badge, what its menus depend on. */
  readonly beside?: (view: vscode.TreeView<Node>) => void;
}

/** Everywhere, a row with what is below it, or a row that VS Code may show otherwise than it was told. */
type Mark<Node extends string> = 'anywhere' | `at ${Node}` | `again ${Node}`;

/** So often at most. */
const CALM_MS = 2_000;

export class ToldTree<Node extends string> implements Disposable {
  readonly view: vscode.TreeView<Node>;
  readonly #options: ToldTreeOptions<Node>;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Node[] | undefined>());
  readonly #read: ReadTree<Node>;
  readonly #turn = this.#store.add(
    new Coalescer<Mark<Node>>(nextTurn, (marks) => this.#look(marks)),
  );
  readonly #calm = this.#store.add(
    new Coalescer<'over'>(within(CALM_MS), () => {
      this.#isHolding = false;
      this.update();
    }),
  );
  #isHolding = false;
  /** What is told when the first reading is over. */
  #kept = new Set<Mark<Node>>();

  constructor(options: ToldTreeOptions<Node>) {
    this.#options = options;
    const { rows, viewId, view } = options;
    this.#read = new ReadTree<Node>({
      children: rows.children,
      look: (node) => lookOf(this.#item(node)),
    });
    this.view = this.#store.add(
      vscode.window.createTreeView(viewId, { ...view, treeDataProvider: this.#provider() }),
    );
  }

  get isVisible(): boolean {
    return this.view.visible;
  }

  /** Something may have changed: in these rows or below them, or anywhere. */
  update(...nodes: readonly Node[]): void {
    if (nodes.length === 0) this.#turn.mark('anywhere');
    for (const node of nodes) this.#turn.mark(`at ${node}`);
  }

  /** The same, and nothing is held back: it comes of what the user did. */
  updateNow(): void {
    this.#isHolding = false;
    this.update();
  }

  /** Tells rows also where they are what they were: VS Code has set a box that may stay as it was. */
  updateBoxes(nodes: Iterable<Node>): void {
    for (const node of nodes) this.#turn.mark(`again ${node}`);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #provider(): vscode.TreeDataProvider<Node> {
    const { rows } = this.#options;
    const { parent, resolve } = rows;
    return {
      onDidChangeTreeData: this.#changed.event,
      getChildren: (node) => {
        const children = rows.children(node);
        this.#read.readChildren(node, children);
        if (this.#kept.size > 0) this.#markKept();
        return [...children];
      },
      getTreeItem: (node) => {
        const item = this.#item(node);
        const isOpen = item.collapsibleState === vscode.TreeItemCollapsibleState.Expanded;
        this.#read.readRow(node, lookOf(item), isOpen);
        return item;
      },
      ...(parent && { getParent: parent }),
      ...(resolve && { resolveTreeItem: resolve }),
    };
  }

  /** Rows that keep their ids stay open or closed, selected and in focus when they are read again. */
  #item(node: Node): vscode.TreeItem {
    const item = this.#options.rows.item(node);
    item.id ??= node;
    return item;
  }

  #markKept(): void {
    for (const mark of this.#kept) this.#turn.mark(mark);
    this.#kept.clear();
  }

  #look(marks: ReadonlySet<Mark<Node>>): void {
    this.#options.beside?.(this.view);
    // What VS Code has yet to read, it reads as it is then.
    if (!this.#read.isRead) return;
    // VS Code loses rows of a tree that is told of a change while it is read for the first time; later
    // it takes the next change when it is done with the last. The next question marks these again.
    if (this.#read.isLoading) {
      this.#kept = new Set([...this.#kept, ...marks]);
      return;
    }
    const change = this.#changeOf(marks);
    if (change !== 'all' && change.length === 0) return;
    this.#read.told(change);
    this.#changed.fire(change === 'all' ? undefined : [...change]);
  }

  #changeOf(marks: ReadonlySet<Mark<Node>>): TreeChange<Node> {
    const again = nodesOf(marks, 'again ');
    const where = marks.has('anywhere') ? 'anywhere' : nodesOf(marks, 'at ');
    const isHolding = this.#isHolding;
    const change = this.#read.changes(where, () => {
      if (!this.#options.isCalm) return false;
      this.#isHolding = true;
      this.#calm.mark('over');
      return isHolding;
    });
    return change === 'all' ? 'all' : [...new Set([...change, ...again])];
  }
}

function nodesOf<Node extends string>(
  marks: ReadonlySet<Mark<Node>>,
  prefix: 'at ' | 'again ',
): readonly Node[] {
  return [...marks]
    .filter((mark) => mark.startsWith(prefix))
    .map((mark) => mark.slice(prefix.length) as Node);
}

function lookOf(item: vscode.TreeItem): string {
  const { tooltip } = item;
  return JSON.stringify({
    ...item,
    tooltip: typeof tooltip === 'string' ? tooltip : tooltip?.value,
  });
}
