import { RESTORATIONS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import {
  RESTORATION_ANSWERS,
  RESTORATION_CAUSES,
  type RestorationAnswer,
  type RestorationCause,
  type RestorationItem,
  type RestorationStatus,
} from '../core/restoration.ts';
import { DEFAULT_RESTORATION_RULES, type RestorationRules } from '../core/restoration-action.ts';
import { type Row, tableOf } from './bindings.ts';
import { identityHex } from './identity-hex.ts';
import type { Link } from './link.ts';
import { Listeners, type StopListening } from './listeners.ts';
import { LiveRows } from './live-rows.ts';

/** What a folder asks, and what became of it. */
export interface Restoration {
  readonly restorationId: number;
  /** Whose folder it is. */
  readonly folderOf: IdentityHex;
  readonly cause: RestorationCause;
  readonly folderName: string;
  /** The first of the files; none once the question has ended. */
  readonly items: readonly RestorationItem[];
  readonly fileCount: number;
  /** Whose work would go away; nobody once the question has ended. */
  readonly owners: readonly IdentityHex[];
  readonly askedAtMs: number;
  readonly status: RestorationStatus;
  /** Undefined while nobody has answered. */
  readonly answer: RestorationAnswer | undefined;
  readonly answeredBy: IdentityHex | undefined;
  readonly answeredAtMs: number | undefined;
}

/** Follows the questions of a world whose module keeps them. */
export class RestorationRows {
  /** By the question's number; those that have ended are there for a while. */
  readonly questions: LiveRows<number, Restoration>;
  readonly #sights: Listeners<undefined>;
  readonly #ruleChanges: Listeners<RestorationRules>;
  #rules = DEFAULT_RESTORATION_RULES;

  constructor(onError: (error: unknown) => void) {
    this.questions = new LiveRows(({ restorationId }) => restorationId, onError);
    this.#sights = new Listeners(onError);
    this.#ruleChanges = new Listeners(onError);
  }

  /** Whether folders of agents ask, and those of people. */
  get rules(): RestorationRules {
    return this.#rules;
  }

  onRules(listener: (rules: RestorationRules) => void): StopListening {
    return this.#ruleChanges.add(listener);
  }

  /** All questions were read anew through a new connection. */
  onSight(listener: () => void): StopListening {
    return this.#sights.add(listener);
  }

  static queriesFor({ moduleLevel }: Link): readonly string[] {
    if (moduleLevel < RESTORATIONS_LEVEL) return [];
    return ['SELECT * FROM restoration', 'SELECT * FROM restoration_rule'];
  }

  /** Reads what the link's subscription brought, and follows it. */
  attach(link: Link): void {
    if (link.moduleLevel < RESTORATIONS_LEVEL) return;
    const rows = tableOf(link.connection, 'restoration');
    const rules = tableOf(link.connection, 'restoration_rule');
    this.questions.reset(Array.from(rows.iter(), restorationOf));
    for (const row of rules.iter()) this.#setRules(row);
    this.#sights.emit(undefined);
    const put = (row: Row<'restoration'>): void => {
      if (link.isAlive) this.questions.put(restorationOf(row));
    };
    rows.onInsert((_, row) => put(row));
    rows.onUpdate((_, _before, row) => put(row));
    rows.onDelete((_, row) => link.isAlive && this.questions.remove(restorationOf(row)));
    rules.onInsert((_, row) => link.isAlive && this.#setRules(row));
    rules.onUpdate((_, _before, row) => link.isAlive && this.#setRules(row));
  }

  #setRules({ agents, people }: Row<'restoration_rule'>): void {
    this.#rules = { agents: ruleNamed(agents), people: ruleNamed(people) };
    this.#ruleChanges.emit(this.#rules);
  }
}

function restorationOf(row: Row<'restoration'>): Restoration {
  const { restorationId, folderName, fileCount } = row;
  return {
    restorationId,
    folderOf: identityHex(row.folderOf),
    // A cause of a later version.
    cause: RESTORATION_CAUSES.find((cause) => cause === row.cause) ?? 'tool',
    folderName,
    items: row.items.map(({ fileId, path, what }) => {
      return { fileId, path, what: what === 'deleted' ? 'deleted' : 'changed' };
    }),
    fileCount,
    owners: row.owners.map(identityHex),
    askedAtMs: millisecondsOf(row.askedAt),
    status: row.status as RestorationStatus,
    answer: RESTORATION_ANSWERS.find((answer) => answer === row.answer),
    answeredBy: row.answeredBy && identityHex(row.answeredBy),
    answeredAtMs: row.answeredAt && millisecondsOf(row.answeredAt),
  };
}

/** A rule of a later version is read as the careful one. */
function ruleNamed(name: string): RestorationRules['agents'] {
  return name === 'take' ? 'take' : 'ask';
}

function millisecondsOf(timestamp: { readonly microsSinceUnixEpoch: bigint }): number {
  return Number(timestamp.microsSinceUnixEpoch / 1000n);
}
