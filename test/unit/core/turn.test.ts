// An op names the turn that it was made in, beside whatever else its payload says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalJson,
  isOfChangesAlone,
  isPlainEdit,
  contentOf,
  returnedOf,
} from '../../../src/core/op-payload.ts';
import { turnOf, withTurn } from '../../../src/core/turn.ts';

const piece = { change: 0, at: 0, length: 40, version: 1, fromLine: 0, fromCharacter: 0 };

test('a payload names a turn, and says what else it said', () => {
  for (const payload of [
    '',
    canonicalJson({ returned: [piece] }),
    canonicalJson({ from: 'a.txt', to: 'zoo.txt' }),
    canonicalJson({ path: '{"turn":3}' }),
  ]) {
    const named = withTurn(payload, 7);
    assert.equal(turnOf({ payload: named }), 7, payload);
    assert.equal(turnOf({ payload }), undefined, payload);
    assert.equal(withTurn(payload, undefined), payload);
    const { turn, ...rest } = JSON.parse(named) as Record<string, unknown>;
    assert.equal(turn, 7);
    assert.deepEqual(rest, payload === '' ? {} : JSON.parse(payload));
    assert.equal(named, canonicalJson(JSON.parse(named)), 'keys are in order');
  }
});

test('an edit in a turn is an edit like any other', () => {
  const plain = { kind: 'edit', payload: withTurn('', 7) };
  assert.ok(isOfChangesAlone(plain) && isPlainEdit(plain));
  assert.equal(contentOf(plain), undefined);
  const returned = { kind: 'edit', payload: withTurn(canonicalJson({ returned: [piece] }), 7) };
  assert.ok(isOfChangesAlone(returned) && !isPlainEdit(returned));
  assert.deepEqual(returnedOf(returned), [piece]);
  const content = { kind: 'edit', payload: withTurn(canonicalJson({ content: { parts: [] } }), 7) };
  assert.ok(!isOfChangesAlone(content) && !isPlainEdit(content));
});

test('what cannot be the number of an op is no turn', () => {
  for (const turn of ['0', '-1', '1.5', '4294967296', '"7"', 'null']) {
    assert.equal(turnOf({ payload: `{"turn":${turn}}` }), undefined, turn);
  }
});
