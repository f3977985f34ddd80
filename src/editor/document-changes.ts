import type * as vscode from 'vscode';
import { type Change, type Changes, endOf, normalizeChanges, startOf } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { comparePositions } from '../core/position.ts';

/**
 * VS Code's changes of one event, as the world writes them. The editor means them one after the
 * other, each on the result of the one before; it nearly always lists them from the last place to
 * the first, where that makes no difference.
 */
export function changesOfEvent(
  contentChanges: readonly vscode.TextDocumentContentChangeEvent[],
): Changes {
  const changes = contentChanges.map(changeOf);
  if (areFromLastToFirst(changes)) return normalizeChanges(changes.toReversed());
  return changes.reduce<Changes>((all, change) => compose(all, normalizeChanges([change])), []);
}

function areFromLastToFirst(changes: readonly Change[]): boolean {
  return changes.every((change, index) => {
    const later = changes[index - 1];
    return later === undefined || comparePositions(endOf(change), startOf(later)) <= 0;
  });
}

/**
 * The same change where VS Code makes it as it is. VS Code takes any place behind a high surrogate
 * for the middle of a pair and moves it outward: next to half of a pair it would replace a character
 * more than it was told. What it would take along is part of the change here, and put back by it.
 */
export function withNeighbours(change: Change, lineAt: (line: number) => string): Change {
  let { startCharacter, endCharacter, text } = change;
  const first = lineAt(change.startLine);
  while (isHighSurrogate(first, startCharacter - 1)) text = first[--startCharacter] + text;
  const last = lineAt(change.endLine);
  while (endCharacter < last.length && isHighSurrogate(last, endCharacter - 1)) {
    text += last[endCharacter++];
  }
  return { ...change, startCharacter, endCharacter, text };
}

function isHighSurrogate(line: string, index: number): boolean {
  const code = line.charCodeAt(index);
  return code >= 0xd800 && code <= 0xdbff;
}

/** Text with LF line ends only. */
export function withLf(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

function changeOf({ range, text }: vscode.TextDocumentContentChangeEvent): Change {
  return {
    startLine: range.start.line,
    startCharacter: range.start.character,
    endLine: range.end.line,
    endCharacter: range.end.character,
    text: withLf(text),
  };
}
