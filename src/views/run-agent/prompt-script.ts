/**
 * The part of the page's script where a prompt is written: what is offered while it is typed, and what is put along.
 * It uses `at`, `element`, `tell`, `words`, `prompt` and `keep` of the script that it is put into.
 */
export const PROMPT_SCRIPT = `
const choices = at('choices');
let commands = [];
let offered = [];
let chosen = 0;
/** The search that is under way; its number and text. */
let search;
let searches = 0;
/** A key took a choice while the list was still that of less text: the first of what comes is taken. */
let isTaken = false;
/** Where the list was closed by Escape: it stays closed for what is typed there. */
let closedAt = -1;
/** The word at the cursor, where it is one that something is offered for. */
const wordAtCursor = () => {
  if (prompt.selectionStart !== prompt.selectionEnd) return undefined;
  const before = prompt.value.slice(0, prompt.selectionStart);
  const command = /^[/]([^ \\n]*)$/.exec(before);
  if (command) return { isCommand: true, from: 0, text: command[1] };
  const file = /(?:^|[ \\n])@([^ \\n@]*)$/.exec(before);
  return file ? { isCommand: false, from: before.length - file[1].length - 1, text: file[1] } : undefined;
};
const closeChoices = () => {
  offered = [];
  isTaken = false;
  choices.hidden = true;
  choices.replaceChildren();
  prompt.removeAttribute('aria-activedescendant');
};
const choose = (index) => {
  chosen = (index + offered.length) % offered.length;
  [...choices.children].forEach((li, place) => li.setAttribute('aria-selected', String(place === chosen)));
  choices.children[chosen].scrollIntoView({ block: 'nearest' });
  prompt.setAttribute('aria-activedescendant', 'choice-' + chosen);
};
const offer = (list) => {
  if (list.length === 0) return closeChoices();
  const isOther = list.length !== offered.length;
  offered = list;
  choices.hidden = false;
  choices.replaceChildren(...list.map(({ label, note }, index) =>
    element('li', undefined, (li) => {
      li.id = 'choice-' + index;
      li.setAttribute('role', 'option');
      li.append(element('span', label), element('span', note, (span) => { span.className = 'note'; }));
      li.addEventListener('mousedown', (event) => {
        event.preventDefault();
        take(index);
      });
    })));
  choose(0);
  if (isOther) at('say').textContent = words.offered.replace('{0}', list.length);
};
const replaceWord = (text) => {
  const word = wordAtCursor();
  if (word) prompt.setRangeText(text, word.from, prompt.selectionStart, 'end');
  closeChoices();
  typed();
};
const take = (index) => {
  const { text, message } = offered[index];
  replaceWord(text);
  if (message) tell(message);
};
/** They may come when the word that they are offered for is written already. */
const commandsCame = (list) => {
  commands = list;
  showHint();
  const isAwaited = offered.length === 0 && document.activeElement === prompt;
  if (isAwaited && wordAtCursor()?.isCommand) lookAtWord();
};
const commandsLike = (text) => {
  const wanted = text.toLowerCase();
  const rank = ({ name }) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return commands
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 20)
    .map(({ name, description }) => ({ label: '/' + name, note: description, text: '/' + name + ' ' }));
};
const find = (text) => {
  search = { number: ++searches, text };
  tell({ tag: 'find', ...search });
};
const lookAtWord = () => {
  const word = wordAtCursor();
  if (!word) closedAt = -1;
  if (!word || word.from === closedAt) return closeChoices();
  if (word.isCommand) offer(commandsLike(word.text));
  else if (!search) find(word.text);
};
const drawFound = ({ number, paths, selection }) => {
  if (number !== search?.number) return;
  const { text } = search;
  search = undefined;
  const word = wordAtCursor();
  if (word?.isCommand) return;
  if (!word || word.from === closedAt || document.activeElement !== prompt) return closeChoices();
  if (word.text !== text) return find(word.text);
  const files = paths.map((path) => ({ label: path, note: '', text: '@' + path + ' ', message: { tag: 'attach', path } }));
  const isOffered = selection !== '' && text === '';
  const selected = { label: words.selection, note: selection, text: '', message: { tag: 'attachSelection' } };
  const isWanted = isTaken;
  offer(isOffered ? [selected, ...files] : files);
  if (isWanted && offered.length > 0) take(0);
};
const showHint = () => {
  const [, name] = /^[/]([^ \\n]+) /.exec(prompt.value) ?? [];
  const hint = commands.find((command) => command.name === name)?.hint ?? '';
  setText('commandHint', hint === '' ? '' : '/' + name + ': ' + hint);
  at('commandHint').hidden = hint === '';
};
const typed = () => {
  keep();
  tell({ tag: 'typed', text: prompt.value });
  showHint();
};
/** True where the key was for what is offered. */
const choicesHeard = (event) => {
  if (offered.length === 0 || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
  const { key } = event;
  if (key === 'ArrowDown' || key === 'ArrowUp') choose(chosen + (key === 'ArrowDown' ? 1 : -1));
  else if ((key === 'Enter' || key === 'Tab') && !event.shiftKey) {
    const word = wordAtCursor();
    // What is written out already is sent.
    const isWhole = key === 'Enter' && '/' + word?.text + ' ' === offered[chosen].text;
    if (!word || isWhole) {
      closeChoices();
      return false;
    }
    isTaken = !word.isCommand && search !== undefined;
    if (!isTaken) take(chosen);
  } else if (key === 'Escape') {
    closedAt = wordAtCursor()?.from ?? -1;
    closeChoices();
  } else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
};
const drawAttached = ({ labels }) => {
  at('attached').hidden = labels.length === 0;
  at('attached').replaceChildren(...labels.map((label, index) =>
    element('span', undefined, (item) => {
      item.className = 'attached';
      item.setAttribute('role', 'listitem');
      item.append(element('span', label), element('button', '\\u00d7', (button) => {
        button.type = 'button';
        button.title = words.remove + ': ' + label;
        button.setAttribute('aria-label', button.title);
        button.addEventListener('click', () => {
          tell({ tag: 'detach', index });
          prompt.focus();
        });
      }));
    })));
};
prompt.addEventListener('input', () => {
  isTaken = false;
  typed();
  lookAtWord();
});
prompt.addEventListener('blur', closeChoices);
at('addFiles').addEventListener('click', () => tell({ tag: 'attachFiles' }));
at('addSelection').addEventListener('click', () => {
  tell({ tag: 'attachSelection' });
  prompt.focus();
});
`;
