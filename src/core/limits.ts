/**
 * What one world accepts. Every loop of the module is bounded by one of these, and an owner may
 * change them; sizes are in bytes unless the name says otherwise.
 */
export interface Limits {
  readonly textFileBytes: number;
  readonly binaryFileBytes: number;
  readonly files: number;
  readonly opsPerBatch: number;
  readonly changesPerOp: number;
  /** Text that one batch inserts, or content that one import brings. */
  readonly batchBytes: number;
  readonly filesPerImport: number;
  readonly rangeHashesPerOp: number;
  readonly overlapsPerOp: number;
  /** A base further behind than either is too old to be moved: it becomes a ticket. */
  readonly staleOps: number;
  readonly staleChanges: number;
  readonly staleBytes: number;
  /** Typing on a base older than either counts as a patch. */
  readonly carriedMs: number;
  readonly carriedOps: number;
  /** Versions after which maintenance writes a new snapshot; four times as many force one. */
  readonly versionsPerSnapshot: number;
  /** Ops that one audit of a file folds at most. */
  readonly opsPerAudit: number;
  readonly openTicketsPerMember: number;
  /** Texts shown in a ticket that are longer than this are left out; its changes are not. */
  readonly ticketTextBytes: number;
  readonly locksPerMember: number;
  readonly lockMs: number;
  readonly members: number;
  readonly openInvites: number;
  readonly inviteMs: number;
  /** UTF-16 code units of names, reasons and activities. */
  readonly nameLength: number;
  /** UTF-16 code units of a note. */
  readonly noteLength: number;
  readonly scopesPerMember: number;
  readonly selections: number;
  /** Per member, over a second, with bursts of twice as much. */
  readonly opsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Per member, over all of their connections. */
  readonly presencePerSecond: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;

export const DEFAULT_LIMITS: Limits = {
  textFileBytes: 4 * MIB,
  binaryFileBytes: 16 * MIB,
  files: 200_000,
  opsPerBatch: 4096,
  changesPerOp: 5000,
  batchBytes: 20 * MIB,
  filesPerImport: 2000,
  rangeHashesPerOp: 64,
  overlapsPerOp: 1024,
  staleOps: 2000,
  staleChanges: 20_000,
  staleBytes: 2 * MIB,
  carriedMs: 5000,
  carriedOps: 128,
  versionsPerSnapshot: 1000,
  opsPerAudit: 50_000,
  openTicketsPerMember: 500,
  ticketTextBytes: 256 * KIB,
  locksPerMember: 64,
  lockMs: HOUR_MS,
  members: 1000,
  openInvites: 200,
  inviteMs: 30 * 24 * HOUR_MS,
  nameLength: 200,
  noteLength: 4000,
  scopesPerMember: 64,
  selections: 64,
  opsPerSecond: 30_000,
  bytesPerSecond: 64 * MIB,
  presencePerSecond: 30,
};

/**
 * For how long and how many a world remembers calls that changed nothing: a later retry of one must not
 * do something after all. An id older than what is remembered is refused unless the history has it.
 */
export const CALL_MEMORY = {
  /** A client sends a call again after a lost answer for this long, edits for ever. */
  resentMs: 24 * HOUR_MS,
  /** Seven times as long: time for clocks that are wrong by days, and for a client that hangs. */
  rememberedMs: 7 * 24 * HOUR_MS,
  /** An id from further in the future than this is refused; a wrong time zone is not. */
  aheadMs: 24 * HOUR_MS,
  /** About 120 bytes each. Beyond it the oldest go, and what is as old as they is refused from then on. */
  callsPerMember: 8192,
  calls: 65_536,
} as const;

/**
 * Limits that what an op makes of the world depends on, such as how much of a ticket's text is shown: a
 * replay must know them. Histories say them; these are what those of 0.1.0, which do not, were made under,
 * so they never change, whatever the defaults become.
 */
const UNSAID_LIMITS = {
  staleOps: 2000,
  staleChanges: 20_000,
  staleBytes: 2 * MIB,
  ticketTextBytes: 256 * KIB,
} as const satisfies Partial<Limits>;

const LIMITS_UNLESS_SAID: Limits = { ...DEFAULT_LIMITS, ...UNSAID_LIMITS };

/**
 * The limits that a world keeps as JSON: an object of those that differ from the defaults, or an
 * empty string. Undefined when it is anything else, or names a limit that does not exist.
 */
export function parseLimits(json: string): Limits | undefined {
  // They are asked for with every file and change almost never.
  if (lastParsed?.json !== json) lastParsed = { json, limits: parsedLimits(json) };
  return lastParsed.limits;
}

let lastParsed: { readonly json: string; readonly limits: Limits | undefined } | undefined;

function parsedLimits(json: string): Limits | undefined {
  const said = json === '' ? {} : parseObject(json);
  const isKnown = said && Object.entries(said).every(([name, value]) => isLimit(name, value));
  return isKnown ? { ...LIMITS_UNLESS_SAID, ...said } : undefined;
}

/**
 * The same of a history that may be of a version with other limits: what is not known here is passed over.
 * Undefined when it is no JSON of an object.
 */
export function readLimits(json: string): Limits | undefined {
  const said = json === '' ? {} : parseObject(json);
  if (!said) return undefined;
  const known = Object.entries(said).filter(([name, value]) => isLimit(name, value));
  return { ...LIMITS_UNLESS_SAID, ...Object.fromEntries(known) };
}

/** The same limits, with those named that a replay must know. */
export function sayLimits(json: string): string {
  const said = json === '' ? {} : (parseObject(json) ?? {});
  const names = Object.keys(UNSAID_LIMITS) as (keyof typeof UNSAID_LIMITS)[];
  const unsaid = names.filter((name) => !Object.hasOwn(said, name));
  const defaults = unsaid.map((name) => [name, DEFAULT_LIMITS[name]]);
  return JSON.stringify({ ...said, ...Object.fromEntries(defaults) });
}

/** Those of a world that are not the defaults, for people. */
export function differingLimits(json: string): Readonly<Record<string, number>> {
  const said: object = json === '' ? {} : (parseObject(json) ?? {});
  const defaults: Readonly<Record<string, unknown>> = { ...DEFAULT_LIMITS };
  return Object.fromEntries(
    Object.entries(said).filter(([name, value]) => defaults[name] !== value),
  );
}

function isLimit(name: string, value: unknown): boolean {
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
  return Object.hasOwn(DEFAULT_LIMITS, name) && isNumber && value >= 1 && value <= 0xffff_ffff;
}

function parseObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
