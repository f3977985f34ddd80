/**
 * Owns: hearing of changed documents for everything in the extension, and how long that held up the extension host. Does
 * not know: what is done about a change.
 */
import * as vscode from 'vscode';
import type { Disposable } from './disposable-store.ts';

/** The last so many changes are measured. */
const MEASURED = 4096;

export class ChangeEvents implements Disposable {
  readonly #changes = new vscode.EventEmitter<vscode.TextDocumentChangeEvent>();
  #hearing: Disposable | undefined;
  readonly #durationsMs: number[] = [];
  readonly #processorMs: number[] = [];
  #count = 0;

  /**
   * Hears of changes. All listeners have their turn in one event of VS Code's, on the path of every key: so what a key
   * costs is what all of them take.
   */
  readonly listen: vscode.Event<vscode.TextDocumentChangeEvent> = (...args) => {
    this.#hearing ??= vscode.workspace.onDidChangeTextDocument((event) => this.#hear(event));
    return this.#changes.event(...args);
  };

  /** In milliseconds, in no particular order. */
  get durationsMs(): readonly number[] {
    return this.#durationsMs;
  }

  /**
   * What of `durationsMs` the thread ran: the rest it waited for a processor that something else had.
   * Empty where the runtime cannot tell.
   */
  get processorMs(): readonly number[] {
    return this.#processorMs;
  }

  dispose(): void {
    this.#hearing?.dispose();
    this.#changes.dispose();
  }

  #hear(event: vscode.TextDocumentChangeEvent): void {
    const processorMs = processorTimeMs();
    const startedMs = performance.now();
    this.#changes.fire(event);
    // What tells only that a document was saved costs nothing, and would make the rest look better.
    if (event.contentChanges.length === 0) return;
    const index = this.#count % MEASURED;
    this.#durationsMs[index] = performance.now() - startedMs;
    if (processorMs !== undefined) this.#processorMs[index] = processorTimeMs()! - processorMs;
    this.#count += 1;
  }
}

/** Of this thread; undefined before Node 23.9. */
function processorTimeMs(): number | undefined {
  const usage = (process as Partial<Pick<NodeJS.Process, 'threadCpuUsage'>>).threadCpuUsage?.();
  return usage && (usage.user + usage.system) / 1000;
}
