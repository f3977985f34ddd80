/**
 * Owns: whether git gives a file CRLF when it checks it out, kept for as long as an event takes. Does not
 * know: when settings and attributes change; whoever asks says so by `forget`.
 */
import type { CancelTimer } from '../world/clock.ts';
import type { GitPlace } from './git-place.ts';
import type { GitClock } from './git-work.ts';
import { WorkTreeForm } from './work-tree-form.ts';

/** Somebody may write to `.gitattributes` without git. */
const KEPT_MS = 5_000;

export class CheckoutLineEnds {
  readonly #place: GitPlace;
  readonly #clock: GitClock;
  readonly #form: WorkTreeForm;
  readonly #known = new Map<string, Promise<boolean>>();
  #cancel: CancelTimer = () => {};

  constructor(folder: string, place: GitPlace, clock: GitClock) {
    this.#place = place;
    this.#clock = clock;
    this.#form = new WorkTreeForm(folder, place.root, clock);
  }

  givesCrlf(path: string): Promise<boolean> {
    const known = this.#known.get(path);
    if (known) return known;
    if (this.#known.size === 0) this.#cancel = this.#clock.after(KEPT_MS, () => this.forget());
    const asked = this.#form.givesCrlf(`${this.#place.prefix}${path}`);
    this.#known.set(path, asked);
    // Whoever asked hears why; the next one asks anew.
    asked.catch(() => this.#known.delete(path));
    return asked;
  }

  forget(): void {
    this.#cancel();
    this.#known.clear();
    this.#form.end();
  }
}
