/**
 * What a walk is set up with. Six combinations have every pair of two settings: within one kind of autosave each other
 * setting is once as it is and once the other way round, and no two settings go the same way in all three.
 */
export interface Combination {
  readonly autoSave: 'off' | 'afterDelay' | 'onFocusChange';
  readonly age: 'newest' | 'oldest';
  readonly formatOnSave: boolean;
  /** In which VS Code reads and writes what nobody says otherwise of. */
  readonly encoding: 'utf8' | 'shiftjis';
  readonly roots: 1 | 2;
}

export const COMBINATIONS: readonly Combination[] = [
  { autoSave: 'off', age: 'newest', formatOnSave: false, encoding: 'utf8', roots: 1 },
  { autoSave: 'off', age: 'oldest', formatOnSave: true, encoding: 'shiftjis', roots: 2 },
  { autoSave: 'afterDelay', age: 'newest', formatOnSave: false, encoding: 'shiftjis', roots: 2 },
  { autoSave: 'afterDelay', age: 'oldest', formatOnSave: true, encoding: 'utf8', roots: 1 },
  { autoSave: 'onFocusChange', age: 'newest', formatOnSave: true, encoding: 'utf8', roots: 2 },
  { autoSave: 'onFocusChange', age: 'oldest', formatOnSave: false, encoding: 'shiftjis', roots: 1 },
];

/** The pairs of two settings that a walk could have, and those of them that no combination has. */
export function missingPairs(): readonly string[] {
  const [names, missing] = [Object.keys(COMBINATIONS[0]!) as (keyof Combination)[], [] as string[]];
  const valuesOf = (name: keyof Combination) => [
    ...new Set(COMBINATIONS.map((each) => each[name])),
  ];
  for (const [at, one] of names.entries()) {
    for (const other of names.slice(at + 1)) {
      for (const left of valuesOf(one)) {
        for (const right of valuesOf(other)) {
          const isThere = COMBINATIONS.some((each) => each[one] === left && each[other] === right);
          if (!isThere) missing.push(`${one} ${left} with ${other} ${right}`);
        }
      }
    }
  }
  return missing;
}

export function nameOf({ autoSave, age, formatOnSave, encoding, roots }: Combination): string {
  return [
    `the ${age} VS Code`,
    `autosave ${autoSave}`,
    formatOnSave ? 'format on save' : 'no format on save',
    encoding,
    roots === 1 ? 'one root' : 'two roots',
  ].join(', ');
}
