import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { POLICY_MODES } from '../../../src/core/policy.ts';
import { openedState, targetText } from '../../../src/sync/document-state.ts';
import { happening, Player, startText } from './transitions.ts';

test('S5: whatever happens, what the world will have is what the editor will show', () => {
  fc.assert(
    fc.property(
      startText(),
      fc.constantFrom(...POLICY_MODES),
      fc.array(happening, { maxLength: 14 }),
      (text, policy, happenings) => {
        const player = new Player(openedState({ version: 1, text }), policy);
        for (const each of happenings) {
          player.play(each);
          let shown = player.state.shadow;
          for (const entry of player.state.remote) shown = shown.apply(entry.changes);
          assert.equal(targetText(player.state).toString(), shown.toString(), each.tag);
        }
      },
    ),
    { numRuns: 20_000 },
  );
});
