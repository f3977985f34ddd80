/** Anything that is released with `dispose`, as VS Code's own objects are. */
export interface Disposable {
  dispose(): void;
}

/** Owns disposables and releases them in reverse order; what is added later is released at once. */
export class DisposableStore implements Disposable {
  readonly #owned: Disposable[] = [];
  #isDisposed = false;

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  add<Owned extends Disposable>(disposable: Owned): Owned {
    if (this.#isDisposed) disposable.dispose();
    else this.#owned.push(disposable);
    return disposable;
  }

  /** Owns what a function undoes, such as the one that takes a listener off. */
  addStop(stop: () => void): void {
    this.add({ dispose: stop });
  }

  dispose(): void {
    this.#isDisposed = true;
    for (let owned = this.#owned.pop(); owned; owned = this.#owned.pop()) owned.dispose();
  }
}
