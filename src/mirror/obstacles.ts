/**
 * Owns: which paths wait for something to go that is in their way, so that they are looked at again for
 * that cause, and only then. Does not know: what is in the way, and why.
 */
import { foldersOf, pathKey } from '../core/path.ts';

export class Obstacles {
  /** By the key of the place. */
  readonly #waiting = new Map<string, Set<string>>();
  /** The places in a folder, by the folder's key. */
  readonly #inside = new Map<string, Set<string>>();

  /** The path cannot be brought in step for as long as nothing changes at a place, above or below it. */
  wait(path: string, place: string): void {
    const key = pathKey(place);
    addTo(this.#waiting, key, path);
    for (const folder of foldersOf(key)) addTo(this.#inside, folder, key);
  }

  /** Something changed at a path: those that waited for it wait no more. */
  freedBy(path: string): readonly string[] {
    if (this.#waiting.size === 0) return [];
    const key = pathKey(path);
    const places = [key, ...foldersOf(key), ...(this.#inside.get(key) ?? [])];
    return places.flatMap((place) => this.#take(place));
  }

  #take(place: string): readonly string[] {
    const paths = this.#waiting.get(place);
    if (paths === undefined) return [];
    this.#waiting.delete(place);
    for (const folder of foldersOf(place)) {
      const places = this.#inside.get(folder);
      places?.delete(place);
      if (places?.size === 0) this.#inside.delete(folder);
    }
    return [...paths];
  }
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
