import { TURNS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { type Row, tableOf } from './bindings.ts';
import { identityHex } from './identity-hex.ts';
import type { Link } from './link.ts';
import { LiveRows } from './live-rows.ts';

/** What an agent is doing for whoever asked it. */
export interface OpenTurn {
  /** The number of the op that began it. */
  readonly turnId: number;
  readonly agent: IdentityHex;
  readonly title: string;
  readonly beganAtMs: number;
}

/** Follows which turns of agents are open; none in a world whose module knows no turns. */
export class OpenTurnRows {
  /** By the number of the turn. */
  readonly turns: LiveRows<number, OpenTurn>;

  constructor(onError: (error: unknown) => void) {
    this.turns = new LiveRows(({ turnId }) => turnId, onError);
  }

  static queriesFor({ moduleLevel }: Link): readonly string[] {
    return moduleLevel < TURNS_LEVEL ? [] : ['SELECT * FROM turn WHERE is_open = true'];
  }

  /** The open turns of an agent, the oldest first. */
  of(agent: IdentityHex): readonly OpenTurn[] {
    return [...this.turns.values()]
      .filter((turn) => turn.agent === agent)
      .sort((a, b) => a.turnId - b.turnId);
  }

  /** Reads what the link's subscription brought, and follows it. */
  attach(link: Link): void {
    if (link.moduleLevel < TURNS_LEVEL) return;
    const rows = tableOf(link.connection, 'turn');
    // One that has ended may be asked for by its number.
    this.turns.reset([...rows.iter()].filter(({ isOpen }) => isOpen).map(turnOf));
    const put = (row: Row<'turn'>): void => {
      if (!link.isAlive) return;
      if (row.isOpen) this.turns.put(turnOf(row));
      else this.turns.remove(turnOf(row));
    };
    rows.onInsert((_, row) => put(row));
    rows.onUpdate((_, _before, row) => put(row));
    rows.onDelete((_, row) => link.isAlive && this.turns.remove(turnOf(row)));
  }
}

function turnOf({ turnId, agent, title, beganAt }: Row<'turn'>): OpenTurn {
  const beganAtMs = Number(beganAt.microsSinceUnixEpoch / 1000n);
  return { turnId, agent: identityHex(agent), title, beganAtMs };
}
