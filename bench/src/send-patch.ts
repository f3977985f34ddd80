import type { Changes } from '../../src/core/change.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';

/** Sends a patch on a version of a file; whether it is applied or becomes a ticket is the world's to say. */
export async function sendPatch(
  session: WorldSession,
  fileId: number,
  base: number,
  changes: Changes,
): Promise<void> {
  const opId = newUuid(Date.now(), systemRandomBytes);
  const op = {
    opId,
    fileId,
    expectedBaseVersion: base,
    intent: 'patch',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: changes.map((change) => ({ ...change })),
  };
  const batch = { batchId: newUuid(Date.now(), systemRandomBytes), extends: 0, ops: [op] };
  const answer = await session.deliver('apply_file_ops', { batch }, [opId]);
  if (answer.tag !== 'judged') throw new Error('the world did not take an edit');
}
