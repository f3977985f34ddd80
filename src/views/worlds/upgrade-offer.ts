import * as vscode from 'vscode';
import { hashOfModule, moduleStanding } from '../../world/module-standing.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { WorldError } from '../../world/world-error.ts';
import { nodeOf } from './world-tree.ts';

export interface UpgradeOfferOptions {
  readonly surroundings: ExtensionSurroundings;
  /** What was answered is kept there. */
  readonly memento: vscode.Memento;
}

/**
 * True when the world that a window is in runs an older module than this version brings, and is the
 * user's to change. Waits until the window is online.
 */
export async function canUpgrade(
  surroundings: ExtensionSurroundings,
  { session, world }: FolderWorld,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await session.whenOnline(signal);
    const self = session.view.members.get(session.identity);
    if (self?.role !== 'owner') return false;
    return (await moduleStanding(surroundings, world, signal)) === 'older';
  } catch (error) {
    // Whoever cannot be asked now is asked when the folder is opened next.
    if (error instanceof WorldError) return false;
    throw error;
  }
}

/** Offers an upgrade, once for each world and module. */
export async function offerUpgrade(
  { surroundings, memento }: UpgradeOfferOptions,
  { world }: FolderWorld,
): Promise<void> {
  const hash = hashOfModule(await surroundings.bundle());
  const key = `upgrade offered: ${world.database}`;
  if (memento.get<string>(key) === hash) return;
  await memento.update(key, hash);
  const upgrade = vscode.l10n.t('Upgrade');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The world “{0}” runs the module of an earlier version. Upgrade it to {1}? The history stays.',
      world.name,
      surroundings.version,
    ),
    upgrade,
    vscode.l10n.t('Not Now'),
  );
  if (answer === upgrade) {
    await vscode.commands.executeCommand('agentWorld.upgradeWorld', nodeOf(world));
  }
}
