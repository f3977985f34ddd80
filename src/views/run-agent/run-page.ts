import * as vscode from 'vscode';
import { PARTICIPANT_COLORS } from '../../decorations/participant-style.ts';
import type { PageState } from './shown-run.ts';
import { RUN_SCRIPT } from './run-script.ts';

/** The page: no address but this one's nonce may style or script it, and it loads nothing. */
export function runPage(nonce: string, { client, name, draft }: PageState): string {
  const { l10n } = vscode;
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const words = {
    files: l10n.t('Files'),
    openDiff: l10n.t('Open the diff'),
    answer: l10n.t('Answer'),
    said: l10n.t('What it said'),
    before: l10n.t('gone'),
    after: l10n.t('new'),
    offered: l10n.t('{0} to choose from: arrow keys, then Enter or Tab.', '{0}'),
    selection: l10n.t('What is selected'),
    remove: l10n.t('Leave out'),
  };
  const kept = escaped(JSON.stringify({ state: { client, name, draft }, words }));
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(name)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body data-kept="${kept}">
<header>
  <h1><span id="dot" aria-hidden="true"></span><span id="name"></span></h1>
  <span id="about"></span>
  <span id="state" role="status"></span>
  <span id="usage"></span>
  <span id="modes" hidden><label for="mode">${escaped(l10n.t('Mode'))}</label> <select id="mode"></select></span>
  <span id="offers" role="toolbar" aria-label="${escaped(l10n.t('What can be done'))}"></span>
</header>
<p id="fault" role="alert" hidden></p>
<main id="log" tabindex="0" role="region" aria-label="${escaped(l10n.t('What was said and done'))}">
  <p id="leftOut" hidden></p>
  <div id="entries"></div>
</main>
<section id="ask" aria-label="${escaped(l10n.t('Waits for your answer'))}" hidden></section>
<ul id="choices" role="listbox" aria-label="${escaped(l10n.t('Commands and files'))}" hidden></ul>
<form id="form">
  <label for="prompt" class="unseen">${escaped(l10n.t('What it is to do'))}</label>
  <textarea id="prompt" rows="3" aria-describedby="commandHint hint" aria-autocomplete="list" aria-haspopup="listbox" aria-controls="choices"></textarea>
  <button id="send" type="submit">${escaped(l10n.t('Send'))}</button>
</form>
<p id="commandHint" hidden></p>
<div id="along">
  <button id="addFiles" type="button" class="link">${escaped(l10n.t('Add Files…'))}</button>
  <button id="addSelection" type="button" class="link">${escaped(l10n.t('Add Selection'))}</button>
  <span id="attached" role="list" aria-label="${escaped(l10n.t('Put along with the prompt'))}" hidden></span>
</div>
<p id="hint">${escaped(l10n.t('Enter sends, Shift+Enter begins a new line, / offers commands, @ offers files, Escape cancels, Alt+1 to Alt+9 answer what it asks.'))}</p>
<div id="say" class="unseen" aria-live="polite"></div>
<div id="urgent" class="unseen" aria-live="assertive"></div>
<script nonce="${nonce}">${RUN_SCRIPT}</script>
</body>
</html>`;
}

/** As text or as the value of an attribute between double quotes. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

const COLORS = Array.from(
  { length: PARTICIPANT_COLORS },
  (_, index) =>
    `.color-${index + 1} { background: var(--vscode-agentWorld-participant${index + 1}); }`,
).join('\n');

const STYLE = `
html, body { height: 100%; }
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size);
  color: var(--vscode-foreground); background: var(--vscode-editor-background);
  margin: 0; padding: 0; display: flex; flex-direction: column; box-sizing: border-box; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3em 0.8em; padding: 0.6em 1em;
  border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); }
h1 { font-size: 1.15em; font-weight: 600; margin: 0; display: flex; align-items: center; gap: 0.4em; }
#dot { width: 0.7em; height: 0.7em; border-radius: 50%;
  border: 1px solid var(--vscode-contrastBorder, transparent); }
${COLORS}
#about, #usage, #hint, #leftOut, .note { color: var(--vscode-descriptionForeground); }
#about { flex: 1 1 8em; min-width: 0; overflow-wrap: anywhere; }
#state.waiting { font-weight: 600; }
#offers { display: flex; gap: 0.4em; flex-wrap: wrap; }
#fault { margin: 0.5em 1em; padding: 0.3em 0.6em; white-space: pre-wrap;
  border-inline-start: 3px solid var(--vscode-notificationsErrorIcon-foreground, var(--vscode-errorForeground)); }
