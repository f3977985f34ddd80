import * as vscode from 'vscode';
import type { HistoryEntry, OpSummary } from '../../core/history-entries.ts';
import type { ExportPoint } from '../../core/git-point.ts';
import { decidesNothing, type ReviewDecision } from '../../core/review.ts';
import type { TurnMark } from '../../core/turn-mark.ts';
import { isOfChangesAlone, isPlainEdit, readPayload } from '../../core/op-payload.ts';
import type { IdentityHex } from '../../core/op.ts';
import { UNATTRIBUTED } from '../../core/unattributed.ts';
import { formerName, memberName } from '../../world/member-name.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { WorldView } from '../../world/world-view.ts';
import { roleName } from '../members/member-words.ts';
import { memberLabel } from '../presence/member-label.ts';
import { restorationText } from './restoration-words.ts';

/** A member's name, marked as an agent's, or as one's own. */
export function whoText(session: WorldSession, identity: IdentityHex): string {
  const { view } = session;
  if (identity === UNATTRIBUTED.identity) return vscode.l10n.t('unattributed');
  const kind = view.members.get(identity)?.kind ?? 'human';
  const name = memberLabel({ name: memberName(view, identity), kind });
  return identity === session.identity ? vscode.l10n.t('{0} (you)', name) : name;
}

/** What is said of work that nobody is named for, beside whose it is. */
export function unattributedText(): string {
  return vscode.l10n.t('what tools wrote to the disk');
}

/** What an entry did, in few words and without who and where. */
export function whatText({ view }: WorldSession, { kind, ops }: HistoryEntry): string {
  const newest = ops[0]!;
  switch (kind) {
    case 'create':
      if (!newest.isImport) return vscode.l10n.t('made the file');
      return ops.length === 1
        ? vscode.l10n.t('brought the file in')
        : vscode.l10n.t('brought {0} files in', ops.length);
    case 'edit':
      if (isPlainEdit(newest)) return editText(ops);
      return isOfChangesAlone(newest)
        ? vscode.l10n.t('put text back at {0}', linesText(ops))
        : vscode.l10n.t('replaced the whole content');
    case 'rename': {
      const { from, to } = readPayload('rename', newest.payload);
      return vscode.l10n.t('renamed {0} to {1}', from, to);
    }
    case 'delete':
      return vscode.l10n.t('deleted the file');
    case 'restore':
      return vscode.l10n.t('brought the deleted file back');
    case 'mode':
      return vscode.l10n.t('changed line ends or mode');
    case 'conflict':
      return vscode.l10n.t('met a conflict');
    case 'resolve':
      return vscode.l10n.t('decided a conflict');
    case 'member':
      return memberText(view, newest);
    case 'policy':
      return policyText(newest);
    case 'checkpoint':
      return vscode.l10n.t('kept a snapshot');
    case 'note':
      return noteText(newest);
  }
}

/** The name of a checkpoint; undefined for anything else. */
export function checkpointName({ kind, payload }: OpSummary): string | undefined {
  if (kind !== 'note') return undefined;
  const { note, text } = readPayload('note', payload);
  return note === 'checkpoint' ? text : undefined;
}

function noteText({ payload }: OpSummary): string {
  const { note, text, restoration, mark, review, point } = readPayload('note', payload);
  if (restoration) return restorationText(restoration);
  if (mark) return turnWords(mark);
  if (review) return reviewWords(review);
  if (point?.kind === 'export') return exportText(point);
  return note === 'checkpoint'
    ? vscode.l10n.t('checkpoint “{0}”', text)
    : vscode.l10n.t('said “{0}”', text);
}

function policyText({ payload }: OpSummary): string {
  const { exportRule } = readPayload('policy', payload);
  if (exportRule === undefined) return vscode.l10n.t('changed the rules');
  return exportRule === 'reviewed'
    ? vscode.l10n.t('asked for review before an export')
    : vscode.l10n.t('let agents’ work be exported before people look at it');
}

function exportText({ branch, unreviewed }: ExportPoint): string {
  if (!unreviewed) return vscode.l10n.t('exported to {0}', branch);
  const { changes, files, isAllowed } = unreviewed;
  return isAllowed
    ? vscode.l10n.t(
        'exported to {0} although the world asks for review, changes not looked at: {1} in {2} files',
        branch,
        changes,
        files,
      )
    : vscode.l10n.t(
        'exported to {0}, changes not looked at: {1} in {2} files',
        branch,
        changes,
        files,
      );
}

function reviewWords(decision: ReviewDecision): string {
  const { does, words } = decision;
  if (decidesNothing(decision)) {
    return vscode.l10n.t('saw that nothing is left of what agents did');
  }
  if (does === 'keep') return vscode.l10n.t('kept what agents did');
  return words === undefined
    ? vscode.l10n.t('took back what agents did')
    : vscode.l10n.t('took back what agents did: “{0}”', words);
}

function turnWords(mark: TurnMark): string {
  switch (mark.does) {
    case 'begin':
      return mark.title === ''
        ? vscode.l10n.t('began a turn')
        : vscode.l10n.t('began a turn: {0}', mark.title);
    case 'end':
      return vscode.l10n.t('ended the turn {0}', mark.turn);
    case 'erase':
      return vscode.l10n.t('erased what was asked for in the turn {0}', mark.turn);
  }
}

function memberText(view: WorldView, { payload, author }: OpSummary): string {
  const member = readPayload('member', payload);
  const { identity, removed, paused, role, joined } = member;
  // The first op of all: whoever makes a world gives themselves a name in the next one.
  if (identity === author && member.displayName === '') return vscode.l10n.t('made the world');
  const name = formerName(view, identity, member.displayName);
  if (removed) return vscode.l10n.t('removed {0}', name);
  if (joined) {
    return vscode.l10n.t('came in as {0}, by an invite of {1}', name, memberName(view, joined.by));
  }
  if (identity === author) return vscode.l10n.t('came in as {0}', name);
  if (paused) return vscode.l10n.t('paused {0}', name);
  return vscode.l10n.t('made {0} {1}', name, roleName(role));
}

function editText(ops: readonly OpSummary[]): string {
  const lines = linesText(ops);
  const inserted = ops.reduce((sum, op) => sum + op.inserted, 0);
  if (inserted === 0) return vscode.l10n.t('deleted at {0}', lines);
  return ops.length === 1
    ? vscode.l10n.t('edited {0}', lines)
    : vscode.l10n.t('edited {0} ({1} steps)', lines, ops.length);
}

function linesText(ops: readonly OpSummary[]): string {
  const [first, last] = linesOf(ops);
  return first === last
    ? vscode.l10n.t('line {0}', first + 1)
    : vscode.l10n.t('lines {0}–{1}', first + 1, last + 1);
}

/** Between which lines it was; each op has its own, in the text that it left. */
function linesOf(ops: readonly OpSummary[]): readonly [first: number, last: number] {
  const first = ops.reduce((least, op) => Math.min(least, op.firstLine), Number.MAX_SAFE_INTEGER);
  const last = ops.reduce((most, op) => Math.max(most, op.lastLine), 0);
  return [first, last];
}
