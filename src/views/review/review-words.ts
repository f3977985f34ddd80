import * as vscode from 'vscode';
import type { ReviewHunk, TextHunk, WholeChange } from '../../review/review-hunk.ts';
import type { Turn } from '../../world/turns.ts';
import { elapsed } from '../elapsed.ts';

/** What a hunk is, in few words: what was done, and where. */
export function hunkLabel(hunk: ReviewHunk): string {
  return hunk.tag === 'text' ? textLabel(hunk) : wholeLabel(hunk.change);
}

function textLabel({ what, lines: [first, last] }: TextHunk): string {
  const { t } = vscode.l10n;
  const isOne = first === last;
  switch (what) {
    case 'added':
      return isOne ? t('Line {0} added', first + 1) : t('Lines {0}–{1} added', first + 1, last + 1);
    case 'changed':
      return isOne
        ? t('Line {0} changed', first + 1)
        : t('Lines {0}–{1} changed', first + 1, last + 1);
    case 'removed':
      return t('Removed at line {0}', first + 1);
  }
}

function wholeLabel(change: WholeChange): string {
  const { t } = vscode.l10n;
  switch (change.kind) {
    case 'created':
      return t('File created');
    case 'deleted':
      return change.isDeleted ? t('File deleted') : t('Deleted file brought back');
    case 'renamed':
      return t('Renamed from {0}', change.from);
    case 'mode':
      return t('Mode or line ends changed');
    case 'content':
      return t('Whole content replaced');
  }
}

/** The first line of what is new, or of what is gone. */
export function hunkText(hunk: ReviewHunk): string {
  if (hunk.tag !== 'text') return '';
  const lines = (hunk.what === 'removed' ? hunk.before : hunk.after).split('\n');
  return (lines.find((line) => line.trim() !== '') ?? '').trim().slice(0, MOST_SHOWN);
}

export function countText(changes: number, files: number): string {
  return `${changesText(changes)} · ${filesText(files)}`;
}

export function filesText(files: number): string {
  const { t } = vscode.l10n;
  return files === 1 ? t('1 file') : t('{0} files', files);
}

export function changesText(changes: number): string {
  const { t } = vscode.l10n;
  return changes === 1 ? t('1 change') : t('{0} changes', changes);
}

export function turnLabel(turn: Turn | undefined, isKnown: boolean, nowMs: number): string {
  const { t } = vscode.l10n;
  if (!isKnown) return t('Outside a turn');
  if (!turn) return t('A turn');
  return turn.title === '' ? t('Turn, {0}', elapsed(turn.beganAtMs, nowMs)) : turn.title;
}

const MOST_SHOWN = 80;
