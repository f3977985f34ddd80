/** Owns: at which line each connection said last that it is. Does not know: how it is shown. */
import type { Disposable } from '../../editor/disposable-store.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { Presence } from '../../world/world-rows.ts';
import type { WorldView } from '../../world/world-view.ts';

interface KnownLine {
  readonly fileId: number;
  readonly line: number;
}

export class MemberLines implements Disposable {
  /** By connection. */
  readonly #lines = new Map<string, KnownLine>();
  readonly #stops: readonly (() => void)[];

  /** `onMove`: somebody is at another line than before. */
  constructor(
    view: Pick<WorldView, 'onMovement' | 'presence'>,
    onMove: (identity: IdentityHex) => void,
  ) {
    this.#stops = [
      view.onMovement(({ connectionId, identity, fileId, selections }) => {
        const [first] = selections;
        const known = this.#lines.get(connectionId);
        if (first === undefined) {
          if (this.#lines.delete(connectionId)) onMove(identity);
          return;
        }
        const line = Math.min(first.anchorLine, first.activeLine) + 1;
        if (known?.fileId === fileId && known.line === line) return;
        this.#lines.set(connectionId, { fileId, line });
        onMove(identity);
      }),
      view.presence.onChange(({ before, after }) => {
        if (before && !after) this.#lines.delete(before.connectionId);
      }),
    ];
  }

  /** From 1; undefined where nothing was told of that place. */
  of({ connectionId, fileId }: Presence): number | undefined {
    const known = this.#lines.get(connectionId);
    return known?.fileId === fileId && fileId !== 0 ? known.line : undefined;
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }
}
