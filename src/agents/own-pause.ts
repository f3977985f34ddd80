/** Owns: what an agent is told of its own pause. Does not know: where it is told. */
import { pauseRefusal, refusalText } from '../world/claim-refusal.ts';
import type { WorldSession } from '../world/world-session.ts';

/** Who has paused the agent, since when, and what that means; undefined while it may write. */
export function pauseSentence({
  view,
  identity,
}: Pick<WorldSession, 'view' | 'identity'>): string | undefined {
  if (!view.members.get(identity)?.paused) return undefined;
  const message = 'An owner has paused you';
  const who = refusalText(view, { ...pauseRefusal(view, identity), message });
  return `${who}. You are paused: the world takes nothing that you change. What you write on disk now stays there and is judged when you may write again. Stop changing files, and tell the person whom you work for.`;
}

/** Told once, after the pause was. */
export const MAY_WRITE_AGAIN =
  'You are paused no more: you may change files again. What you wrote on disk meanwhile is judged now.';
