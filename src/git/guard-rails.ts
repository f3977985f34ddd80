import { realpath } from 'node:fs/promises';
import { listed } from '../core/listed.ts';
import type { IdentityHex } from '../core/op.ts';
import { scanFolder } from '../world/folder-scan.ts';
import { memberName } from '../world/member-name.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { FoundSecret } from './find-secrets.ts';

/** What somebody should know before a commit is made. */
export type Rail = 'tickets' | 'unsent' | 'drafts' | 'reviews' | 'claims' | 'outside' | 'secrets';

/** `block`: no export until it is settled or allowed; `warn`: it is listed; `off`: not looked for. */
export type RailSetting = 'block' | 'warn' | 'off';
export type RailSettings = Readonly<Record<Rail, RailSetting>>;

export const RAILS: readonly Rail[] = [
  'tickets',
  'unsent',
  'drafts',
  'reviews',
  'claims',
  'outside',
  'secrets',
];

export const DEFAULT_RAILS: RailSettings = {
  tickets: 'block',
  unsent: 'block',
  drafts: 'block',
  reviews: 'warn',
  claims: 'warn',
  outside: 'warn',
  secrets: 'block',
};

/** The code of a path where the base has a link or a submodule, and the world a file. */
export const LINK_REPLACED = 'link_replaced';

export interface RailFinding {
  readonly rail: Rail;
  /** In the world or in the folder; empty where it is about no one file. */
  readonly path: string;
  /** Counted from 1; 0 for the whole file. */
  readonly line: number;
  /** Who it is about; empty for nobody. */
  readonly who: string;
  /** A code of what it is: a ticket's reason, why a file is left out, the kind of a key. */
  readonly what: string;
}

export interface RailQuestion {
  readonly session: WorldSession;
  /** The world's folder here; empty where it has none. */
  readonly folder: string;
  readonly secrets: readonly FoundSecret[];
  /** Links and submodules that the export puts a file in the place of. */
  readonly replacedLinks: readonly string[];
  /** Paths of what the caller's window has not sent, and of drafts that it keeps. */
  readonly unsent?: readonly string[];
  readonly drafts?: readonly string[];
  /** Files in which agents did something that nobody has kept or taken back. */
  readonly unreviewed?: readonly {
    readonly path: string;
    readonly agents: readonly IdentityHex[];
  }[];
}

/** Everything worth knowing, most pressing first. */
export async function findByRails(question: RailQuestion): Promise<readonly RailFinding[]> {
  const { session, secrets, unsent = [], drafts = [], unreviewed = [] } = question;
  const named = (rail: Rail, path: string): RailFinding => {
    return { rail, path, line: 0, who: '', what: rail };
  };
  return [
    ...ticketsOf(session),
    ...unsent.map((path) => named('unsent', path)),
    ...drafts.map((path) => named('drafts', path)),
    ...secrets.map(({ path, line, kind }): RailFinding => {
      return { rail: 'secrets', path, line, who: '', what: kind };
    }),
    ...unreviewed.map(({ path, agents }) => {
      const who = listed(
        agents.map((agent) => memberName(session.view, agent)),
        AGENTS_NAMED,
      );
      return { ...named('reviews', path), who };
    }),
    ...claimsOf(session),
    ...question.replacedLinks.map((path): RailFinding => {
      return { ...named('outside', path), what: LINK_REPLACED };
    }),
    ...(await outsideOf(question)),
  ];
}

/** What of that keeps an export from being made. */
export function blocking(
  findings: readonly RailFinding[],
  settings: RailSettings,
): readonly RailFinding[] {
  return findings.filter(({ rail }) => settings[rail] === 'block');
}

/** What of that is to be told. */
export function told(
  findings: readonly RailFinding[],
  settings: RailSettings,
): readonly RailFinding[] {
  return findings.filter(({ rail }) => settings[rail] !== 'off');
}

/** One line for a person. */
export function describeFinding({ rail, path, line, who, what }: RailFinding): string {
  const place = line > 0 ? `${path}:${line}` : path;
  switch (rail) {
    case 'tickets':
      return `${place}: a conflict waits for a decision (${what}), opened by ${who}`;
    case 'unsent':
      return `${place}: edits that were not sent yet`;
    case 'drafts':
      return `${place}: an edit that the world did not take`;
    case 'reviews':
      return `${place}: work of agents that nobody has looked at (${who})`;
    case 'claims':
      return `${place}: the agent ${who} holds a claim${what === '' ? '' : ` (${what})`}`;
    case 'outside':
      if (what === LINK_REPLACED)
        return `${place}: a link in the commit before, a file in the world`;
      return `${place}: lies outside of the world (${what})`;
    case 'secrets':
      return `${place}: looks like a secret (${what})`;
  }
}

function ticketsOf({ view }: WorldSession): RailFinding[] {
  return [...view.tickets.values()]
    .filter(({ status }) => status === 'open')
    .map(({ fileId, author, reason }) => {
      const who = memberName(view, author);
      const path = view.files.get(fileId)?.path ?? '';
      return { rail: 'tickets', path, line: 0, who, what: reason };
    });
}

function claimsOf({ view, clock }: WorldSession): RailFinding[] {
  return [...view.locks.values()].flatMap((lock): RailFinding[] => {
    const holder = view.members.get(lock.holder);
    if (holder?.kind !== 'agent' || lock.expiresAtMs <= clock.nowMs()) return [];
    const path = view.files.get(lock.fileId)?.path ?? '';
    const line = lock.firstLine + 1;
    return [{ rail: 'claims', path, line, who: memberName(view, lock.holder), what: lock.reason }];
  });
}

/** Files of the folder that git would take, and that are not in the world. */
async function outsideOf({ session, folder }: RailQuestion): Promise<RailFinding[]> {
  if (folder === '') return [];
  const { files, skipped } = await scanFolder(await realpath(folder));
  const others = files
    .filter(({ path }) => !session.view.fileAt(path))
    .map(({ path }) => ({ path, why: 'not_in_the_world' }));
  return [...skipped, ...others].map(({ path, why }) => {
    return { rail: 'outside', path, line: 0, who: '', what: why };
  });
}

const AGENTS_NAMED = 5;
