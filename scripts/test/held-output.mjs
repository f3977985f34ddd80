/**
 * What a stage prints that runs beside others: kept until theirs is printed, and from then on passed on at once.
 * So nobody reads two stages mixed.
 */
export class HeldOutput {
  /** @type {(chunk: string | Uint8Array) => void} */
  #show;
  /** @type {(string | Uint8Array)[] | undefined} nothing once it may be shown */
  #held = [];

  constructor(/** @type {(chunk: string | Uint8Array) => void} */ show) {
    this.#show = show;
  }

  write(/** @type {string | Uint8Array} */ chunk) {
    if (this.#held === undefined) this.#show(chunk);
    else this.#held.push(chunk);
  }

  release() {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const chunk of held) this.#show(chunk);
  }
}
