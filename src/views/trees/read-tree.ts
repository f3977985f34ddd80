/**
 * Owns: what VS Code has read of a tree, and what of that reads differently now. Does not know: how VS
 * Code is told.
 */

/** A tree as it is now. */
export interface TreeNow<Node> {
  /** The rows below a row, or the topmost ones. */
  readonly children: (parent: Node | undefined) => readonly Node[];
  /** Everything that is to be seen of a row, as a text. */
  readonly look: (node: Node) => string;
}

/** Rows whose look or children changed, each with what is below it; or everything. */
export type TreeChange<Node> = readonly Node[] | 'all';

export class ReadTree<Node extends string> {
  readonly #now: TreeNow<Node>;
  readonly #looks = new Map<Node, string>();
  readonly #children = new Map<Node | undefined, readonly Node[]>();
  /** Open rows of the first reading whose children VS Code has yet to ask for. */
  readonly #awaited = new Set<Node>();
  #isLoaded = false;

  constructor(now: TreeNow<Node>) {
    this.#now = now;
  }

  /** VS Code has asked for the topmost rows since it was last told that everything changed. */
  get isRead(): boolean {
    return this.#children.has(undefined);
  }

  /** The first reading of all has begun and goes on: below open rows there is something to ask for. */
  get isLoading(): boolean {
    if (!this.#isLoaded && this.isRead && this.#awaited.size === 0) this.#isLoaded = true;
    return this.isRead && !this.#isLoaded;
  }

  /** VS Code asked for children, and was given these. */
  readChildren(parent: Node | undefined, children: readonly Node[]): void {
    this.#forgetBelow(parent);
    this.#children.set(parent, children);
    if (parent !== undefined) this.#awaited.delete(parent);
  }

  /** VS Code asked for a row, and was given one that looks so. */
  readRow(node: Node, look: string, isOpen: boolean): void {
    this.#looks.set(node, look);
    if (isOpen && !this.#isLoaded && !this.#children.has(node)) this.#awaited.add(node);
  }

  /**
   * What changed of some rows and below them, or anywhere, as far as VS Code has read it. `isHeld` is asked of each row
   * with read rows below it that looks otherwise and has no other children: held back, only what is below it is named.
   */
  changes(
    nodes: Iterable<Node> | 'anywhere',
    isHeld: (node: Node) => boolean = () => false,
  ): TreeChange<Node> {
    if (nodes === 'anywhere') {
      return this.#hasOtherChildren(undefined) ? 'all' : this.#changesBelow(undefined, isHeld);
    }
    return [...nodes].flatMap((node) => this.#changesOf(node, isHeld));
  }

  /** VS Code was told, and asks again. */
  told(change: TreeChange<Node>): void {
    if (change === 'all') this.#forgetBelow(undefined);
    else for (const node of change) this.#forgetBelow(node);
  }

  #changesOf(node: Node, isHeld: (node: Node) => boolean): readonly Node[] {
    const look = this.#looks.get(node);
    if (look === undefined) return [];
    if (this.#hasOtherChildren(node)) return [node];
    const isOther = look !== this.#now.look(node);
    const isOpen = (this.#children.get(node)?.length ?? 0) > 0;
    return isOther && !(isOpen && isHeld(node)) ? [node] : this.#changesBelow(node, isHeld);
  }

  #changesBelow(parent: Node | undefined, isHeld: (node: Node) => boolean): readonly Node[] {
    return (this.#children.get(parent) ?? []).flatMap((child) => this.#changesOf(child, isHeld));
  }

  #hasOtherChildren(parent: Node | undefined): boolean {
    const read = this.#children.get(parent);
    if (!read) return false;
    const now = this.#now.children(parent);
    return now.length !== read.length || now.some((child, index) => child !== read[index]);
  }

  #forgetBelow(parent: Node | undefined): void {
    for (const child of this.#children.get(parent) ?? []) {
      this.#forgetBelow(child);
      this.#looks.delete(child);
      this.#awaited.delete(child);
    }
    this.#children.delete(parent);
  }
}
