/**
 * The part of a page's script that selects a field's text by the key for it. VS Code does it too, once it has heard of
 * the key, by a message back to the page: whoever types on by then has the text replaced that was typed since. Seen in
 * VS Code 1.139 (its webview's `did-keydown`); so it does not hear of this key where a field has it.
 */
export const SELECT_ALL_SCRIPT = `
document.addEventListener('keydown', (event) => {
  const { target, key, shiftKey, altKey, ctrlKey, metaKey } = event;
  if (!(target instanceof HTMLTextAreaElement) || key.toLowerCase() !== 'a' || shiftKey || altKey) return;
  // On a Mac, Ctrl+A goes to the beginning of the line.
  const isMac = navigator.platform.startsWith('Mac');
  if (isMac ? ctrlKey || !metaKey : metaKey || !ctrlKey) return;
  event.preventDefault();
  event.stopPropagation();
  target.select();
});
`;
