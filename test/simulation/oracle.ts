import assert from 'node:assert/strict';
import { type Changes, describeChange, endOf, startOf } from '../../src/core/change.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { Text } from '../../src/core/text.ts';
import type { Authority, HistoryOp, Ticket } from './authority.ts';
import { charactersOf, type Ledger, type SeenPart, tokensIn } from './keystrokes.ts';
import type { Patcher } from './patcher.ts';
import type { Window } from './window.ts';

/** All that is left when a run has come to rest. */
export interface Outcome {
  readonly authority: Authority;
  readonly ledger: Ledger;
  readonly windows: readonly Window[];
  readonly agents: readonly Patcher[];
  readonly start: string;
  readonly hasPolicyChanges: boolean;
}

/**
 * Checks what a run must have kept, knowing only what each author saw and did, and what is in the
 * world, the editors and the drafts now. Nothing here uses the code under test beyond `Text`.
 */
export function checkOutcome(outcome: Outcome): void {
  checkAtRest(outcome);
  checkReplicas(outcome);
  checkSurvival(outcome);
  checkOrder(outcome);
  checkDeletions(outcome);
  checkNothingUnjudged(outcome);
  checkTicketsAreReal(outcome);
}

/** In-flight slots are free, queues are empty, and the idle check has nothing to say (S2, S4, S9). */
function checkAtRest({ windows, agents }: Outcome): void {
  for (const { actor, binding, file, warnings } of windows) {
    const { inFlight, pending, remote } = binding.state;
    assert.ok(file.isConnected, `${actor} is not connected`);
    assert.equal(inFlight, undefined, `${actor} still waits for an answer`);
    assert.equal(pending.length, 0, `${actor} has unsent edits`);
    assert.equal(remote.length, 0, `${actor} has changes that did not enter the editor`);
    assert.equal(binding.check(), 'consistent', `${actor} differs from the world`);
    assert.deepEqual(warnings, [], `${actor} logged warnings`);
  }
  for (const agent of agents) assert.ok(agent.isSettled, `${agent.name} still waits for an answer`);
}

function checkReplicas({ authority, windows, agents }: Outcome): void {
  const head = headText(authority).toString();
  for (const { actor, editor } of windows) {
    assert.equal(editor.shown.toString(), head, `${actor} does not show the world's text`);
  }
  for (const agent of agents) assert.equal(agent.text, head, `${agent.name} has another text`);
}

/** Every token is somewhere, once, unless somebody meant to delete it (S5, S6, S8). */
function checkSurvival(outcome: Outcome): void {
  const { ledger, agents, start } = outcome;
  const places = tokenPlaces(outcome);
  const told = new Set(agents.flatMap((agent) => agent.refused));
  const all: [string, boolean][] = tokensIn(start).map((token) => [token, true]);
  for (const [token, edit] of ledger.typed) {
    all.push([token, !ledger.excused.has(edit) && !told.has(edit)]);
  }
  for (const [token, mustSurvive] of all) {
    const found = places.get(token) ?? [];
    const author = ledger.typed.get(token)?.author ?? 'the start';
    const name = `${describe(token)} of ${author}`;
    assert.ok(found.length <= 1, `${name} is there ${found.length} times: ${found.join(', ')}`);
    if (mustSurvive && !ledger.deletions.has(token)) {
      assert.equal(found.length, 1, `${name} is lost`);
    }
  }
}

/** What was typed between two characters is still between them, in the text and in each proposal. */
function checkOrder({ authority, ledger, windows }: Outcome): void {
  const texts: [string, string][] = [['the text', headText(authority).toString()]];
  for (const ticket of authority.tickets()) {
    for (const change of ticket.proposed) texts.push([`ticket ${ticket.ticketId}`, change.text]);
  }
  for (const { disk } of windows) {
    for (const draft of disk.drafts.values()) {
      for (const change of draft.changes) texts.push([`draft ${draft.draftId}`, change.text]);
    }
  }
  for (const [place, text] of texts) {
    const at = new Map([...text].map((character, index) => [character, index]));
    for (const [first, second] of ledger.order) {
      const a = at.get(first);
      const b = at.get(second);
      if (a === undefined || b === undefined) continue;
      if (a < b) continue;
      const by = ledger.typed.get(first) ?? ledger.typed.get(second);
      assert.fail(
        `${describe(first)} stands after ${describe(second)} in ${place}, ` +
          `other than ${by?.author} saw it at ${by?.atMs} ms`,
      );
    }
  }
}

