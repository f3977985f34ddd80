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
  const { clock } = agent.session;
  const watched = await WatchedText.open(agent.session, fileId);
  let cursor: Position = watched.text.end;
  const stop = watched.onChange((changes) => (cursor = mapPosition(cursor, changes, 'after')));
  let keys = 0;
  try {
    for (const key of text) {
      if (signal.aborted) break;
      const { version } = watched;
      await agent.show({ fileId, version }, { start: cursor, end: cursor }, 'typing', true);
      const on = { fileId, version: watched.version, text: watched.text };
      const result = await agent.submit(on, [replace(cursor, cursor, key)], 'typing');
      if (result.tag === 'applied') keys += 1;
      await pause(clock, key === '\n' ? 3 * keyMs : keyMs, signal);
    }
    await agent.leave();
    return keys;
  } finally {
    stop();
    watched.close();
  }
}
