import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { createInvite, formatInvite, type InviteTerms } from '../../world/invite.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Makes an invite of the kind the user picks and puts it into the clipboard. */
export async function copyInvite(
  { randomBytes, clock }: ExtensionSurroundings,
  { session, world }: FolderWorld,
): Promise<void> {
  const picked = await vscode.window.showQuickPick(choices(), {
    title: vscode.l10n.t('Who is the invite for?'),
  });
  if (picked === undefined) return;
  const invite = await createInvite(
    session,
    world.server,
    { ...picked.terms, expiresAtMs: clock.nowMs() + DAY_MS },
    randomBytes,
  );
  await vscode.env.clipboard.writeText(formatInvite(invite));
  void vscode.window.showInformationMessage(
    vscode.l10n.t('The invite is in the clipboard. It works once, until tomorrow.'),
  );
}

interface Choice extends vscode.QuickPickItem {
  readonly terms: Omit<InviteTerms, 'expiresAtMs'>;
}

function choices(): readonly Choice[] {
  const edit = ['edit', 'lock', 'resolve'] as const;
  const common = { pathScope: [], uses: 1 };
  return [
    {
      label: `$(person) ${vscode.l10n.t('A person who edits')}`,
      terms: { ...common, kind: 'human', role: 'editor', capabilities: edit },
    },
    {
      label: `$(eye) ${vscode.l10n.t('A person who only reads')}`,
      terms: { ...common, kind: 'human', role: 'viewer', capabilities: [] },
    },
    {
      label: `$(hubot) ${vscode.l10n.t('An agent that edits')}`,
      terms: { ...common, kind: 'agent', role: 'editor', capabilities: edit },
    },
  ];
}
