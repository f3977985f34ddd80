import type { Changes } from '../../src/core/change.ts';
import type { StoredIdentity } from '../../src/world/identities.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { sendPatches } from './send-patches.ts';

/** Open tickets, all in one file, and members of a world that is full of both. */
export const CROWD = { tickets: 200, members: 50 } as const;

/** Where everybody types, and all tickets lie: in its last quarter, below the carets of both writers. */
export const DISPUTED_PATH = 'disputed.txt';

const LINES = 1000;
const FIRST_DISPUTED_LINE = 780;

export function disputedText(): string {
  const lines = Array.from({ length: LINES }, (_, line) => `line ${line} of a file for many hands`);
  return `${lines.join('\n')}\n`;
}

/** Opens the tickets: one member rewrites the lines, another did so on the version before. */
export async function openTickets(first: WorldSession, second: WorldSession): Promise<void> {
  const head = first.view.fileAt(DISPUTED_PATH);
  if (!head) throw new Error(`the world has no ${DISPUTED_PATH}`);
  const { fileId, version } = head;
  const all = Array.from({ length: CROWD.tickets }, (_, index) => rewritten(index, 'LINE').at(0)!);
  await sendPatches(first, fileId, version, all);
  for (let index = 0; index < CROWD.tickets; index++) {
    await sendPatches(second, fileId, version, rewritten(index, `other ${index}`));
  }
}

function rewritten(index: number, text: string): Changes {
  const line = FIRST_DISPUTED_LINE + index;
  return [{ startLine: line, startCharacter: 0, endLine: line, endCharacter: 4, text }];
}

/** Lets as many in as are missing; `invite` makes one more member. */
export async function fillUp(
  present: number,
  invite: (name: string) => Promise<StoredIdentity>,
): Promise<void> {
  for (let index = present; index < CROWD.members; index++) await invite(`Member ${index}`);
}
