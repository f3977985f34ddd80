import type { NoteKind } from '../core/op-payload.ts';
import type { IdentityHex } from '../core/op.ts';
import { demandDone } from './demand-done.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import type { WorldSession } from './world-session.ts';

/** `to` is empty for all. */
export interface NewNote {
  readonly kind: NoteKind;
  readonly to: IdentityHex;
  readonly text: string;
}

/** Writes a note into the history, once, whatever the connection does. Throws `WorldError`. */
export async function writeNote(
  session: WorldSession,
  { kind, to, text }: NewNote,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<void> {
  const opId = newUuid(session.clock.nowMs(), randomBytes);
  demandDone(await session.deliver('add_note', { opId, kind, to, text }, [opId], signal));
}
