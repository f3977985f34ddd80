import type { RestorationRule } from '../../src/core/restoration.ts';
import {
  ENDED_RESTORATIONS,
  isRestorationAction,
  isStanding,
  RESTORATION_RULES,
  type RestorationAction,
  type RestorationRules,
} from '../../src/core/restoration-action.ts';
import { identityOf, type Who } from './caller.ts';
import { demand } from './refusal.ts';
import { counted } from './work.ts';
import type { Context, Database, Row } from './world.ts';

type Timestamp = Context['timestamp'];

/**
 * Does to the table what an action says, for new ops and for replayed ones. False where it does not fit:
 * its question is not known or has ended, or it is longer than the module writes one.
 */
export function applyRestoration(
  ctx: Context,
  opSeq: number,
  author: Who,
  madeAt: Timestamp,
  action: RestorationAction,
): boolean {
  if (!isRestorationAction(action)) return false;
  const { restoration: table } = ctx.db;
  if (action.does === 'ask') {
    const { cause, folderName, items, fileCount, owners } = action;
    table.insert({
      restorationId: opSeq,
      folderOf: author.identity,
      cause,
      folderName,
      items: items.map(({ fileId, path, what }) => ({ fileId, path, what })),
      owners: owners.map((owner) => identityOf(ctx, owner)),
      fileCount,
      askedAt: madeAt,
      status: 'open',
      answer: '',
      answeredBy: undefined,
      answeredAt: undefined,
      changedSeq: opSeq,
    });
    return true;
  }
  const row = table.restorationId.find(action.question);
  if (!row || !isStanding(row)) return false;
  const changed = { ...row, changedSeq: opSeq };
  if (action.does === 'withdraw') {
    endQuestion(ctx.db, { ...changed, status: 'withdrawn' });
    return true;
  }
  const { answer } = action;
  if (answer === row.answer) return false;
  const answered = { status: 'answered', answer, answeredBy: author.identity, answeredAt: madeAt };
  if (answer === 'leave') table.restorationId.update({ ...changed, ...answered });
  else endQuestion(ctx.db, { ...changed, ...answered });
  return true;
}

/** Questions of a member that can still be answered. */
export function standingOf(db: Database, { identity }: Pick<Who, 'identity'>): number {
  let count = 0;
  for (const row of counted(db.restoration.folderOf.filter(identity))) {
    if (isStanding(row)) count += 1;
  }
  return count;
}

/** What has ended stays short, and the oldest of it goes: everybody who connects is sent all rows. */
function endQuestion(db: Database, row: Row<'restoration'>): void {
  db.restoration.restorationId.update({ ...row, items: [], owners: [] });
  const rows = Array.from(counted(db.restoration.folderOf.filter(row.folderOf)));
  const ended = rows.filter((each) => !isStanding(each));
  ended.sort((a, b) => b.changedSeq - a.changedSeq);
  for (const { restorationId } of ended.slice(ENDED_RESTORATIONS)) {
    db.restoration.restorationId.delete(restorationId);
  }
}

/** The rules that were named. Refuses what is none. */
export function demandRestorationRules({
  agents,
  people,
}: Readonly<Record<keyof RestorationRules, string>>): RestorationRules {
  return { agents: demandRule(agents), people: demandRule(people) };
}

function demandRule(name: string): RestorationRule {
  const rule = RESTORATION_RULES.find((each) => each === name);
  demand(rule !== undefined, 'bad_request', 'a folder asks or takes');
  return rule;
}

export function writeRestorationRules(db: Database, { agents, people }: RestorationRules): void {
  const row = { id: RULE_ID, agents, people };
  if (db.restoration_rule.id.find(RULE_ID)) db.restoration_rule.id.update(row);
  else db.restoration_rule.insert(row);
}

/** Forgets all, when a history begins anew. */
export function clearRestorations(db: Database): void {
  db.restoration_rule.id.delete(RULE_ID);
  for (const { restorationId } of counted(db.restoration.iter())) {
    db.restoration.restorationId.delete(restorationId);
  }
}

const RULE_ID = 1;
