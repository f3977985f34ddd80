import assert from 'node:assert/strict';
import { describeChange, endOf, startOf } from '../../src/core/change.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { Authority, HistoryOp, Ticket } from './authority.ts';
import { charactersOf, type Ledger, type SeenPart, tokensIn } from './keystrokes.ts';
import { deletedTokens, insertedTokens, type Outcome } from './outcome.ts';

/** No overlap passed unjudged, and no ticket was opened for an overlap that there was not. */
export function checkOverlaps(outcome: Outcome): void {
  checkNothingUnjudged(outcome);
  checkTicketsAreReal(outcome);
}

/** An op that overlaps an earlier one was not applied, unless it says that it overwrote it. */
function checkNothingUnjudged({ authority, ledger, windows }: Outcome): void {
  const hasRefused = new Set([
    ...authority.tickets().map((ticket) => ticket.actor),
    ...windows.filter(({ disk }) => disk.drafts.size > 0).map((window) => window.actor),
  ]);
  const overwritten = new Map<string, Set<number>>();
  for (const { actor, overwrote } of authority.history) {
    overwritten.set(actor, new Set([...(overwritten.get(actor) ?? []), ...overwrote]));
  }
  const ops = authority.history.map((op) => marksOf(op, authority));
  for (const later of ops) {
    const parts = partsOf(later, ledger, 'last');
    for (const earlier of ops) {
      if (earlier.op.version >= later.op.version) break;
      if (earlier.op.actor === later.op.actor) continue;
      // What builds on an edit of one's own that was judged was judged with it.
      if (overwritten.get(later.op.actor)?.has(earlier.op.opSeq)) continue;
      for (const part of parts) {
        if (ledger.unsettled.has(part)) continue;
        const marks = withoutGone(earlier, later, authority);
        // Of one gesture, a piece may belong to refused text and another be gone already.
        const isCut = hasRefused.has(later.op.actor);
        const isOverlap = marks.changes.some(
          (change) =>
            liesIn(part, change) ||
            isInside(change, part.deleted) ||
            (!isCut && !isContained(change, part) && sharesDeletion(part, change)),
        );
        if (!isOverlap) continue;
        assert.fail(
          `version ${later.op.version} of ${later.op.actor} was applied although it overlaps ` +
            `version ${earlier.op.version} of ${earlier.op.actor}\n` +
            `  ${show(later)}\n  ${show(earlier)}\n  seen as ${JSON.stringify(part)}`,
        );
      }
    }
  }
}

/** What deletes no more than the author did is the same change. */
function isContained({ deleted, inserted }: CommittedChange, part: SeenPart): boolean {
  return inserted === '' && tokensIn(deleted).every((token) => part.deleted.includes(token));
}

/** An op without the insertions that were deleted again before a later op: those show no more. */
function withoutGone(
  earlier: CommittedMarks,
  later: CommittedMarks,
  authority: Authority,
): CommittedMarks {
  if (!earlier.changes.some((change) => change.isInsertion)) return earlier;
  const there = authority.textAt(later.op.version - 1).toString();
  const changes = earlier.changes.filter(
    (change, index) =>
      !change.isInsertion ||
      tokensIn(earlier.op.changes[index]!.text).some((token) => there.includes(token)),
  );
  return { ...earlier, changes };
}

/** A ticket for an overlap names an op that it does overlap. */
function checkTicketsAreReal(outcome: Outcome): void {
  const { authority, ledger, hasPolicyChanges } = outcome;
  const ops = new Map(authority.history.map((op) => [op.opSeq, op]));
  for (const ticket of authority.tickets()) {
    if (ticket.reason !== 'overlap') {
      assert.ok(
        ticket.reason === 'deleted' ||
          (ticket.reason === 'concurrent' && ticket.policy === 'strict'),
        `ticket ${ticket.ticketId} has the reason ${ticket.reason} under ${ticket.policy}`,
      );
      continue;
    }
    if (ticket.policy === 'strict' || hasPolicyChanges) continue;
    const named = ticket.overlapping.flatMap((opSeq) => ops.get(opSeq) ?? []);
    const proposal = proposalMarks(ticket, authority);
    const parts = partsOf(proposal, ledger, 'any');
    // Line ends look all the same: what was done to them cannot be traced to its author.
    if (parts.length === 0 || proposal.deletesLineEnds) continue;
    const isReal = named.some((op) => {
      const marks = marksOf(op, authority);
      const before = authority.textAt(op.version - 1).toString();
      return (
        isWhereDeleted(marks, ticket.actor, ledger) ||
        overlapsTogether(parts, marks, before) ||
        (judgesLines(ticket, outcome) && overlapsByLine(parts, marks, authority))
      );
    });
    assert.ok(
      isReal,
      `ticket ${ticket.ticketId} of ${ticket.actor} names no op that it overlaps\n` +
        ticket.ops
          .map((op) => `  ${op.changes.map(describeChange).join(', ')} over ${op.overlaps.join()}`)
          .concat(named.map((op) => `  ${show(marksOf(op, authority))}`))
          .concat(parts.map((part) => `  seen as ${JSON.stringify(part)}`))
          .join('\n'),
    );
  }
}

