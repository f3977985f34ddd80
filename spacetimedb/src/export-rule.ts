import { EXPORT_RULES, type ExportRule } from '../../src/core/export-rule.ts';
import { type ExportPoint, UNREVIEWED_FILES } from '../../src/core/git-point.ts';
import { readPayload } from '../../src/core/op-payload.ts';
import { decidesNothing } from '../../src/core/review.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import type { Caller } from './caller.ts';
import type { History } from './history.ts';
import { demand, Refusal } from './refusal.ts';
import { counted, spend } from './work.ts';
import type { Database, Row } from './world.ts';

/** The rule that was named. Refuses what is none. */
export function demandExportRule(name: string): ExportRule {
  const rule = EXPORT_RULES.find((each) => each === name);
  demand(rule !== undefined, 'bad_request', 'an export takes any work, or what is reviewed');
  return rule;
}

export function writeExportRule(db: Database, rule: ExportRule): void {
  const row = { id: RULE_ID, rule };
  if (db.export_rule.id.find(RULE_ID)) db.export_rule.id.update(row);
  else db.export_rule.insert(row);
}

/** Forgets it, when a history begins anew. */
export function clearExportRule(db: Database): void {
  db.export_rule.id.delete(RULE_ID);
}

/**
 * Refuses an export of work that nobody has looked at where the world asks for review, unless an owner who is a
 * person said that it is to be exported. What is left of work only a client finds out, since texts are folded for
 * it: here every file counts of which nobody has said that nothing is left.
 */
export function demandReviewed(
  db: Database,
  { nextSeq }: History,
  { member }: Caller,
  { upTo, unreviewed }: ExportPoint,
): void {
  if (unreviewed?.isAllowed) {
    const mayAllow = member.role === 'owner' && member.kind !== 'agent';
    demand(
      mayAllow,
      'forbidden',
      'only an owner who is a person exports what nobody has looked at',
    );
    return;
  }
  if (db.export_rule.id.find(RULE_ID)?.rule !== 'reviewed') return;
  const fileIds = unreviewed?.fileIds ?? unreviewedFiles(db, upTo);
  if (unreviewed || fileIds.length > 0) {
    const why =
      'this world asks for review before an export, and agents did something nobody looked at';
    throw new Refusal('unreviewed', why, { fileIds });
  }
  demandDecidedAbout(db, upTo, nextSeq, member.kind === 'agent');
}

/**
 * Refuses an older text of a file that was changed and decided about since, where what was decided may not be about that
 * text: by a person that something goes, or that nothing is left, and for an agent whatever was decided. A decision
 * stands before what takes back, so of that any change behind the text counts, and else those before it.
 */
function demandDecidedAbout(db: Database, upTo: number, nextSeq: number, isAgent: boolean): void {
  const isNear = nextSeq - upTo <= MOST_OPS_SINCE;
  demand(isNear, 'too_stale', 'too much happened since that point: export the newest text');
  const [changed, taken] = [new Set<number>(), new Set<number>()];
  const demandUnchanged = (fileId: number): void => {
    const why = 'somebody decided about what agents did since that point: export the newest text';
    demand(!changed.has(fileId), 'head_moved', why);
  };
  for (let opSeq = upTo + 1; opSeq < nextSeq; opSeq++) {
    spend(WORK_UNITS.row);
    const { kind, fileId, payload } = db.file_op.opSeq.find(opSeq)!;
    if (kind === 'note') {
      const { review } = readPayload('note', payload);
      if (review && (isAgent || decidesNothing(review))) demandUnchanged(fileId);
      if (review?.does === 'take') taken.add(fileId);
    } else if (kind !== 'conflict') {
      changed.add(fileId);
    }
  }
  for (const fileId of taken) demandUnchanged(fileId);
}

/** The first files in which agents may have done something up to an op that nobody has looked at. */
function unreviewedFiles(db: Database, upTo: number): readonly number[] {
  const found: number[] = [];
  for (const row of counted(db.unreviewed_file.iter())) {
    if (row.sinceSeq >= upTo || firstChange(db, row) > upTo) continue;
    found.push(row.fileId);
    if (found.length === UNREVIEWED_FILES) break;
  }
  return found;
}

/** The first op of the file that is to be looked at, or stands before that. */
function firstChange(
  db: Database,
  { fileId, sinceSeq, sinceVersion }: Row<'unreviewed_file'>,
): number {
  let first = Infinity;
  for (const version of [sinceVersion, sinceVersion + 1]) {
    for (const { opSeq, kind } of counted(db.file_op.byFileVersion.filter([fileId, version]))) {
      // What was decided, or refused, is no work.
      const isWork = opSeq > sinceSeq && kind !== 'note' && kind !== 'conflict';
      if (isWork) first = Math.min(first, opSeq);
    }
  }
  return first;
}

const RULE_ID = 1;
/** So many ops may have come since the end of an export that is to be reviewed. */
const MOST_OPS_SINCE = 20_000;
