import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { onSetting, readSettings } from '../../editor/settings.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';
import { describeMember, type PresentMember } from '../status-bar.ts';
import { memberBadge } from './member-label.ts';

interface Badge {
  readonly uri: vscode.Uri;
  readonly badge: string;
  readonly tooltip: string;
}

/** Marks the files in which others are, wherever VS Code lists files. */
export class FileBadges implements Disposable, vscode.FileDecorationProvider {
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri[]>());
  readonly #updates = this.#store.add(new Coalescer<'all'>(nextTurn, () => this.#update()));
  #entered: DisposableStore | undefined;
  #current: FolderWorld | undefined;
  #badges: ReadonlyMap<string, Badge> = new Map();

  readonly onDidChangeFileDecorations = this.#changes.event;

  constructor() {
    this.#store.add(vscode.window.registerFileDecorationProvider(this));
    this.#store.add(onSetting('presence.badges', () => this.#updates.mark('all')));
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered?.dispose();
    this.#current = current;
    const entered = new DisposableStore();
    this.#entered = entered;
    if (current) {
      const changed = (): void => this.#updates.mark('all');
      entered.add(current.presence.onChange(changed));
      // Nobody is seen while the connection is lost.
      entered.addStop(current.session.onState(changed));
    }
    this.#updates.mark('all');
  }

  /** Costs a look into what is shown, for every file that VS Code lists. */
  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const shown = this.#badges.get(uri.toString());
    if (shown === undefined) return undefined;
    // No colour: the names of files have those of git. Folders that are closed show a dot.
    const decoration = new vscode.FileDecoration(shown.badge, shown.tooltip);
    decoration.propagate = true;
    return decoration;
  }

  dispose(): void {
    this.#entered?.dispose();
    this.#store.dispose();
  }

  #update(): void {
    const before = this.#badges;
    this.#badges = this.#badgesNow();
    const changed = [...before.values(), ...this.#badges.values()].filter(({ uri }) => {
      const [then, now] = [before.get(uri.toString()), this.#badges.get(uri.toString())];
      return then?.badge !== now?.badge || then?.tooltip !== now?.tooltip;
    });
    if (changed.length > 0) this.#changes.fire(changed.map(({ uri }) => uri));
  }

  #badgesNow(): ReadonlyMap<string, Badge> {
    const current = this.#current;
    const isLive = current?.session.state.tag === 'online';
    if (!current || !isLive || !readSettings().presenceBadges) return new Map();
    const badges = new Map<string, Badge>();
    for (const [path, members] of current.presence.inFiles()) {
      const uri = vscode.Uri.joinPath(current.folder.uri, path);
      badges.set(uri.toString(), {
        uri,
        badge: memberBadge(members),
        tooltip: vscode.l10n.t('Here: {0}', members.map(whoIsHere).join(', ')),
      });
    }
    return badges;
  }
}

function whoIsHere(member: PresentMember): string {
  return describeMember({ ...member, path: '' });
}
