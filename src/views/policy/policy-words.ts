import * as vscode from 'vscode';
import type { ExportRule } from '../../core/export-rule.ts';
import type { LockPolicy } from '../../core/op-payload.ts';
import type { PolicyMode } from '../../core/policy.ts';
import type { RestorationRule } from '../../core/restoration.ts';
import type { RestorationRules } from '../../core/restoration-action.ts';

/** A rule of a world, as it is explained to people. */
export interface RuleWords {
  readonly name: string;
  /** In a few words. */
  readonly meaning: string;
  readonly example: string;
}

export function policyWords(mode: PolicyMode): RuleWords {
  switch (mode) {
    case 'strict':
      return {
        name: vscode.l10n.t('Strict'),
        meaning: vscode.l10n.t('an edit that did not know the newest text waits'),
        example: vscode.l10n.t(
          'You type in line 1 while Grace types in line 90: yours becomes a conflict.',
        ),
      };
    case 'line':
      return {
        name: vscode.l10n.t('By Line'),
        meaning: vscode.l10n.t('edits of the same line wait'),
        example: vscode.l10n.t(
          'In “let total = 0;” you change total and Grace 0: the second becomes a conflict.',
        ),
      };
    case 'auto':
      return {
        name: vscode.l10n.t('Automatic'),
        meaning: vscode.l10n.t('typing by character, whole pieces of text also by line'),
        example: vscode.l10n.t(
          'Typed, both changes of “let total = 0;” stay; an agent’s patch of that line waits.',
        ),
      };
    case 'last_write_wins':
      return {
        name: vscode.l10n.t('Last Write Wins'),
        meaning: vscode.l10n.t('nothing waits, the later edit stands'),
        example: vscode.l10n.t(
          'You and Grace both rename total: the later name stands; the history keeps both.',
        ),
      };
  }
}

export function lockWords(policy: LockPolicy): RuleWords {
  return policy === 'enforce'
    ? {
        name: vscode.l10n.t('Claims Bind Agents'),
        meaning: vscode.l10n.t('people are warned, agents refused'),
        example: vscode.l10n.t(
          'Grace claims lines 3–9: an agent’s edit there is refused, you are warned.',
        ),
      }
    : {
        name: vscode.l10n.t('Claims Only Warn'),
        meaning: vscode.l10n.t('nobody is refused'),
        example: vscode.l10n.t(
          'Grace claims lines 3–9: an agent’s edit there is judged like any other.',
        ),
      };
}

/** Whether people look at what agents did before it is exported. */
export function exportWords(rule: ExportRule): RuleWords {
  const { t } = vscode.l10n;
  return rule === 'reviewed'
    ? {
        name: t('Exports Need Review'),
        meaning: t('people look at agents’ work first'),
        example: t('An agent wrote line 3 and nobody has kept it: only an owner can export that.'),
      }
    : {
        name: t('Exports Need No Review'),
        meaning: t('agents’ work may be exported before people look at it'),
        example: t('An agent wrote line 3 and nobody has kept it: the commit says so.'),
      };
}

/** Whether folders of agents, or of people, ask before old text is taken from them. */
export function folderWords(folders: keyof RestorationRules, rule: RestorationRule): RuleWords {
  const { t } = vscode.l10n;
  if (rule === 'ask') {
    return folders === 'agents'
      ? {
          name: t('Agents’ Folders Ask'),
          meaning: t('old text of a tool waits for an answer'),
          example: t(
            'git checkout in an agent’s folder takes away your line: you are asked first.',
          ),
        }
      : {
          name: t('People’s Folders Ask'),
          meaning: t('old text of a tool waits for an answer of whose folder it is'),
          example: t('git checkout in your folder takes away Grace’s line: you are asked first.'),
        };
  }
  return folders === 'agents'
    ? {
        name: t('Agents’ Folders Are Taken'),
        meaning: t('old text of a tool is an edit like any other'),
        example: t('git checkout in an agent’s folder takes away your line for everybody at once.'),
      }
    : {
        name: t('People’s Folders Are Taken'),
        meaning: t('old text of a tool is an edit like any other'),
        example: t('git checkout in your folder takes away Grace’s line for everybody at once.'),
      };
}
