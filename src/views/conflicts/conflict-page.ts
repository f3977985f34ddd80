import * as vscode from 'vscode';
import { SELECT_ALL_SCRIPT } from '../select-all-script.ts';
import type { Run } from './changed-words.ts';

/** One side of a conflict, as the page shows it. */
export interface ShownSide {
  readonly title: string;
  readonly runs: readonly Run[];
}

export interface ShownAction {
  readonly name: string;
  readonly label: string;
  readonly explanation: string;
}

/** What the page shows; everything is text, nothing of it is markup. */
export type Shown =
  | { readonly tag: 'none'; readonly message: string }
  | {
      readonly tag: 'conflict';
      /** Of the conflict, among those of all worlds of the window. */
      readonly key: string;
      /** Of these texts: whoever decides names what they saw. */
      readonly seen: number;
      /** Told to screen readers when it changes. */
      readonly position: string;
      readonly title: string;
      readonly reason: string;
      readonly notice: string;
      readonly sides: readonly ShownSide[];
      /** What should stand there, to be edited; undefined where there is no text. */
      readonly result: string | undefined;
      readonly resultLabel: string;
      readonly actions: readonly ShownAction[];
      readonly hint: string;
      /** Stands for a side without text. */
      readonly empty: string;
      /** What was written is given up: the field begins anew. */
      readonly isReset: boolean;
    };

/** What the page tells. */
export type PageMessage =
  | { readonly tag: 'ready' }
  | { readonly tag: 'typed'; readonly key: string; readonly text: string }
  | {
      readonly tag: 'action';
      readonly name: string;
      readonly text: string;
      readonly key: string;
      readonly seen: number;
    };

