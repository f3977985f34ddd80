import type { Changes } from '../../src/core/change.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';

/**
 * Sends patches on a version of a file in one call, each made on the text that the one before left; whether they are
 * applied or become a ticket is the world's to say.
 */
export async function sendPatches(
  session: WorldSession,
  fileId: number,
  base: number,
  ...all: readonly Changes[]
): Promise<void> {
  const nextId = (): string => newUuid(Date.now(), systemRandomBytes);
  const ops = all.map((changes, index) => ({
    opId: nextId(),
    fileId,
    expectedBaseVersion: index === 0 ? base : 0,
    intent: 'patch',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: changes.map((change) => ({ ...change })),
  }));
  const batch = { batchId: nextId(), extends: 0, ops };
  const answer = await session.deliver(
    'apply_file_ops',
    { batch },
    ops.map(({ opId }) => opId),
  );
  if (answer.tag !== 'judged') throw new Error('the world did not take an edit');
}