#log { flex: 1 1 auto; overflow-y: auto; min-height: 4em; padding: 0.4em 1em; }
article { margin: 0.6em 0; padding-inline-start: 0.7em; border-inline-start: 2px solid transparent; }
article.prompt { border-inline-start-color: var(--vscode-focusBorder); }
article.warning { border-inline-start-color: var(--vscode-notificationsWarningIcon-foreground); }
article.error, article.failed { border-inline-start-color: var(--vscode-notificationsErrorIcon-foreground); }
article.thought { color: var(--vscode-descriptionForeground); font-style: italic; }
h2 { font-size: 1em; font-weight: 600; margin: 0 0 0.2em; overflow-wrap: anywhere; }
article.tool h2, article.end h2, article.plan h2 { font-weight: normal; }
article.permission.waiting { display: none; }
article.end h2 { color: var(--vscode-descriptionForeground); }
h2::before { margin-inline-end: 0.4em; }
article.tool.waiting h2::before, li.waiting::marker { content: '○ '; }
article.tool.working h2::before, li.working::marker { content: '◐ '; }
article.tool.done h2::before, li.done::marker { content: '✓ '; }
article.tool.failed h2::before, li.failed::marker { content: '✕ '; }
p { margin: 0.3em 0; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
pre { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size);
  margin: 0.3em 0; padding: 0.5em; white-space: pre-wrap; overflow-wrap: anywhere; overflow: auto;
  max-height: 24em; background: var(--vscode-textCodeBlock-background);
  border: 1px solid var(--vscode-contrastBorder, transparent); }
ul { margin: 0.2em 0; padding-inline-start: 1.6em; }
ins, del, .place { display: block; text-decoration: none; color: inherit; }
ins { background: var(--vscode-diffEditor-insertedTextBackground);
  outline: 1px dashed var(--vscode-diffEditor-insertedTextBorder, transparent); outline-offset: -1px; }
del { background: var(--vscode-diffEditor-removedTextBackground);
  outline: 1px dashed var(--vscode-diffEditor-removedTextBorder, transparent); outline-offset: -1px; }
.place { color: var(--vscode-descriptionForeground); }
.links { display: flex; flex-wrap: wrap; gap: 0.2em 0.8em; }
.diffHead { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2em 0.8em; }
#ask { border-top: 2px solid var(--vscode-notificationsWarningIcon-foreground); padding: 0.5em 1em;
  max-height: 45vh; overflow-y: auto; flex: 0 0 auto; }
#ask .choices { display: flex; flex-wrap: wrap; gap: 0.5em; margin: 0.5em 0 0.2em; position: sticky; bottom: 0;
  background: var(--vscode-editor-background); padding: 0.2em 0; }
form { display: flex; gap: 0.5em; align-items: flex-end; padding: 0.5em 1em 0;
  border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); }
textarea { flex: 1 1 auto; min-width: 0; box-sizing: border-box; resize: vertical; padding: 0.4em; font: inherit;
  color: var(--vscode-input-foreground); background: var(--vscode-input-background);
  border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); }
textarea::placeholder { color: var(--vscode-input-placeholderForeground); }
#choices { list-style: none; margin: 0 1em; padding: 0; max-height: 30vh; overflow-y: auto; flex: 0 0 auto;
  color: var(--vscode-editorWidget-foreground); background: var(--vscode-editorWidget-background);
  border: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, transparent)); }
#choices li { display: flex; gap: 0.8em; padding: 0.2em 0.6em; cursor: pointer; align-items: baseline; }
#choices li span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#choices li span:first-child { flex: 0 1 auto; max-width: 60%; }
#choices li span:last-child { flex: 1 1 0; }
#choices li[aria-selected=true] { color: var(--vscode-quickInputList-focusForeground, var(--vscode-list-activeSelectionForeground));
  background: var(--vscode-quickInputList-focusBackground, var(--vscode-list-activeSelectionBackground));
  outline: 1px solid var(--vscode-contrastActiveBorder, transparent); outline-offset: -1px; }
#choices li[aria-selected=true] .note { color: inherit; }
#along { display: flex; flex-wrap: wrap; gap: 0.2em 1em; align-items: baseline; margin: 0.3em 1em 0; }
#attached { display: flex; flex-wrap: wrap; gap: 0.3em; }
.attached { display: inline-flex; gap: 0.3em; padding: 0 0.3em; overflow-wrap: anywhere;
  color: var(--vscode-badge-foreground); background: var(--vscode-badge-background);
  border: 1px solid var(--vscode-contrastBorder, transparent); }
.attached button { padding: 0 0.2em; border: none; background: none; color: inherit; }
#commandHint { margin: 0.2em 1em 0; }
#hint { margin: 0.2em 1em 0.6em; font-size: 0.9em; }
button, select { font: inherit; padding: 0.3em 0.8em; cursor: pointer;
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground);
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
button:disabled { opacity: 0.5; cursor: default; }
button.first, #send { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button.first:hover, #send:hover:enabled { background: var(--vscode-button-hoverBackground); }
button.link { padding: 0; border: none; background: none; color: var(--vscode-textLink-foreground);
  text-decoration: underline; text-align: start; overflow-wrap: anywhere; }
select { color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background);
  border-color: var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent)); padding: 0.2em; }
button:focus-visible, textarea:focus-visible, select:focus-visible, pre:focus-visible, #log:focus-visible {
  outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
`;
