/**
 * Owns: the ids of commands above lines. Does not know: what stands there, what the commands do.
 *
 * VS Code keeps the arguments of such a command only until it has taken in the document's next lenses. Where
 * it has not drawn the window since, it goes on showing the older ones (seen in 1.139.1), and a click
 * there fails. A command without arguments stays: so each one, with its argument, has an id of its own.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';

interface Subject extends Disposable {
  readonly store: DisposableStore;
  /** By command and argument. */
  readonly ids: Map<string, string>;
}

/** What stands above a line may be clicked a moment after it is settled: so many are kept for that. */
const KEPT_GONE = 100;

let lastNumber = 0;

export class LensCommands implements Disposable {
  readonly #subjects = new Map<string, Subject>();
  /** Those that went last are at the end. */
  readonly #gone = new Map<string, Subject>();

  /** The id of a command that runs another one with an argument. `about` tells how long it is needed. */
  idOf(about: string, command: string, argument: object | string): string {
    const { ids, store } = this.#subject(about);
    const key = JSON.stringify([command, argument]);
    const known = ids.get(key);
    if (known !== undefined) return known;
    lastNumber += 1;
    const id = `agentWorld.lens.${lastNumber}`;
    const run = (): Thenable<unknown> => vscode.commands.executeCommand(command, argument);
    store.add(vscode.commands.registerCommand(id, run));
    ids.set(key, id);
    return id;
  }

  /** Nothing will be shown about anything else. */
  keepOnly(abouts: ReadonlySet<string>): void {
    for (const [about, subject] of this.#subjects) {
      if (abouts.has(about)) continue;
      this.#subjects.delete(about);
      this.#gone.set(about, subject);
    }
    for (const [about, subject] of this.#gone) {
      if (this.#gone.size <= KEPT_GONE) break;
      this.#gone.delete(about);
      subject.dispose();
    }
  }

  dispose(): void {
    for (const subject of [...this.#subjects.values(), ...this.#gone.values()]) subject.dispose();
    this.#subjects.clear();
    this.#gone.clear();
  }

  #subject(about: string): Subject {
    const known = this.#subjects.get(about) ?? this.#gone.get(about) ?? newSubject();
    this.#gone.delete(about);
    this.#subjects.set(about, known);
    return known;
  }
}

function newSubject(): Subject {
  const store = new DisposableStore();
  return { store, ids: new Map(), dispose: () => store.dispose() };
}
