import * as vscode from 'vscode';
import type { MemberKind, Role } from '../../core/op-payload.ts';
import type { TurnTally } from '../../world/turn-tally.ts';
import type { Turn } from '../../world/turns.ts';
import { elapsed } from '../elapsed.ts';
import type { MemberEntry } from './member-list.ts';

export function roleName(role: Role): string {
  switch (role) {
    case 'owner':
      return vscode.l10n.t('owner');
    case 'editor':
      return vscode.l10n.t('editor');
    case 'viewer':
      return vscode.l10n.t('viewer');
  }
}

/** What a role lets do, in a sentence. */
export function roleMeaning(role: Role): string {
  switch (role) {
    case 'owner':
      return vscode.l10n.t('Edits, decides conflicts, invites, and changes members and rules.');
    case 'editor':
      return vscode.l10n.t('Edits, claims lines and decides conflicts.');
    case 'viewer':
      return vscode.l10n.t('Reads along and sees who does what; changes nothing.');
  }
}

export function kindName(kind: MemberKind): string {
  return kind === 'agent' ? vscode.l10n.t('agent') : vscode.l10n.t('person');
}

export function scopeText(pathScope: readonly string[]): string {
  return pathScope.length === 0
    ? vscode.l10n.t('all files')
    : vscode.l10n.t('only {0}', pathScope.join(', '));
}

/** Names in one line: at most so many, and how many more there are. */
export function namesText(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ');
  const more = names.length - most;
  return more > 0 ? vscode.l10n.t('{0} and {1} more', shown, more) : shown;
}

/** Where somebody is, such as `src/a.ts:12`. */
export function placeText({ path, line }: Pick<MemberEntry, 'path' | 'line'>): string {
  return line === undefined ? path : `${path}:${line}`;
}

/** What an agent is at, in few words; empty where that says nothing. */
export function stateText({ state, conflicts }: Pick<MemberEntry, 'state' | 'conflicts'>): string {
  switch (state) {
    case 'working':
      return vscode.l10n.t('at work');
    case 'stuck':
      return vscode.l10n.t('no sign for minutes');
    case 'asks':
      return conflicts > 0
        ? vscode.l10n.t('waits for a decision')
        : vscode.l10n.t('its folder asks');
    case 'done':
      return vscode.l10n.t('done');
    case 'idle':
      return '';
  }
}

/** What was done in a turn, in a sentence. */
export function turnText({ title, isOpen }: Turn, tally: TurnTally): string {
  const name = title === '' ? '' : ` “${title}”`;
  const which = isOpen ? vscode.l10n.t('This turn{0}', name) : vscode.l10n.t('Last turn{0}', name);
  const { ops, files, linesIn, linesOut, conflicts, takenBack, isCut } = tally;
  const facts = [
    vscode.l10n.t('ops: {0}', isCut ? `≥ ${ops}` : ops),
    vscode.l10n.t('files: {0}', files),
    vscode.l10n.t('lines in: {0}', linesIn),
    vscode.l10n.t('lines out: {0}', linesOut),
    conflicts === 0 ? '' : vscode.l10n.t('not taken: {0}', conflicts),
    takenBack === 0 ? '' : vscode.l10n.t('taken back: {0}', takenBack),
  ];
  return `${which}: ${facts.filter((fact) => fact !== '').join(' · ')}`;
}

/** What of somebody's waits for others, or keeps others out; none where there is nothing. */
export function waitingTexts({
  unreviewed = 0,
  conflicts,
  claims,
}: Pick<MemberEntry, 'unreviewed' | 'conflicts' | 'claims'>): readonly string[] {
  const texts = [
    unreviewed === 0 ? '' : vscode.l10n.t('unreviewed: {0}', unreviewed),
    conflicts === 0 ? '' : vscode.l10n.t('conflicts: {0}', conflicts),
    claims === 0 ? '' : vscode.l10n.t('claims: {0}', claims),
  ];
  return texts.filter((text) => text !== '');
}

/** How somebody came; empty where the history does not tell. */
export function originText({ invitedBy }: Pick<MemberEntry, 'invitedBy'>): string {
  return invitedBy === undefined ? '' : vscode.l10n.t('Joined by an invite of {0}', invitedBy);
}

/** What somebody did last, such as `edited notes.md 3 min ago`; empty when nothing is known. */
export function lastActionText({ last }: MemberEntry, nowMs: number): string {
  if (last === undefined) return '';
  const when = elapsed(last.atMs, nowMs);
  const what = last.path === '' ? undefined : last.path;
  switch (last.kind) {
    case 'create':
      return vscode.l10n.t('made {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'edit':
      return vscode.l10n.t('edited {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'rename':
      return vscode.l10n.t('renamed {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'delete':
      return vscode.l10n.t('deleted {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'restore':
      return vscode.l10n.t('restored {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'mode':
      return vscode.l10n.t('changed {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'conflict':
      return vscode.l10n.t('met a conflict in {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'resolve':
      return vscode.l10n.t('decided a conflict in {0} {1}', what ?? vscode.l10n.t('a file'), when);
    case 'member':
      return vscode.l10n.t('changed a member {0}', when);
    case 'policy':
      return vscode.l10n.t('changed the rules {0}', when);
    case 'checkpoint':
      return vscode.l10n.t('made a checkpoint {0}', when);
    case 'note':
      return vscode.l10n.t('wrote a note {0}', when);
  }
}
