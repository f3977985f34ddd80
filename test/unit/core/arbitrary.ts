import fc from 'fast-check';
import { type Change, type Changes, normalizeChanges, replace } from '../../../src/core/change.ts';
import type { Position } from '../../../src/core/position.ts';
import { Text } from '../../../src/core/text.ts';

/** Short texts over few letters, so that changes often meet. */
export const content = fc.string({
  unit: fc.constantFrom('a', 'b', '\n', 'é', '𝒳'),
  maxLength: 24,
});

/** Every place of a text that does not split a surrogate pair, in order. */
export function placesOf(text: Text): Position[] {
  const places: Position[] = [];
  for (let line = 0; line < text.lineCount; line++) {
    for (let character = 0; character <= text.line(line).length; character++) {
      if (text.contains({ line, character })) places.push({ line, character });
    }
  }
  return places;
}

/** Changes in normal form inside `base`, among them insertions and deletions. */
export function changesOf(base: string, maxChanges = 3): fc.Arbitrary<Changes> {
  return rawChangesOf(base, maxChanges).map(normalizeChanges);
}

/** Ordered changes inside `base`, also empty and touching ones. */
export function rawChangesOf(base: string, maxChanges = 3): fc.Arbitrary<Changes> {
  const places = placesOf(Text.of(base));
  const cut = fc.integer({ min: 0, max: places.length - 1 });
  const inserted = fc.string({ unit: fc.constantFrom('x', 'y', '\n', '𝒵'), maxLength: 4 });
  return fc.array(fc.tuple(cut, cut, inserted), { maxLength: maxChanges }).map((drafts) => {
    const cuts = drafts.flatMap(([from, to]) => [from, to]).sort((a, b) => a - b);
    return drafts.map(([, , text], index): Change =>
      replace(places[cuts[2 * index]!]!, places[cuts[2 * index + 1]!]!, text),
    );
  });
}

/** A base text with several independent sets of changes on it. */
export function concurrent(count: number): fc.Arbitrary<{ base: string; sets: Changes[] }> {
  return content.chain((base) =>
    fc.record({
      base: fc.constant(base),
      sets: fc.array(changesOf(base), { minLength: count, maxLength: count }),
    }),
  );
}
