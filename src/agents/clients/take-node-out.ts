/**
 * Owns: how an entry goes out of a JSON text that may have comments: with its comma, and with none of the comments
 * and blanks that are somebody else's. Does not know: files, or what the entry says.
 */
import { createScanner, type Node } from 'jsonc-parser';

/** `node`: a property of an object, or what is in a list, of this text. */
export function withoutNode(text: string, node: Node): string {
  const [start, end] = [node.offset, node.offset + node.length];
  const comma = commaBehind(text, end);
  if (comma !== undefined) {
    const isNear = text.slice(end, comma).trim() === '';
    return isNear ? cut(text, start, comma + 1) : cut(cut(text, comma, comma + 1), start, end);
  }
  const siblings = node.parent?.children ?? [];
  const before = siblings[siblings.indexOf(node) - 1];
  const without = cut(text, start, end);
  const ending = before && commaBehind(text, before.offset + before.length);
  // It stands before the node, where nothing has moved.
  return ending === undefined ? without : without.slice(0, ending) + without.slice(ending + 1);
}

/** Where the next thing but blanks and comments is, if that is a comma. */
function commaBehind(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  const found = scanner.getTokenOffset();
  return text[found] === ',' ? found : undefined;
}

/** With the blanks around it, unless these keep apart what is there. */
function cut(text: string, from: number, to: number): string {
  const [head, rest] = [text.slice(0, from), text.slice(to)];
  const trimmed = head.trimEnd();
  if (/[[{]$/.test(trimmed) && /^\s*[\]}]/.test(rest)) return trimmed + rest.trimStart();
  const isLineEnd = /^[ \t]*(?:\r?\n|$)/.test(rest);
  const isApart = isLineEnd || (/^\s/.test(rest) && !endsInLineComment(trimmed));
  return (isApart ? trimmed : head) + rest;
}

function endsInLineComment(text: string): boolean {
  const scanner = createScanner(text, false);
  let last = 0;
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan())
    last = scanner.getTokenOffset();
  return text.startsWith('//', last);
}
