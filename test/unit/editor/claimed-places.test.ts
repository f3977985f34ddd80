import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Changes } from '../../../src/core/change.ts';
import { invert } from '../../../src/core/invert.ts';
import { type LineRange, mapLineRange } from '../../../src/core/map-position.ts';
import { POLICY_MODES } from '../../../src/core/policy.ts';
import type { Text } from '../../../src/core/text.ts';
import { DocumentPositions, RecentOps } from '../../../src/editor/document-positions.ts';
import {
  type DocumentState,
  openedState,
  remoteChanges,
  unconfirmedChanges,
} from '../../../src/sync/document-state.ts';
import type { FileFeed } from '../../../src/world/file-feed.ts';
import { happening, Player, startText } from '../sync/transitions.ts';

const noOps = new RecentOps({ onEvent: () => () => {} } as unknown as FileFeed);

const states = fc
  .tuple(
    startText(),
    fc.constantFrom(...POLICY_MODES),
    fc.array(happening, { minLength: 1, maxLength: 10 }),
  )
  .map(([text, policy, happenings]) => {
    const player = new Player(openedState({ version: 1, text }), policy);
    for (const each of happenings) player.play(each);
    return player.state;
  });

function rangeIn(text: Text, first: number, length: number): LineRange {
  const firstLine = first % text.lineCount;
  return { firstLine, lastLine: Math.min(firstLine + length, text.lineCount - 1) };
}

/** True when changes keep to other lines than these. */
function isApart(changes: Changes, { firstLine, lastLine }: LineRange): boolean {
  return changes.every(({ startLine, endLine }) => startLine > lastLine || endLine < firstLine);
}

function linesOf(text: Text, { firstLine, lastLine }: LineRange): readonly string[] {
  return text
    .toString()
    .split('\n')
    .slice(firstLine, lastLine + 1);
}

function isIn(text: Text, { firstLine, lastLine }: LineRange): boolean {
  return firstLine >= 0 && firstLine <= lastLine && lastLine < text.lineCount;
}

test('a claim shows the lines it was made on, whatever is unsent and whatever is on its way', () => {
  let shownApart = 0;
  fc.assert(
    fc.property(states, fc.nat(20), fc.nat(3), (state: DocumentState, first, length) => {
      const { confirmed, shadow, remote } = state;
      const claim = rangeIn(confirmed.text, first, length);
      const positions = new DocumentPositions(state, noOps);
      const placed = positions.linesToEditor(claim, confirmed.version);
      assert.ok(isIn(shadow, placed), `${JSON.stringify(placed)} is no place of the editor`);
      const own = unconfirmedChanges(state);
      // What others' edits replace is theirs: only a claim apart from all edits has the same lines.
      const coming = invert(remoteChanges(remote), shadow);
      if (!isApart(own, claim) || !isApart(coming, mapLineRange(claim, own))) return;
      shownApart += 1;
      assert.deepEqual(linesOf(shadow, placed), linesOf(confirmed.text, claim));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(shownApart > 200, `only ${shownApart} claims were apart from all edits`);
});

test('lines that are selected and claimed come back to where they were selected', () => {
  let claimedApart = 0;
  fc.assert(
    fc.property(states, fc.nat(20), fc.nat(3), (state, first, length) => {
      const { confirmed, shadow } = state;
      const selected = rangeIn(shadow, first, length);
      const positions = new DocumentPositions(state, noOps);
      const claim = positions.linesToWorld(selected);
      assert.ok(isIn(confirmed.text, claim), `${JSON.stringify(claim)} is no place of the world`);
      const placed = positions.linesToEditor(claim, confirmed.version);
      const own = unconfirmedChanges(state);
      if (!isApart(own, claim) || !isApart(remoteChanges(state.remote), selected)) return;
      if (linesOf(confirmed.text, claim).join() !== linesOf(shadow, selected).join()) return;
      claimedApart += 1;
      assert.deepEqual(placed, selected);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(claimedApart > 200, `only ${claimedApart} claims were apart from all edits`);
});
