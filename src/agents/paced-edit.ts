import { endOf, resultRanges, startOf, type Changes } from '../core/change.ts';
import type { AgentSession, EditResult } from './agent-session.ts';
import { pause } from './pause.ts';
import type { WatchedText } from './watched-text.ts';

export interface PacedEdit {
  readonly agent: AgentSession;
  readonly watched: WatchedText;
  /** Each relative to the result of the one before, the first to the text as it is. */
  readonly steps: readonly Changes[];
  /** What others read beside the agent's name. */
  readonly activity: string;
  /** Between showing the place and changing it. */
  readonly stepMs: number;
  readonly signal: AbortSignal;
}

export type PacedResult =
  | { readonly tag: 'finished'; readonly edits: number }
  /** The text changed, or somebody came to the place: what is left has to be planned anew. */
  | { readonly tag: 'interrupted'; readonly edits: number }
  /** The world did not apply a step. */
  | { readonly tag: 'stopped'; readonly edits: number; readonly result: EditResult };

/**
 * Makes edits as somebody at a keyboard would: the cursor goes there, a moment passes in which
 * others see it coming, then the text changes. Never continues on a text it did not plan for.
 */
export async function editAtPace(edit: PacedEdit): Promise<PacedResult> {
  const { agent, watched, steps, activity, stepMs, signal } = edit;
  let edits = 0;
  for (const changes of steps) {
    const { version, fileId } = watched;
    const first = changes[0]!;
    const place = { start: startOf(first), end: endOf(first) };
    await agent.show({ fileId, version }, place, activity, true);
    await pause(agent.session.clock, stepMs, signal);
    if (signal.aborted || watched.version !== version || isOccupied(watched, changes)) {
      return { tag: 'interrupted', edits };
    }
    const result = await agent.submit({ fileId, version, text: watched.text }, changes, 'patch');
    if (result.tag !== 'applied') return { tag: 'stopped', edits, result };
    edits += 1;
    const { end } = resultRanges(changes).at(-1)!;
    await agent.show({ fileId, version: result.version }, { start: end, end }, activity);
    if (result.version !== version + 1) return { tag: 'interrupted', edits };
  }
  return { tag: 'finished', edits };
}

function isOccupied(watched: WatchedText, changes: Changes): boolean {
  return watched.occupied.some(({ firstLine, lastLine }) =>
    changes.some((change) => change.startLine <= lastLine && firstLine <= change.endLine),
  );
}
