/** Owns: the text on which a person, another agent and a client work at once. */

/** Behind it the person types. */
export const TYPED_AT = '~';

const NAMES = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'] as const;
export type FunctionName = (typeof NAMES)[number];

/** A text that has notes at its beginning and functions behind, of which some read otherwise than at first. */
export function sharedText(changed: Partial<Record<FunctionName, string>> = {}): string {
  const functions = NAMES.map((name) => functionText(name, changed[name]));
  return `/* Notes\n${TYPED_AT}\n*/\n\n${functions.join('\n')}`;
}

export function functionText(name: FunctionName, says = 'as at first'): string {
  return `function ${name}() {\n${lineOf(name, says)}}\n`;
}

/** The line of a function that differs from one text to another, with its line end. */
export function lineOf(name: FunctionName, says = 'as at first'): string {
  return `  return '${name}, ${says}';\n`;
}

/** What the person typed taken out again: all of it, or what came behind a key. */
export function withoutKeys(text: string, behind = -1): string {
  return text.replace(new RegExp(`${TYPED_AT}(\\d+)[ \\n]`, 'g'), (key, number) =>
    Number(number) > behind ? '' : key,
  );
}

/** The number of the last key in what somebody was shown of a text; -1 for none. */
export function lastKeyIn(shown: string): number {
  const keys = [...shown.matchAll(new RegExp(`${TYPED_AT}(\\d+)`, 'g'))];
  return Math.max(-1, ...keys.map(([, number]) => Number(number)));
}
