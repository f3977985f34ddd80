/**
 * Owns: showing by which rules a world judges edits, with examples, and changing them where the user
 * may. Does not know: how edits are judged.
 */
import * as vscode from 'vscode';
import { EXPORT_RULES, type ExportRule } from '../../core/export-rule.ts';
import { LOCK_POLICIES, type LockPolicy } from '../../core/op-payload.ts';
import { POLICY_MODES } from '../../core/policy.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { changeRules, type Rules } from '../../world/change-rules.ts';
import { RESTORATION_RULES, type RestorationRules } from '../../core/restoration-action.ts';
import { changeRestorationRules, restorationRules } from '../../world/restorations.ts';
import { changeExportRule, exportRule } from '../../world/export-rule.ts';
import { memberName } from '../../world/member-name.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { PolicyCommand } from '../view-commands.ts';
import type { Run, ViewPart } from '../view-part.ts';
import {
  exportWords,
  folderWords,
  lockWords,
  policyWords,
  type RuleWords,
} from './policy-words.ts';

export class PolicyViews implements ViewPart {
  readonly commands: Readonly<Record<PolicyCommand, Run>> = { changePolicy, changeExports };

  enter(): void {
    // Nothing is shown but on demand.
  }

  dispose(): void {
    // Nothing is kept.
  }
}

type RuleChange =
  | Partial<Rules>
  | { readonly folders: Partial<RestorationRules> }
  | { readonly exports: ExportRule };

interface Choice extends vscode.QuickPickItem {
  readonly words?: RuleWords;
  readonly change?: RuleChange;
  readonly isInForce?: boolean;
}

async function changePolicy({ session, world }: FolderWorld): Promise<void> {
  const { workspace } = session;
  if (workspace === undefined) {
    tellUnseen();
    return;
  }
  const title = vscode.l10n.t('How “{0}” judges edits that meet', workspace.name || world.name);
  await pick(session, title, [...choices(workspace), ...folderChoices(session)]);
}

async function changeExports({ session, world }: FolderWorld): Promise<void> {
  if (session.workspace === undefined) {
    tellUnseen();
    return;
  }
  const rule = exportRule(session);
  if (rule === undefined) {
    const why = vscode.l10n.t(
      'This world cannot ask for review before an export: its module is of an older version. An owner can bring it up to date.',
    );
    void vscode.window.showInformationMessage(why);
    return;
  }
  const name = session.workspace.name || world.name;
  await pick(session, vscode.l10n.t('What an export of “{0}” needs', name), exportChoices(rule));
}

function tellUnseen(): void {
  void vscode.window.showInformationMessage(
    vscode.l10n.t('The world has not been seen yet. Try again once it is connected.'),
  );
}

/** Shows rules, explains the one that is picked, and changes it where the user may and wants to. */
async function pick(session: WorldSession, title: string, rules: readonly Choice[]): Promise<void> {
  const why = whyNot(session);
  const picked = await vscode.window.showQuickPick(rules, {
    title,
    placeHolder: why ?? vscode.l10n.t('Pick another one to change it for everybody'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.words === undefined || picked.change === undefined) return;
  if (picked.isInForce === true || why !== undefined) await explain(picked.words, why);
  else if (await confirm(picked.words, picked.change)) {
    await change(session, picked.change);
    const { name } = picked.words;
    vscode.window.setStatusBarMessage(vscode.l10n.t('From now on: {0}.', name), 8_000);
  }
}

function choices({ policyMode, lockPolicy }: Rules): Choice[] {
  const inForce: LockPolicy = lockPolicy === 'advise' ? 'advise' : 'enforce';
  return [
    separator(vscode.l10n.t('edits that meet')),
    ...POLICY_MODES.map((mode) =>
      choice(policyWords(mode), { policyMode: mode }, mode === policyMode),
    ),
    separator(vscode.l10n.t('claims on lines')),
    ...LOCK_POLICIES.map((lock) => choice(lockWords(lock), { lockPolicy: lock }, lock === inForce)),
  ];
}

/** Who asks before old text is taken from a folder; nothing in a world where no folder can ask. */
function folderChoices(session: WorldSession): Choice[] {
  const rules = restorationRules(session);
  if (rules === undefined) return [];
  const whose = ['agents', 'people'] as const;
  return [
    separator(vscode.l10n.t('old text that tools put back in a folder')),
    ...whose.flatMap((folders) =>
      RESTORATION_RULES.map((rule) =>
        choice(
          folderWords(folders, rule),
          { folders: { [folders]: rule } },
          rules[folders] === rule,
        ),
      ),
    ),
  ];
}

function exportChoices(inForce: ExportRule): Choice[] {
  return EXPORT_RULES.map((rule) => choice(exportWords(rule), { exports: rule }, rule === inForce));
}

async function change(session: WorldSession, rules: RuleChange): Promise<void> {
  if ('exports' in rules) await changeExportRule(session, rules.exports);
  else if ('folders' in rules) await changeRestorationRules(session, rules.folders);
  else await changeRules(session, rules);
}

function separator(label: string): Choice {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function choice(words: RuleWords, change: RuleChange, isInForce: boolean): Choice {
  const { name, meaning, example } = words;
  return {
    label: `$(${isInForce ? 'check' : 'blank'}) ${name}`,
    description: isInForce ? vscode.l10n.t('in force · {0}', meaning) : meaning,
    detail: example,
    words,
    change,
    isInForce,
  };
}

/** Why the user cannot change the rules; undefined when they can. */
function whyNot({ view, identity, link }: WorldSession): string | undefined {
  const self = view.members.get(identity);
  if (!link) return vscode.l10n.t('Not connected to the world: rules can be read, not changed');
  if (self?.role === 'owner') {
    return self.paused
      ? vscode.l10n.t('You are paused: another owner has to resume you')
      : undefined;
  }
  const owners = [...view.members.values()]
    .filter(({ role, removed }) => role === 'owner' && !removed)
    .map((owner) => memberName(view, owner.identity));
  return vscode.l10n.t('Only an owner can change this. Ask {0}', owners.join(', '));
}

async function explain({ name, meaning, example }: RuleWords, why?: string): Promise<void> {
  const detail = [`${meaning}.`, example, ...(why === undefined ? [] : [`${why}.`])];
  await vscode.window.showInformationMessage(name, { modal: true, detail: detail.join('\n\n') });
}

async function confirm(
  { name, meaning, example }: RuleWords,
  wanted: RuleChange,
): Promise<boolean> {
  const change = vscode.l10n.t('Change for Everybody');
  const detail = [`${meaning}.`, example, 'exports' in wanted ? exportsHold() : editsHold()];
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('From now on: {0}?', name),
    { modal: true, detail: detail.join('\n\n') },
    change,
  );
  return answer === change;
}

function editsHold(): string {
  return vscode.l10n.t(
    'It holds for everybody in this world, from the next edit on. Open conflicts stay open. The history tells who changed it.',
  );
}

function exportsHold(): string {
  return vscode.l10n.t(
    'It holds for everybody in this world, from the next export on. The history tells who changed it.',
  );
}
