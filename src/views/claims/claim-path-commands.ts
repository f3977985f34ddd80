import path from 'node:path';
import * as vscode from 'vscode';
import { folderGlob, hasWildcards } from '../../core/path-glob.ts';
import type { ClaimedPaths } from '../../core/path-claim.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { WindowWorld } from '../../editor/window-world.ts';
import { anyClaimPlace } from '../../world/any-claim.ts';
import { memberName } from '../../world/member-name.ts';
import { claimPaths, neighboursOf } from '../../world/path-claims.ts';
import { spellGlob, spellPath } from '../../world/spell-path.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { askSteps } from '../steps.ts';
import { askWishes, reasonField } from './claim-wishes.ts';
import { refusalText, tellHeld, tellOfClaims } from './claim-words.ts';

export interface ClaimPathCommandsOptions {
  readonly randomBytes: RandomBytes;
  readonly window: () => WindowWorld;
}

/** Claiming a whole file, a folder, or all files that a glob fits: from the explorer, and by name. */
export class ClaimPathCommands {
  readonly #options: ClaimPathCommandsOptions;

  constructor(options: ClaimPathCommandsOptions) {
    this.#options = options;
  }

  /** `argument` is the file in the explorer; without one it is the file in front. */
  async claimFile(argument: unknown): Promise<void> {
    const uri = fileUri(argument) ?? vscode.window.activeTextEditor?.document.uri;
    const world = uri && this.#worldOf(uri);
    const found = world && (await spelled(world, uri.fsPath));
    if (!world || found === undefined || found === '') {
      tellOfClaims(vscode.l10n.t('Open a file of the world first, or choose it in the explorer.'));
      return;
    }
    await this.#claim(world, { pattern: found, isGlob: false });
  }

  /** `argument` is the folder in the explorer; without one it is asked for, and may be a glob. */
  async claimFolder(current: FolderWorld, argument: unknown): Promise<void> {
    const uri = fileUri(argument);
    const world = uri ? this.#worldOf(uri) : current;
    const pattern = world && (await (uri ? folderAt(world, uri.fsPath) : askGlob(world)));
    if (world && pattern !== undefined) await this.#claim(world, { pattern, isGlob: true });
  }

  async #claim(world: FolderWorld, target: ClaimedPaths): Promise<void> {
    const { session, typed } = world;
    const wishes = await askWishes(world, target.pattern, whoIsThere(session, target));
    if (wishes === undefined) return;
    const answer = await claimPaths(session, { ...target, ...wishes }, this.#options.randomBytes);
    if (answer.tag === 'claimed') {
      typed.forget(reasonField(target.pattern));
      tellHeld(session, answer.claim);
    } else void vscode.window.showWarningMessage(refusalText(session, answer));
  }

  #worldOf(uri: vscode.Uri): FolderWorld | undefined {
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.toString();
    return [...this.#options.window().all()].find(
      (world) => world.folder.uri.toString() === folder,
    );
  }
}

function fileUri(argument: unknown): vscode.Uri | undefined {
  return argument instanceof vscode.Uri && argument.scheme === 'file' ? argument : undefined;
}

/** A path of the world, which is empty for its folder itself; undefined for what cannot be in it. */
async function spelled(world: FolderWorld, file: string): Promise<string | undefined> {
  const found = await spellPath(world.session.view, file, world.folder.uri.fsPath);
  return found.tag === 'path' ? found.path : undefined;
}

async function folderAt(world: FolderWorld, folder: string): Promise<string | undefined> {
  const found = await spelled(world, folder);
  if (found !== undefined) return folderGlob(found);
  tellOfClaims(vscode.l10n.t('That folder is not in the world.'));
  return undefined;
}

/** The folders of the file in front come first. A folder or glob can be typed, also one without files yet. */
async function askGlob(world: FolderWorld): Promise<string | undefined> {
  const { view } = world.session;
  const front =
    vscode.window.activeTextEditor && world.documents.of(vscode.window.activeTextEditor.document);
  const all = foldersOf(
    [...view.files.values()].flatMap((file) => (file.deleted ? [] : file.path)),
  );
  const near = front ? foldersOf([front.path]).reverse() : [];
  const folders = [...new Set([...near, ...all, ''])].slice(0, MOST_FOLDERS);
  const question = {
    placeholder: vscode.l10n.t('Which folder? Or type a glob, such as src/**/*.ts'),
    choices: folders.map((folder) => ({
      label:
        folder === '' ? `$(globe) ${vscode.l10n.t('All of the world')}` : `$(folder) ${folder}`,
      answer: folderGlob(folder),
    })),
    typed: (text: string) => ({ label: text, answer: text }),
  };
  const typed = await askSteps(vscode.l10n.t('Claim a folder'), '', [() => question]);
  if (typed === undefined) return undefined;
  const pattern = hasWildcards(typed)
    ? await spellGlob(view, typed, world.folder.uri.fsPath)
    : await folderAt(world, path.resolve(world.folder.uri.fsPath, typed));
  if (pattern === undefined) tellOfClaims(vscode.l10n.t('{0} leads out of the world.', typed));
  return pattern;
}

/** The folders that these paths are in, sorted. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const each of paths) {
    for (let at = path.posix.dirname(each); at !== '.'; at = path.posix.dirname(at)) {
      if (folders.has(at)) break;
      folders.add(at);
    }
  }
  return [...folders].sort((a, b) => (a < b ? -1 : 1));
}

/** Others with claims there, and others who are there, in one line; empty for nobody. */
function whoIsThere(session: WorldSession, target: ClaimedPaths): string {
  const { view } = session;
  const { paths, lines, present } = neighboursOf(session, target);
  const claims = [...paths, ...lines].map((claim) =>
    vscode.l10n.t(
      '{0} has claimed {1}',
      memberName(view, claim.holder),
      anyClaimPlace(view, claim),
    ),
  );
  const here = present.map(({ identity, path: at }) =>
    vscode.l10n.t('{0} is in {1}', memberName(view, identity), at),
  );
  const all = [...claims, ...here];
  const shown = all.slice(0, MOST_SHOWN).join(' · ');
  const more = all.length - MOST_SHOWN;
  return more > 0 ? vscode.l10n.t('{0} · and {1} more', shown, more) : shown;
}

const MOST_FOLDERS = 500;
const MOST_SHOWN = 3;