/**
 * True when an author deleted something at the very place of an op. What was deleted may have come
 * back, with a ticket; until then the op is met by whatever the author does across that place.
 */
function isWhereDeleted(op: CommittedMarks, author: string, ledger: Ledger): boolean {
  const tokens = op.changes.flatMap(({ left, right, deleted }) => [left, ...deleted, right]);
  return tokens.some((token) =>
    (ledger.deletions.get(token) ?? []).some((edit) => edit.author === author),
  );
}

/** What an op did, by tokens. */
interface Marks {
  readonly op: { readonly actor: string };
  readonly inserted: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
}

interface CommittedMarks extends Marks {
  readonly op: HistoryOp;
  readonly changes: readonly CommittedChange[];
}

interface CommittedChange {
  readonly left: string;
  readonly right: string;
  readonly deleted: readonly string[];
  readonly inserted: string;
  readonly isInsertion: boolean;
}

function marksOf(op: HistoryOp, authority: Authority): CommittedMarks {
  const before = authority.textAt(op.version - 1);
  const changes = op.changes.map((change) => {
    const start = startOf(change);
    const end = endOf(change);
    return {
      left: charactersOf(before.slice({ line: 0, character: 0 }, start)).at(-1) ?? '',
      right: charactersOf(before.slice(end, before.end))[0] ?? '',
      deleted: charactersOf(before.slice(start, end)),
      inserted: change.text,
      isInsertion: change.text !== '' && before.slice(start, end) === '',
    };
  });
  return {
    op,
    inserted: insertedTokens(op.changes),
    deleted: new Set(tokensIn(changes.flatMap((change) => change.deleted))),
    changes,
  };
}

function proposalMarks(
  ticket: Ticket,
  authority: Authority,
): Marks & { readonly deletesLineEnds: boolean } {
  let text = authority.textAt(ticket.baseVersion);
  const inserted = new Set<string>();
  const deleted = new Set<string>();
  let deletesLineEnds = false;
  for (const op of ticket.ops) {
    for (const token of insertedTokens(op.changes)) inserted.add(token);
    for (const token of deletedTokens(op.changes, text)) deleted.add(token);
    deletesLineEnds ||= op.changes.some((change) => change.startLine !== change.endLine);
    text = text.apply(op.changes);
  }
  return { op: ticket, inserted, deleted, deletesLineEnds };
}

/**
 * What an op's author saw and did when its tokens were typed and deleted. What is deleted twice came
 * back in between, so an op that was applied is the last of an author's deletions of a token.
 */
function partsOf(marks: Marks, ledger: Ledger, deletions: 'any' | 'last'): SeenPart[] {
  const parts = new Set<SeenPart>();
  for (const token of marks.inserted) {
    const edit = ledger.typed.get(token);
    const part = edit?.parts.find((candidate) => candidate.inserted.includes(token));
    if (part) parts.add(part);
  }
  for (const token of marks.deleted) {
    const edits = (ledger.deletions.get(token) ?? []).filter(
      (edit) => edit.author === marks.op.actor,
    );
    for (const edit of deletions === 'any' ? edits : edits.slice(-1)) {
      const part = edit.parts.find((candidate) => candidate.deleted.includes(token));
      if (part) parts.add(part);
    }
  }
  return [...parts];
}

/**
 * Both deleted the same, or one inserted strictly inside what the other deleted in one piece. The
 * author cannot have seen an op that deleted what was there for the author, nor one that put
 * something between two characters that were neighbours for the author.
 */
