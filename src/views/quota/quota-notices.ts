/**
 * Owns: telling once when a world, or what its user may write in it, is nearly full. Does not know: how
 * that is counted.
 */
import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { isNearlyUsedUp, type QuotaShare, sharesOf } from '../../world/usage-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { Run, ViewPart } from '../view-part.ts';
import { byteText } from '../worlds/byte-text.ts';

export class QuotaNotices implements ViewPart {
  readonly commands: Readonly<Record<string, Run>> = {};
  readonly #memento: vscode.Memento;
  #stop: () => void = () => {};

  constructor({ globalState }: Pick<vscode.ExtensionContext, 'globalState'>) {
    this.#memento = globalState;
  }

  enter(current: FolderWorld | undefined): void {
    this.#stop();
    const session = current?.session;
    this.#stop = session?.view.usage.onChange(() => this.#look(session)) ?? (() => {});
    if (session) this.#look(session);
  }

  dispose(): void {
    this.#stop();
  }

  #look(session: WorldSession): void {
    const { usage } = session.view.usage;
    const self = session.view.members.get(session.identity);
    if (!usage || !self) return;
    for (const share of sharesOf(usage, self.role === 'owner')) this.#tell(session, share);
  }

  /** Once, and again only where an owner has made room in between and that is nearly used up, too. */
  #tell(session: WorldSession, share: QuotaShare): void {
    const key = `quotaTold ${session.workspace?.worldEpoch} ${share.of} ${share.what}`;
    const wasTold = this.#memento.get(key) === true;
    const isNear = isNearlyUsedUp(share);
    if (wasTold === isNear) return;
    void this.#memento.update(key, isNear ? true : undefined);
    if (isNear) void vscode.window.showWarningMessage(textOf(session, share));
  }
}

function textOf({ workspace }: WorldSession, { of, what, used, quota }: QuotaShare): string {
  const name = workspace?.name ?? '';
  if (what === 'notes') {
    return vscode.l10n.t(
      'You have sent {0} of the {1} messages that you may send in “{2}”. An owner can change that: agent-world quota',
      used,
      quota,
      name,
    );
  }
  const [has, most] = [byteText(used), byteText(quota)];
  return of === 'member'
    ? vscode.l10n.t(
        'You have written {0} of the {1} that you may write in “{2}”. An owner can change that: agent-world quota',
        has,
        most,
        name,
      )
    : vscode.l10n.t(
        '“{0}” keeps {1} of the {2} that it may keep. An owner can change that: agent-world quota',
        name,
        has,
        most,
      );
}
