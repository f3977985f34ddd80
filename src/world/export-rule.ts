/** What a world asks of an export: followed with its small tables, shown and changed. */
import type { ExportRule } from '../core/export-rule.ts';
import { EXPORT_RULES_LEVEL } from '../core/module-level.ts';
import { type Row, tableOf } from './bindings.ts';
import { demandDone } from './demand-done.ts';
import type { Link } from './link.ts';
import { Listeners, type StopListening } from './listeners.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

/** Follows the rule of a world; `any` until an owner has set another. */
export class ExportRuleRow {
  readonly #changes: Listeners<ExportRule>;
  #rule: ExportRule = 'any';

  constructor(onError: (error: unknown) => void) {
    this.#changes = new Listeners(onError);
  }

  get rule(): ExportRule {
    return this.#rule;
  }

  onChange(listener: (rule: ExportRule) => void): StopListening {
    return this.#changes.add(listener);
  }

  static queriesFor({ moduleLevel }: Link): readonly string[] {
    return moduleLevel < EXPORT_RULES_LEVEL ? [] : ['SELECT * FROM export_rule'];
  }

  /** Reads what the link's subscription brought, and follows it. */
  attach(link: Link): void {
    if (link.moduleLevel < EXPORT_RULES_LEVEL) return;
    const rows = tableOf(link.connection, 'export_rule');
    const set = (row: Row<'export_rule'>): void => {
      if (link.isAlive) this.#set(row);
    };
    for (const row of rows.iter()) this.#set(row);
    rows.onInsert((_, row) => set(row));
    rows.onUpdate((_, _before, row) => set(row));
  }

  #set({ rule }: Row<'export_rule'>): void {
    // A rule of a later version is read as the careful one.
    this.#rule = rule === 'any' ? 'any' : 'reviewed';
    this.#changes.emit(this.#rule);
  }
}

/** What an export of the world needs; undefined in a world that cannot ask for review. */
export function exportRule({
  moduleLevel,
  view,
}: Pick<WorldSession, 'moduleLevel' | 'view'>): ExportRule | undefined {
  return moduleLevel >= EXPORT_RULES_LEVEL ? view.exportRule.rule : undefined;
}

/** An export is refused for want of review; `what` says of what. */
export function unreviewedRefusal(what: string): WorldError {
  const why = `this world asks for review before an export, and ${what}`;
  return new WorldError('refused', `unreviewed: ${why}. ${ADVICE}`);
}

const ADVICE =
  'A person can look at it (agent-world review) and keep it or take it back; an owner who is a person can export it all the same (agent-world export --unreviewed)';

/** Changes it. Throws `WorldError`: only an owner who is no agent may, and an older module cannot. */
export async function changeExportRule(session: WorldSession, rule: ExportRule): Promise<void> {
  const { moduleLevel } = await session.whenOnline();
  if (moduleLevel < EXPORT_RULES_LEVEL) {
    const why = 'this world cannot ask for review; an owner can bring its module up to date';
    throw new WorldError('refused', `upgrade_needed: ${why}`);
  }
  demandDone(await session.call('set_export_rule', { rule }));
}
