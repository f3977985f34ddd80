import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movesProposed } from '../../../src/core/moves-proposed.ts';

test('a ticket of a folder’s rename is about the folder, of a file’s about the file', () => {
  const own = { from: 'lib/deep/a.ts', to: 'core/deep/a.ts' };
  const moves = [
    { fileId: 1, ...own },
    { fileId: 2, from: 'lib/b.ts', to: 'core/b.ts' },
  ];
  const ofFolder = { kind: 'rename', payload: JSON.stringify({ ...own, moves }) };
  assert.deepEqual(movesProposed(ofFolder), { files: 2, from: 'lib', to: 'core' });
  const ofFile = { kind: 'rename', payload: JSON.stringify(own) };
  assert.deepEqual(movesProposed(ofFile), { files: 1, ...own });
  assert.equal(movesProposed({ kind: 'delete', payload: '{"path":"a"}' }), undefined);
});
