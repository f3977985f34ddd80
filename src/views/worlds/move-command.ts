import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { WindowWorld } from '../../editor/window-world.ts';
import { memberName } from '../../world/member-name.ts';
import { type MovedWorld, moveWorld } from '../../world/move.ts';
import { profileIn } from '../../world/profile.ts';
import type { KnownWorld } from '../../world/world-list.ts';
import { withProgress } from '../with-progress.ts';
import { opProgress } from './op-progress.ts';
import { askServerLabel } from './server-box.ts';
import { liveIn, tell } from './world-commands.ts';
import type { ShownWorld } from './world-tree.ts';
import { serverText } from './world-words.ts';

export interface Moving {
  readonly surroundings: ExtensionSurroundings;
  readonly window: WindowWorld;
}

/** Takes a world to another server, with this window if it is in it. */
export async function moveToServer(moving: Moving, { world }: ShownWorld): Promise<void> {
  const live = liveIn(moving.window, world);
  if (live && !isReadyToGo(live)) return;
  const title = vscode.l10n.t('Where shall “{0}” live?', world.name);
  const to = await askServerLabel(title, (label) => label !== world.server);
  if (to === undefined) return;
  const deletesOld = await confirm(world, to, live);
  if (deletesOld === undefined) return;
  const moved = await goThere(moving, world, to, deletesOld, live);
  const { ops, isOldDeleted } = moved;
  const kept = isOldDeleted
    ? vscode.l10n.t('The old one is deleted.')
    : vscode.l10n.t('The old one is kept, marked as moved.');
  const done = vscode.l10n.t('“{0}” is at {1} now: {2} ops.', world.name, serverText(to), ops);
  tell(`${done} ${kept}`);
}

/** What is kept beside the world does not move: it has to be sent, or decided, before. */
function isReadyToGo({ documents, refused }: FolderWorld): boolean {
  const drafts = refused.all().filter(({ source }) => source.tag === 'draft').length;
  if (documents.filesWaiting === 0 && drafts === 0) return true;
  tell(
    documents.filesWaiting > 0
      ? vscode.l10n.t(
          'Files with edits that the world does not have yet: {0}. Move it once they are sent.',
          documents.filesWaiting,
        )
      : vscode.l10n.t(
          'Edits of yours that were refused wait here: {0}. Decide them first.',
          drafts,
        ),
  );
  return false;
}

/** Whether the old world is to be deleted; undefined when the user gave up. */
async function confirm(
  world: KnownWorld,
  to: string,
  live: FolderWorld | undefined,
): Promise<boolean | undefined> {
  const others = live ? othersIn(live) : [];
  const detail = [
    vscode.l10n.t(
      'Its whole history is copied and verified; until the copy is whole everything stays as it is. Its folder belongs to the copy from then on.',
    ),
    vscode.l10n.t(
      'There you are an owner; the other members have other identities there and need new invites. Claims on lines do not come along.',
    ),
    others.length === 0
      ? vscode.l10n.t('While somebody writes in it, it is not moved.')
      : vscode.l10n.t(
          'Here now: {0}. While somebody writes in it, it is not moved; whoever stays, stays in the old one.',
          others.join(', '),
        ),
  ];
  const move = vscode.l10n.t('Move');
  const moveAndDelete = vscode.l10n.t('Move and Delete the Old One');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Move “{0}” to {1}?', world.name, serverText(to)),
    { modal: true, detail: detail.join('\n\n') },
    move,
    moveAndDelete,
  );
  if (answer === undefined) return undefined;
  return answer === moveAndDelete;
}

/** Everybody who is connected but this window. */
function othersIn({ session }: FolderWorld): readonly string[] {
  const { view, link } = session;
  const others = [...view.presence.values()].filter(
    ({ connectionId }) => connectionId !== link?.connectionId,
  );
  return [...new Set(others.map(({ identity }) => memberName(view, identity)))];
}

/** A window that is in the world leaves it for so long, and comes back wherever it is then. */
async function goThere(
  { surroundings, window }: Moving,
  world: KnownWorld,
  to: string,
  deletesOld: boolean,
  live: FolderWorld | undefined,
): Promise<MovedWorld> {
  if (live) await window.leave(live);
  let back = world;
  try {
    const title = vscode.l10n.t('Moving “{0}” to {1}', world.name, serverText(to));
    const moved = await withProgress(title, async (task) => {
      const onProgress = opProgress(task);
      return moveWorld(surroundings, {
        world,
        to: surroundings.serverFor(to),
        profile: await profileIn(world.folder === '' ? process.cwd() : world.folder),
        deletesOld,
        onProgress: (_step, progress) => onProgress(progress),
        signal: task.signal,
      });
    });
    back = moved.world;
    return moved;
  } finally {
    if (live) await window.enter(back, live.folder);
  }
}
