import { SELECT_ALL_SCRIPT } from '../select-all-script.ts';
import { PROMPT_SCRIPT } from './prompt-script.ts';

/**
 * Runs in the page. It makes elements and writes texts only, never markup, whatever an agent says. What is drawn at
 * one message is bounded by who sends it.
 */
export const RUN_SCRIPT = `
'use strict';
const host = acquireVsCodeApi();
const at = (id) => document.getElementById(id);
const { state: first, words } = JSON.parse(document.body.dataset.kept);
const kept = { ...first, ...host.getState() };
const prompt = at('prompt');
const log = at('log');
let shown;
const tell = (message) => host.postMessage(message);
const keep = () => host.setState({ client: kept.client, name: kept.name, draft: prompt.value });
const element = (name, text, setUp) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  setUp?.(made);
  return made;
};
const blockOf = ({ isCode, text }) =>
  isCode
    ? element('pre', text, (pre) => { pre.tabIndex = 0; })
    : element('p', text, (p) => { p.className = 'text'; });
const linkOf = (label, message) =>
  element('button', label, (button) => {
    button.type = 'button';
    button.className = 'link';
    button.addEventListener('click', () => tell(message));
  });
const rowOf = (row) => {
  const kind = row.startsWith('+') ? 'ins' : row.startsWith('-') ? 'del' : 'span';
  return element(kind, kind === 'span' ? row.slice(1) : row, (line) => {
    if (kind === 'span') line.className = 'place';
    else line.setAttribute('aria-label', (kind === 'ins' ? words.after : words.before) + ': ' + row.slice(1));
  });
};
const diffOf = (id) => ({ label, rows, note }, index) =>
  element('div', undefined, (div) => {
    const head = element('div', undefined, (each) => { each.className = 'diffHead'; });
    head.append(
      element('span', label),
      linkOf(words.openDiff, { tag: 'diff', id, index }),
    );
    head.lastChild.setAttribute('aria-label', words.openDiff + ': ' + label);
    div.append(head);
    if (rows.length > 0) {
      div.append(element('pre', undefined, (pre) => {
        pre.tabIndex = 0;
        pre.setAttribute('aria-label', label);
        pre.append(...rows.map(rowOf));
      }));
    }
    if (note !== '') div.append(element('p', note, (p) => { p.className = 'note'; }));
  });
const insideOf = (entry, heading) => {
  const parts = [heading];
  const text = element('div', undefined, (div) => {
    div.className = 'blocks';
    div.append(...entry.blocks.map(blockOf));
  });
  if (entry.links.length > 0) {
    parts.push(element('div', undefined, (div) => {
      div.className = 'links';
      div.setAttribute('role', 'group');
      div.setAttribute('aria-label', words.files);
      div.append(...entry.links.map((label, index) => linkOf(label, { tag: 'link', id: entry.id, index })));
    }));
  }
  parts.push(text);
  if (entry.steps.length > 0) {
    parts.push(element('ul', undefined, (ul) => {
      ul.append(...entry.steps.map((step) => element('li', step.text, (li) => {
        li.className = step.look;
        li.setAttribute('aria-label', step.text + ', ' + step.words);
      })));
    }));
  }
  parts.push(...entry.diffs.map(diffOf(entry.id)));
  if (entry.note !== '') parts.push(element('p', entry.note, (p) => { p.className = 'note'; }));
  return parts;
};
const articleOf = (entry) =>
  element('article', undefined, (article) => {
    article.id = 'entry-' + entry.id;
    article.className = [entry.kind, entry.look].join(' ').trim();
    article.setAttribute('aria-label', entry.heading);
    article.append(...insideOf(entry, element('h2', entry.heading)));
  });
/** Whether the end of the log is seen: then it goes on to be, also where it is made smaller. */
let isAtEnd = true;
/** Whoever reads above is not moved by what comes below. */
const following = (draw) => {
  const wasAtEnd = isAtEnd;
  draw();
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
};
const drawEntries = ({ isWhole, entries }) => {
  if (isWhole) at('entries').replaceChildren();
  for (const entry of entries) {
    const made = articleOf(entry);
    const old = at(made.id);
    const focused = old?.contains(document.activeElement) ? document.activeElement.textContent : undefined;
    if (old) old.replaceWith(made);
    else at('entries').append(made);
    if (focused !== undefined) {
      [...made.querySelectorAll('button, pre')].find((each) => each.textContent === focused)?.focus();
    }
  }
  if (isWhole) log.scrollTop = log.scrollHeight;
};
const drawGone = ({ ids }) => {
  for (const id of ids) at('entry-' + id)?.remove();
};
const drawBlocks = ({ id, from, blocks }) => {
  const text = at('entry-' + id)?.querySelector('.blocks');
  if (!text) return;
  while (text.childNodes.length > from) text.lastChild.remove();
  text.append(...blocks.map(blockOf));
};
const setText = (id, text) => {
  if (at(id).textContent !== text) at(id).textContent = text;
};
const drawAsk = (entry) => {
  const ask = at('ask');
  ask.hidden = entry === undefined;
  if (entry === undefined) {
    if (ask.contains(document.activeElement)) prompt.focus();
    delete ask.dataset.id;
    ask.replaceChildren();
    return;
  }
  if (ask.dataset.id === entry.id) return;
  ask.dataset.id = entry.id;
  const choices = element('div', undefined, (div) => {
    div.className = 'choices';
    div.setAttribute('role', 'toolbar');
    div.setAttribute('aria-label', words.answer);
    div.append(...entry.choices.map(({ optionId, label, isAllow }, index) =>
      element('button', label, (button) => {
        button.type = 'button';
        button.title = 'Alt+' + (index + 1);
        button.setAttribute('aria-keyshortcuts', 'Alt+' + (index + 1));
        if (isAllow && index === 0) button.className = 'first';
        button.addEventListener('click', () => tell({ tag: 'answer', id: entry.id, optionId }));
      })));
  });
  ask.replaceChildren(...insideOf(entry, element('h2', entry.heading)), choices);
};
const drawState = (data) => {
  shown = data;
  for (const id of ['name', 'about', 'usage']) setText(id, data[id]);
  setText('state', data.words);
  at('state').className = data.look;
  at('dot').className = data.color > 0 ? 'color-' + data.color : '';
  setText('fault', data.fault);
  at('fault').hidden = data.fault === '';
  setText('leftOut', data.leftOut);
  at('leftOut').hidden = data.leftOut === '';
  prompt.placeholder = data.placeholder;
  at('send').disabled = !data.canPrompt;
  for (const id of ['addFiles', 'addSelection']) at(id).disabled = !data.canAttach;
  const focused = document.activeElement?.dataset?.offer;
  at('offers').replaceChildren(...data.offers.map(({ name, label, explanation }, index) =>
    element('button', label, (button) => {
      button.type = 'button';
      button.title = explanation;
      button.dataset.offer = name;
      if (index === 0 && (name === 'resume' || name === 'begin')) button.className = 'first';
      button.addEventListener('click', () => tell({ tag: 'offer', name }));
    })));
  if (focused !== undefined) {
    ([...at('offers').children].find((each) => each.dataset.offer === focused) ?? prompt).focus();
  } else if (document.activeElement === document.body && document.hasFocus()) {
    (data.canPrompt ? prompt : at('offers').firstChild ?? prompt).focus();
  }
  at('modes').hidden = data.modes.length < 2;
  const modes = JSON.stringify(data.modes);
  if (at('mode').dataset.modes !== modes) {
    at('mode').dataset.modes = modes;
    at('mode').replaceChildren(...data.modes.map(({ id, name }) =>
      element('option', name, (option) => { option.value = id; })));
  }
  at('mode').value = data.mode;
  drawAsk(data.ask);
};
const send = () => {
  if (!shown?.canPrompt || prompt.value.trim() === '') return;
  tell({ tag: 'prompt', text: prompt.value });
  prompt.value = '';
  typed();
  log.scrollTop = log.scrollHeight;
};
prompt.value = kept.draft;
${PROMPT_SCRIPT}
${SELECT_ALL_SCRIPT}
prompt.addEventListener('keydown', (event) => {
  if (choicesHeard(event)) return;
  if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.isComposing) return;
  event.preventDefault();
  send();
});
at('form').addEventListener('submit', (event) => { event.preventDefault(); send(); });
at('mode').addEventListener('change', () => tell({ tag: 'mode', mode: at('mode').value }));
window.addEventListener('focus', () => {
  if (document.activeElement === document.body) prompt.focus();
});
window.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing) return;
  if (shown?.offers.some(({ name }) => name === 'cancel')) tell({ tag: 'offer', name: 'cancel' });
});
log.addEventListener('scroll', () => { isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40; });
new ResizeObserver(() => { if (isAtEnd) log.scrollTop = log.scrollHeight; }).observe(log);
window.addEventListener('message', ({ data }) => {
  if (data.tag === 'state') following(() => drawState(data));
  else if (data.tag === 'entries') following(() => drawEntries(data));
  else if (data.tag === 'gone') following(() => drawGone(data));
  else if (data.tag === 'blocks') following(() => drawBlocks(data));
  else if (data.tag === 'commands') following(() => commandsCame(data.commands));
  else if (data.tag === 'found') following(() => drawFound(data));
  else if (data.tag === 'attached') following(() => drawAttached(data));
  else if (data.tag === 'unsent') {
    if (prompt.value === '') prompt.value = data.text;
    typed();
  } else if (data.tag === 'say') at(data.isUrgent ? 'urgent' : 'say').textContent = data.text;
});
keep();
tell({ tag: 'ready' });
`;