/** The page: no address but this one's nonce may style or script it, and it loads nothing. */
export function conflictPage(nonce: string): string {
  const title = vscode.l10n.t('Conflicts');
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main id="main" tabindex="-1">
  <p id="position" role="status" aria-live="polite"></p>
  <h1 id="title"></h1>
  <p id="reason"></p>
  <p id="notice" role="alert"></p>
  <div id="sides"></div>
  <div id="edit"><label id="resultLabel" for="result"></label>
    <textarea id="result" spellcheck="false" rows="4"></textarea></div>
  <div id="actions" role="toolbar" aria-labelledby="title"></div>
  <p id="hint"></p>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>`;
}

const STYLE = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size);
  color: var(--vscode-foreground); padding: 1em 1.5em; }
main:focus { outline: none; }
h1 { font-size: 1.25em; font-weight: 600; margin: 0.25em 0; }
p { margin: 0.35em 0; }
#position, #hint { color: var(--vscode-descriptionForeground); }
#notice { border-inline-start: 3px solid var(--vscode-notificationsWarningIcon-foreground);
  padding-inline-start: 0.6em; }
#notice:empty, #reason:empty, #hint:empty { display: none; }
#sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(16em, 1fr)); gap: 0.8em;
  margin: 0.8em 0; }
section { border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder));
  min-width: 0; }
h2 { font-size: 1em; font-weight: 600; margin: 0; padding: 0.4em 0.6em;
  background: var(--vscode-sideBarSectionHeader-background);
  border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); }
pre, textarea { font-family: var(--vscode-editor-font-family);
  font-size: var(--vscode-editor-font-size); }
pre { margin: 0; padding: 0.6em; white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 40vh; overflow: auto; background: var(--vscode-editor-background);
  color: var(--vscode-editor-foreground); }
ins, del { color: inherit; }
ins { text-decoration: underline; text-underline-offset: 2px;
  background: var(--vscode-diffEditor-insertedTextBackground);
  outline: 1px solid var(--vscode-diffEditor-insertedTextBorder, transparent); }
del { background: var(--vscode-diffEditor-removedTextBackground);
  outline: 1px solid var(--vscode-diffEditor-removedTextBorder, transparent); }
.empty { color: var(--vscode-descriptionForeground); font-style: italic; }
label { display: block; margin-bottom: 0.25em; }
textarea { width: 100%; box-sizing: border-box; resize: vertical; padding: 0.4em;
  color: var(--vscode-input-foreground); background: var(--vscode-input-background);
  border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); }
#actions { display: flex; flex-wrap: wrap; gap: 0.5em; margin: 0.8em 0; }
button { font: inherit; padding: 0.35em 0.8em; cursor: pointer;
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground);
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
button.first { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button.first:hover { background: var(--vscode-button-hoverBackground); }
button:focus-visible, textarea:focus-visible, pre:focus-visible { outline: 1px solid var(--vscode-focusBorder);
  outline-offset: 1px; }
[hidden] { display: none !important; }
`;

/** Runs in the page. It writes texts only, never markup. */
const SCRIPT = `
'use strict';
const host = acquireVsCodeApi();
const at = (id) => document.getElementById(id);
const result = at('result');
let shown = { key: '', seen: 0 };
/** Somebody writes in the field: nothing else does then. */
let isWritten = false;
const act = (name) => {
  // What is written behind it would not be part of it.
  if (name === 'patch') result.readOnly = true;
  host.postMessage({ tag: 'action', name, text: result.value, ...shown });
};
const element = (name, text, setUp) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  setUp?.(made);
  return made;
};
const runOf = (isBase) => ({ text, isChanged }) =>
  isChanged ? element(isBase ? 'del' : 'ins', text) : document.createTextNode(text);
const sideOf = ({ title, runs }, index) => {
  const section = element('section');
  const heading = element('h2', title, (h) => { h.id = 'side-' + index; });
  section.setAttribute('aria-labelledby', heading.id);
  const text = element('pre', undefined, (pre) => {
    // A long text is scrolled by keys.
    pre.tabIndex = 0;
    pre.setAttribute('aria-labelledby', heading.id);
  });
  if (runs.length === 0) text.append(element('span', at('sides').dataset.empty, (s) => { s.className = 'empty'; }));
  else text.append(...runs.map(runOf(index === 0)));
  section.append(heading, text);
  return section;
};
const buttonOf = ({ name, label, explanation }, index) =>
  element('button', label, (button) => {
    button.title = explanation;
    button.dataset.action = name;
    if (index === 0) button.className = 'first';
    button.addEventListener('click', () => act(name));
  });
window.addEventListener('message', ({ data }) => {
  if (data.tag === 'send') { act(data.name); return; }
  result.readOnly = false;
  const isConflict = data.tag === 'conflict';
  for (const id of ['sides', 'actions']) at(id).hidden = !isConflict;
  at('edit').hidden = !isConflict || data.result === undefined;
  const isOther = shown.key !== data.key;
  shown = { key: data.key ?? '', seen: data.seen ?? 0 };
  if (!isConflict) {
    for (const id of ['title', 'reason', 'notice', 'hint']) at(id).textContent = '';
    at('position').textContent = data.message;
    at('main').focus();
    return;
  }
  const focused = document.activeElement?.dataset?.action;
  for (const id of ['position', 'title', 'reason', 'notice', 'hint', 'resultLabel']) {
    if (at(id).textContent !== data[id]) at(id).textContent = data[id];
  }
  at('sides').dataset.empty = data.empty;
  at('sides').replaceChildren(...data.sides.map(sideOf));
  at('actions').replaceChildren(...data.actions.map(buttonOf));
  if (isOther || data.isReset) isWritten = false;
  if (!isWritten && result.value !== (data.result ?? '')) result.value = data.result ?? '';
  const again = [...at('actions').children].find((button) => button.dataset.action === focused);
  (again ?? (isOther && document.activeElement === document.body ? at('main') : undefined))?.focus();
});
result.addEventListener('input', () => {
  isWritten = true;
  host.postMessage({ tag: 'typed', key: shown.key, text: result.value });
});
${SELECT_ALL_SCRIPT}
host.postMessage({ tag: 'ready' });
`;
