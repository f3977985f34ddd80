import { replace } from '../core/change.ts';
import { mapPosition } from '../core/map-position.ts';
import type { Position } from '../core/position.ts';
import type { AgentSession } from './agent-session.ts';
import { pause } from './pause.ts';
import { WatchedText } from './watched-text.ts';

export interface TypistOptions {
  readonly agent: AgentSession;
  readonly fileId: number;
  /** What to type at the end of the file, key by key. LF line ends. */
  readonly text: string;
  readonly keyMs: number;
  readonly signal: AbortSignal;
}

/**
 * Types a text at the end of a file as a person would, one op a key, following the place as others
 * edit around it. For demonstrations. Resolves with the number of keys that are in the text.
 */
export async function typeAtEnd(options: TypistOptions): Promise<number> {
  const { agent, fileId, text, keyMs, signal } = options;
  const watched = await WatchedText.open(agent.session, fileId);
  try {
    const at = watched.text.end;
    const typing = { agent, watched, at, pieces: text, activity: 'typing', pieceMs: keyMs, signal };
    const keys = await typePieces(typing);
    await agent.leave();
    return keys;
  } finally {
    watched.close();
  }
}

export interface PiecesOptions extends Pick<TypistOptions, 'agent' | 'signal'> {
  readonly watched: WatchedText;
  readonly at: Position;
  /** One op each, such as keys or words. */
  readonly pieces: Iterable<string>;
  /** What others read beside the agent's name. */
  readonly activity: string;
  readonly pieceMs: number;
}

/** Types pieces one after the other at a place that follows what others do. Resolves with how many are in the text. */
export async function typePieces(options: PiecesOptions): Promise<number> {
  const { agent, watched, at, pieces, activity, pieceMs, signal } = options;
  const { clock } = agent.session;
  let cursor = at;
  const stop = watched.onChange((changes) => (cursor = mapPosition(cursor, changes, 'after')));
  let typed = 0;
  try {
    for (const piece of pieces) {
      if (signal.aborted) break;
      const { version, fileId } = watched;
      await agent.show({ fileId, version }, { start: cursor, end: cursor }, activity, true);
      const on = { fileId, version: watched.version, text: watched.text };
      const result = await agent.submit(on, [replace(cursor, cursor, piece)], 'typing');
      if (result.tag === 'applied') typed += 1;
      await pause(clock, piece.endsWith('\n') ? 3 * pieceMs : pieceMs, signal);
    }
    return typed;
  } finally {
    stop();
  }
}