function overlapsByCharacter(parts: readonly SeenPart[], op: CommittedMarks): boolean {
  return op.changes.some((change) =>
    parts.some(
      (part) =>
        sharesDeletion(part, change) || liesIn(part, change) || isInside(change, part.deleted),
    ),
  );
}

function sharesDeletion(part: SeenPart, { deleted }: CommittedChange): boolean {
  return tokensIn(part.deleted).some((token) => deleted.includes(token));
}

function liesIn({ inserted, left, right }: SeenPart, { deleted }: CommittedChange): boolean {
  if (inserted.length === 0 || !isToken(left) || !isToken(right)) return false;
  return deleted.includes(left) && deleted.includes(right);
}

/**
 * The same for parts that were sent as one op, whose deleted ranges may have grown together; and
 * where others have put something between two neighbours since, it is enough that one of them was
 * deleted.
 */
function overlapsTogether(parts: readonly SeenPart[], op: CommittedMarks, before: string): boolean {
  const deleted = new Set(tokensIn(parts.flatMap((part) => part.deleted)));
  const isAround = ({ isInsertion, left, right }: CommittedChange): boolean =>
    isInsertion && deleted.has(left) && deleted.has(right);
  const isAt = (part: SeenPart, range: readonly string[]): boolean => {
    // Line ends look all the same: the author may have deleted this one.
    if (range.includes('\n')) return true;
    const pair = `${part.left || START}${part.right || END}`;
    if (`${START}${before}${END}`.includes(pair)) return range.join('').includes(pair);
    const near = [part.leftToken, part.rightToken].filter((token) => before.includes(token));
    return near.length < 2 || near.some((token) => range.includes(token));
  };
  return (
    overlapsByCharacter(parts, op) ||
    op.changes.some(
      (change) => isAround(change) || parts.some((part) => isAt(part, change.deleted)),
    )
  );
}

/** Stand for the borders of a text, where no character does. */
const START = '\u0002';
const END = '\u0003';

function isInside(
  { isInsertion, left, right }: CommittedChange,
  deleted: readonly string[],
): boolean {
  if (!isInsertion || !isToken(left) || !isToken(right)) return false;
  const at = deleted.indexOf(left);
  return at >= 0 && deleted[at + 1] === right;
}

function isToken(character: string): boolean {
  return character !== '' && character !== '\n';
}

/** Patches are judged by line, and so is typing that was old, or on a text that was old, by then. */
function judgesLines(ticket: Ticket, { authority, ledger }: Outcome): boolean {
  if (ticket.policy === 'line' || ticket.ops.some((op) => op.intent === 'patch')) return true;
  const seen = Math.min(...ticket.ops.map((op) => op.carriedFrom || ticket.baseVersion));
  const tokens = [...insertedTokens(ticket.ops.flatMap((op) => op.changes))];
  const sinceMs = Math.min(
    authority.history[seen - 1]?.atMs ?? ticket.atMs,
    ...tokens.map((token) => ledger.typed.get(token)?.atMs ?? ticket.atMs),
  );
  return ticket.atMs - sinceMs > DEFAULT_LIMITS.carriedMs;
}

/** Looks where the tokens of the parts were when the op was made; what cannot be found may be anywhere. */
function overlapsByLine(
  parts: readonly SeenPart[],
  marks: CommittedMarks,
  authority: Authority,
): boolean {
  const before = authority.textAt(marks.op.version - 1);
  const lineOf = new Map<string, number>();
  for (let line = 0; line < before.lineCount; line++) {
    for (const token of before.line(line)) lineOf.set(token, line);
  }
  return parts.some((part) => {
    const lines = [part.left, ...part.deleted, part.right].flatMap(
      (token) => lineOf.get(token) ?? [],
    );
    if (lines.length === 0) return true;
    // A neighbour that is a line end leaves open on which side of it the part is.
    const first = Math.min(...lines) - 1;
    const last = Math.max(...lines) + 1;
    return marks.op.changes.some((change) => change.startLine <= last && first <= change.endLine);
  });
}

function show({ op, changes }: CommittedMarks): string {
  return op.changes
    .map((change, index) => {
      const { left, right, deleted } = changes[index]!;
      return `${describeChange(change)} for "${deleted.join('')}" between "${left}" and "${right}"`;
    })
    .join(', ');
}
