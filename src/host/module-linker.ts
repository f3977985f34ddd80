/** A bundle turned into a function, and what its parameters stand for. */
export interface LinkedBundle {
  /** A function expression that takes the imported modules and returns the exports. */
  readonly code: string;
  /** Module names, one per parameter. */
  readonly imports: readonly string[];
}

const IMPORT =
  /(?<=^|[;}\n])([^\S\n]*)import\s*(\*\s*as\s+[\w$]+|\{[^{}]*\})\s*from\s*(["'])(spacetime:[^"'\n]+)\3\s*;?/g;
const EXPORT = /(?<=^|[;}\n])([^\S\n]*)export\s*\{([^{}]*)\}\s*;?/g;

/**
 * Turns a bundle, an ES module that imports only the host's own modules, into a function: Node runs
 * ES modules inside a context only under a flag that VS Code's runtime cannot always be given.
 * Bundlers write such imports and exports in one plain form each; what is left in any other form is
 * a syntax error when the function is compiled, so nothing is misread silently.
 */
export function linkBundle(source: string): LinkedBundle {
  const imports: string[] = [];
  const exported: string[] = [];
  const withoutImports = source.replace(
    IMPORT,
    (whole: string, space: string, clause: string, _quote, name: string) => {
      imports.push(name);
      const parameter = `__import${imports.length - 1}`;
      return `${space}${binding(clause, parameter)}${newlinesOf(whole)}`;
    },
  );
  const body = withoutImports.replace(EXPORT, (whole: string, _space: string, list: string) => {
    exported.push(...list.split(',').flatMap(exportEntry));
    return newlinesOf(whole);
  });
  const parameters = imports.map((_, index) => `__import${index}`).join(', ');
  // On one line with the bundle's first, so that stack traces keep the bundle's line numbers.
  const code = `(function (${parameters}) { "use strict"; ${body}\nreturn { __proto__: null, ${exported.join(', ')} };\n})`;
  return { code, imports };
}

function binding(clause: string, parameter: string): string {
  if (clause.startsWith('*')) return `const ${clause.replace(/^\*\s*as\s+/, '')} = ${parameter};`;
  return `const ${clause.replaceAll(/\s+as\s+/g, ': ')} = ${parameter};`;
}

function exportEntry(specifier: string): string[] {
  const trimmed = specifier.trim();
  if (trimmed === '') return [];
  const [local, name = local] = trimmed.split(/\s+as\s+/);
  if (local === undefined || name === undefined) return [];
  return [`${name.startsWith('"') ? name : JSON.stringify(name)}: ${local}`];
}

function newlinesOf(whole: string): string {
  return '\n'.repeat(whole.split('\n').length - 1);
}
