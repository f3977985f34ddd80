import { DEFAULT_QUOTAS, MEBIBYTE, QUOTA_TOLD_AT, type Quotas } from '../core/quota.ts';
import { tableOf } from './bindings.ts';
import type { Link } from './link.ts';
import { Listeners, type StopListening } from './listeners.ts';

/** What is used of one quota. */
export interface QuotaShare {
  readonly of: 'member' | 'world';
  readonly what: 'bytes' | 'notes';
  readonly used: number;
  readonly quota: number;
}

/** What one member and their world keep, as the world wrote it down last: some ops may not be in it yet. */
export interface WorldUsage {
  readonly quotas: Quotas;
  readonly worldBytes: number;
  readonly ownBytes: number;
  readonly ownNotes: number;
}

/** Follows what is used of the quotas of a world whose module counts it. */
export class UsageRows {
  readonly #changes: Listeners<WorldUsage>;
  #usage: WorldUsage | undefined;

  constructor(onError: (error: unknown) => void) {
    this.#changes = new Listeners(onError);
  }

  /** Undefined in a world of an older module, and before it was seen. */
  get usage(): WorldUsage | undefined {
    return this.#usage;
  }

  onChange(listener: (usage: WorldUsage) => void): StopListening {
    return this.#changes.add(listener);
  }

  static queriesFor(link: Link): readonly string[] {
    if (!counts(link)) return [];
    const own = `SELECT * FROM member_usage WHERE identity = 0x${link.identity}`;
    return ['SELECT * FROM quota', 'SELECT * FROM world_usage', own];
  }

  /** Reads what the link's subscription brought, and follows it. */
  attach(link: Link): void {
    if (!counts(link)) return;
    const read = (): void => {
      if (link.isAlive) this.#set(usageIn(link));
    };
    read();
    for (const name of ['quota', 'world_usage', 'member_usage'] as const) {
      tableOf(link.connection, name).onInsert(read);
      tableOf(link.connection, name).onUpdate(read);
    }
  }

  #set(usage: WorldUsage): void {
    this.#usage = usage;
    this.#changes.emit(usage);
  }
}

/** The quotas that concern a member; an owner has none of their own. */
export function sharesOf(usage: WorldUsage, isOwner: boolean): readonly QuotaShare[] {
  const { quotas, worldBytes, ownBytes, ownNotes } = usage;
  const { memberMebibytes, memberNotes, worldMebibytes } = quotas;
  const world = { of: 'world', what: 'bytes', used: worldBytes } as const;
  const shares: QuotaShare[] = [{ ...world, quota: worldMebibytes * MEBIBYTE }];
  if (isOwner) return shares;
  const own = { of: 'member', what: 'bytes', used: ownBytes } as const;
  const notes = { of: 'member', what: 'notes', used: ownNotes, quota: memberNotes } as const;
  return [...shares, { ...own, quota: memberMebibytes * MEBIBYTE }, notes];
}

/** True where it is time to tell somebody. */
export function isNearlyUsedUp({ used, quota }: QuotaShare): boolean {
  return used >= QUOTA_TOLD_AT * quota;
}

function usageIn({ connection }: Link): WorldUsage {
  const [quotas = DEFAULT_QUOTAS] = tableOf(connection, 'quota').iter();
  const [world] = tableOf(connection, 'world_usage').iter();
  const [own] = tableOf(connection, 'member_usage').iter();
  const { memberMebibytes, memberNotes, worldMebibytes } = quotas;
  return {
    quotas: { memberMebibytes, memberNotes, worldMebibytes },
    worldBytes: Number(world?.bytes ?? 0n),
    ownBytes: Number(own?.bytes ?? 0n),
    ownNotes: own?.notes ?? 0,
  };
}

/** Modules of 0.1.0 count nothing. */
function counts({ moduleLevel }: Link): boolean {
  return moduleLevel >= QUOTAS_LEVEL;
}

const QUOTAS_LEVEL = 2;
