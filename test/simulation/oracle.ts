import assert from 'node:assert/strict';
import type { Text } from '../../src/core/text.ts';
import type { Authority } from './authority.ts';
import { tokensIn } from './keystrokes.ts';
import { deletedTokens, insertedTokens, type Outcome } from './outcome.ts';
import { checkOverlaps } from './overlap-oracle.ts';

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
  checkDeleters(outcome);
  checkTaken(outcome);
  checkDecisions(outcome);
  // Which tells edits by their characters, of which each must have been typed and deleted but once.
  // What a decision did nobody judged.
  const isJudged = outcome.ledger.takenCount === 0 && outcome.ledger.decisionCount === 0;
  if (isJudged) checkOverlaps(outcome);
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

/** Who took a step back took nothing of the others' (S7). */
function checkTaken({ ledger }: Outcome): void {
  assert.deepEqual(ledger.faults, []);
}

/** What somebody wrote to decide is where it was applied, or kept for its field (S5). */
function checkDecisions({ deciders, ledger }: Outcome): void {
  for (const { name, wrote, disk, isDeciding } of deciders) {
    assert.ok(!isDeciding, `${name} still waits for what became of a decision`);
    const kept = new Set([...disk.values()].flatMap(({ text }) => tokensIn(text)));
    for (const token of wrote.keys()) {
      assert.ok(
        ledger.typed.has(token) || kept.has(token),
        `${describe(token)}, which ${name} wrote to decide, is lost`,
      );
    }
  }
}

/** Every token is somewhere, once, unless somebody meant to delete it (S5, S6, S8). */
function checkSurvival(outcome: Outcome): void {
  const { ledger, agents, start } = outcome;
  const places = tokenPlaces(outcome);
  const proposedGone = proposedDeletions(outcome);
  const decided = decidedTokens(outcome);
  const told = new Set(agents.flatMap((agent) => agent.refused));
  const all: [string, boolean][] = tokensIn(start).map((token) => [token, true]);
  for (const [token, edit] of ledger.typed) {
    all.push([token, !ledger.excused.has(edit) && !told.has(edit)]);
  }
  for (const [token, mustSurvive] of all) {
    const found = places.get(token) ?? [];
    const author = ledger.typed.get(token)?.author ?? 'the start';
    const name = `${describe(token)} of ${author}`;
    // Two who brought it back without having seen each other both put it there, and proposals may
    // take it away and bring it back.
    const backers = ledger.broughtBack.get(token)?.size ?? 0;
    const isProposedTwice = backers > 0 && proposedGone.has(token);
    const most = isProposedTwice ? Infinity : Math.max(1, backers);
    assert.ok(found.length <= most, `${name} is there ${found.length} times: ${found.join(', ')}`);
    if (mustSurvive && !ledger.deletions.has(token) && !decided.has(token)) {
      assert.ok(found.length > 0, `${name} is lost`);
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
      // What came back stands where it was taken away, on one side of what was put there meanwhile.
      if (ledger.broughtBack.has(first) || ledger.broughtBack.has(second)) continue;
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
  const { authority, ledger, agents } = outcome;
  const told = new Set(agents.flatMap((agent) => agent.refused));
  const proposed = proposedDeletions(outcome);
  for (const token of tokensIn(headText(authority).toString())) {
    const deletions = ledger.deletions.get(token) ?? [];
    const counted = deletions.filter(
      (edit) =>
        !ledger.excused.has(edit) &&
        !told.has(edit) &&
        !edit.parts.some((part) => part.deleted.includes(token) && ledger.unsettled.has(part)),
    );
    const [deletion] = counted;
    if (!deletion || proposed.has(token) || ledger.broughtBack.has(token)) continue;
    assert.fail(`${describe(token)} came back after ${deletion.author} deleted it`);
  }
}

/** What somebody else typed goes away by an edit of who had it before them and deleted it (S10). */
function checkDeleters({ authority, ledger }: Outcome): void {
  for (const { actor, version, changes } of authority.history) {
    for (const token of deletedTokens(changes, authority.textAt(version - 1))) {
      if (ledger.typed.get(token)?.author === actor) continue;
      // A decision puts a whole text in place of another: what is in both stays.
      if (insertedTokens(changes).has(token)) continue;
      const deletions = ledger.deletions.get(token) ?? [];
      const hadIt = ledger.broughtBack.get(token)?.has(actor) === true;
      const hasDeleted = hadIt || deletions.some(({ author }) => author === actor);
      assert.ok(hasDeleted, `${actor} took away ${describe(token)} in version ${version}, unseen`);
    }
  }
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

/** The tokens that tickets and drafts would delete. */
function proposedDeletions({ authority, windows }: Outcome): ReadonlySet<string> {
  const proposed = new Set<string>();
  for (const { baseVersion, proposed: changes } of authority.tickets()) {
    for (const token of deletedTokens(changes, authority.textAt(baseVersion))) proposed.add(token);
  }
  for (const { disk } of windows) {
    for (const draft of disk.drafts.values()) {
      for (const token of tokensIn(draft.replaced.join(''))) proposed.add(token);
    }
  }
  // Whoever decided gave these up.
  for (const { baseVersion, proposed: changes } of authority.decided?.() ?? []) {
    for (const token of deletedTokens(changes, authority.textAt(baseVersion))) proposed.add(token);
  }
  return proposed;
}

/** What was proposed, and given up by somebody who decided. */
function decidedTokens({ authority }: Outcome): ReadonlySet<string> {
  const all = authority.decided?.() ?? [];
  return new Set(all.flatMap(({ proposed }) => [...insertedTokens(proposed)]));
}

function headText(authority: Authority): Text {
  return authority.textAt(authority.history.length + 1);
}

function describe(token: string): string {
  return `${token} (U+${token.codePointAt(0)!.toString(16)})`;
}