/** What somebody deleted is gone, or its deletion is in a ticket or a draft. */
function checkDeletions(outcome: Outcome): void {
  const { authority, ledger, windows, agents } = outcome;
  const told = new Set(agents.flatMap((agent) => agent.refused));
  const proposed = new Set<string>();
  for (const { baseVersion, proposed: changes } of authority.tickets()) {
    for (const token of deletedTokens(changes, authority.textAt(baseVersion))) proposed.add(token);
  }
  for (const { disk } of windows) {
    for (const draft of disk.drafts.values()) {
      for (const token of tokensIn(draft.replaced.join(''))) proposed.add(token);
    }
  }
  for (const token of tokensIn(headText(authority).toString())) {
    const deletions = ledger.deletions.get(token) ?? [];
    const counted = deletions.filter(
      (edit) =>
        !ledger.excused.has(edit) &&
        !told.has(edit) &&
        !edit.parts.some((part) => part.deleted.includes(token) && ledger.unsettled.has(part)),
    );
    const [deletion] = counted;
    if (!deletion || proposed.has(token)) continue;
    assert.fail(`${describe(token)} came back after ${deletion.author} deleted it`);
  }
}

/** An op that overlaps an earlier one was not applied, unless it says that it overwrote it. */
function checkNothingUnjudged({ authority, ledger }: Outcome): void {
  const ops = authority.history.map((op) => marksOf(op, authority));
  for (const later of ops) {
    const parts = partsOf(later, ledger, 'last');
    for (const earlier of ops) {
      if (earlier.op.version >= later.op.version) break;
      if (earlier.op.actor === later.op.actor) continue;
      if (later.op.overwrote.includes(earlier.op.opSeq)) continue;
      for (const part of parts) {
        if (ledger.unsettled.has(part)) continue;
        if (!overlapsByCharacter([part], withoutGone(earlier, later, authority))) continue;
        assert.fail(
          `version ${later.op.version} of ${later.op.actor} was applied although it overlaps ` +
            `version ${earlier.op.version} of ${earlier.op.actor}\n` +
            `  ${show(later)}\n  ${show(earlier)}\n  seen as ${JSON.stringify(part)}`,
        );
      }
    }
  }
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
        ticket.reason === 'concurrent' && ticket.policy === 'strict',
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
  readonly changes: readonly {
    readonly left: string;
    readonly right: string;
    readonly deleted: readonly string[];
    readonly isInsertion: boolean;
  }[];
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
    parts.some((part) => {
      const isShared = tokensIn(part.deleted).some((token) => change.deleted.includes(token));
      const isInTheirs =
        part.inserted.length > 0 &&
        isToken(part.left) &&
        isToken(part.right) &&
        change.deleted.includes(part.left) &&
        change.deleted.includes(part.right);
      return isShared || isInTheirs || isInside(change, part.deleted);
    }),
  );
}

/**
 * The same for parts that were sent as one op, whose deleted ranges may have grown together; and
 * where others have put something between two neighbours since, it is enough that one of them was
 * deleted.
 */
function overlapsTogether(parts: readonly SeenPart[], op: CommittedMarks, before: string): boolean {
  const deleted = new Set(tokensIn(parts.flatMap((part) => part.deleted)));
  const isAround = ({ isInsertion, left, right }: CommittedMarks['changes'][number]): boolean =>
    isInsertion && deleted.has(left) && deleted.has(right);
  const isAt = (part: SeenPart, range: readonly string[]): boolean => {
    // Line ends look all the same: this may be the one.
    if (range.includes('\n') && [part.left, part.right, ...part.deleted].includes('\n'))
      return true;
    const pair = `${part.left || START}${part.right || END}`;
    if (`${START}${before}${END}`.includes(pair)) return range.join('').includes(pair);
    const near = [part.leftToken, part.rightToken].filter((token) => before.includes(token));
    return near.length === 0 || near.some((token) => range.includes(token));
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
  { isInsertion, left, right }: CommittedMarks['changes'][number],
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

function tokenPlaces({ authority, windows }: Outcome): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const add = (tokens: Iterable<string>, place: string): void => {
    for (const token of tokens) places.set(token, [...(places.get(token) ?? []), place]);
  };
  add(tokensIn(headText(authority).toString()), 'the text');
  for (const ticket of authority.tickets()) {
    const texts = ticket.proposed.map((change) => change.text).join('');
    add(tokensIn(texts), `ticket ${ticket.ticketId}`);
  }
  for (const { actor, disk } of windows) {
    for (const draft of disk.drafts.values()) {
      const texts = draft.changes.map((change) => change.text).join('');
      add(tokensIn(texts), `a draft of ${actor} (${draft.code})`);
    }
  }
  return places;
}

function insertedTokens(changes: Changes): Set<string> {
  return new Set(tokensIn(changes.map((change) => change.text).join('')));
}

function deletedTokens(changes: Changes, base: Text): string[] {
  return changes.flatMap((change) => tokensIn(base.slice(startOf(change), endOf(change))));
}

function headText(authority: Authority): Text {
  return authority.textAt(authority.history.length + 1);
}

function show({ op, changes }: CommittedMarks): string {
  return op.changes
    .map((change, index) => {
      const { left, right, deleted } = changes[index]!;
      return `${describeChange(change)} for "${deleted.join('')}" between "${left}" and "${right}"`;
    })
    .join(', ');
}

function describe(token: string): string {
  return `${token} (U+${token.codePointAt(0)!.toString(16)})`;
}
