// Writes `l10n/bundle.l10n.json`: every text that the extension shows, for translators.
//   npm run l10n
// The bundle is a product of the sources: nobody edits it, and a unit test holds it to them. A
// translation is a file beside it, `bundle.l10n.LANGUAGE.json`, with the same keys; the texts of
// `package.json` are in `package.nls.json` and `package.nls.LANGUAGE.json`.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './setup/hash.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain, say } from './setup/progress.mjs';

export const bundleFile = path.join(projectRoot, 'l10n', 'bundle.l10n.json');

/** The bundle's text, as the sources are now. Throws where a text is not a literal. */
export function bundleOfSources() {
  const files = filesBelow('src').filter((file) => file.endsWith('.ts'));
  const texts = files.flatMap((file) =>
    textsIn(fs.readFileSync(path.join(projectRoot, file), 'utf8'), file),
  );
  const sorted = [...new Set(texts)].sort();
  return `${JSON.stringify(Object.fromEntries(sorted.map((text) => [text, text])), null, 2)}\n`;
}

const CALL = /\bl10n\s*\.\s*t\(\s*/g;
/** Where a source takes `t` out of `l10n`, it calls it by that name alone. */
const SHORT_CALL = /(?<![\w.])t\(\s*/g;
const LITERAL = /(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\$]|\\.|\$(?!\{))*`)\s*[,)]/y;

/** The texts that a source hands to `l10n.t`. */
export function textsIn(/** @type {string} */ source, /** @type {string} */ name) {
  const calls = /\{[^}]*\bt\b[^}]*\}\s*=\s*(?:vscode\s*\.\s*)?l10n\b/.test(source)
    ? [CALL, SHORT_CALL]
    : [CALL];
  return calls.flatMap((call) =>
    [...source.matchAll(call)].map((found) => textAt(source, found, name)),
  );
}

function textAt(
  /** @type {string} */ source,
  /** @type {RegExpExecArray} */ { 0: call, index },
  /** @type {string} */ name,
) {
  LITERAL.lastIndex = index + call.length;
  const literal = LITERAL.exec(source)?.[0];
  if (literal === undefined) {
    const line = source.slice(0, index).split('\n').length;
    throw new Error(
      `${name}:${line}: a text for translation is one literal, with {0} for what varies`,
    );
  }
  return unquoted(literal.replace(/\s*[,)]$/, ''));
}

function unquoted(/** @type {string} */ literal) {
  const inner = literal.slice(1, -1).replaceAll(/\\(['`$])/g, '$1');
  const escaped = literal.startsWith('"') ? inner : inner.replaceAll(/(?<!\\)"/g, '\\"');
  return /** @type {string} */ (JSON.parse(`"${escaped.replaceAll('\n', '\\n')}"`));
}

if (path.resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    fs.mkdirSync(path.dirname(bundleFile), { recursive: true });
    fs.writeFileSync(bundleFile, bundleOfSources());
    say(`Wrote ${path.relative(projectRoot, bundleFile)}.`);
  });
}
