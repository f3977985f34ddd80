import { replace } from '../core/change.ts';
import type { Text } from '../core/text.ts';
import { EXAMPLE_FILE } from '../world/example-folder.ts';
import type { AgentSession } from './agent-session.ts';
import { pause } from './pause.ts';
import { typePieces } from './typist.ts';
import { WatchedText } from './watched-text.ts';

export interface TourWriterOptions {
  readonly agent: AgentSession;
  readonly signal: AbortSignal;
  readonly wordMs?: number;
  /** Between having written all and beginning again. */
  readonly restMs?: number;
}

/** The history keeps every word: it writes for about the first five minutes. */
const ROUNDS = 3;
/** Others write here, too; it does not make a long text longer. */
const MOST_LINES = 40;

const SENTENCES = [
  '- I am an agent. You see my name beside my cursor, and each word as I write it.',
  '- I write into the same file as you, at the same time. Nobody waits, and nobody’s text is written over.',
  '- Type above me, below me, or into this very line: your words stay where you put them.',
  '- What I wrote is listed under Agents’ Work until a person has kept it or taken it back.',
  '- Where two of us change the same words, both versions are kept until somebody decides.',
  '- I am done for now. Change what I wrote: it is yours, too.',
];

/**
 * Writes a few lines into the example's first file, word by word, between `<!-- writer -->` and
 * `<!-- /writer -->`; a file without these is left alone. Resolves when it is done with that.
 */
export async function runTourWriter(options: TourWriterOptions): Promise<void> {
  const { agent, signal, restMs = 12_000 } = options;
  const { session } = agent;
  for (let round = 0; round < ROUNDS && !signal.aborted; round++) {
    await session.whenOnline(signal);
    let went = await writeOnce(options);
    if (went === 'cleared') went = await writeOnce(options);
    if (went === 'nothing to do') return;
    await agent.leave();
    await pause(session.clock, restMs, signal);
  }
}

/** Writes all of it, or takes away what it wrote before. */
async function writeOnce({
  agent,
  signal,
  wordMs = 300,
}: TourWriterOptions): Promise<'written' | 'cleared' | 'nothing to do'> {
  const head = agent.session.view.fileAt(EXAMPLE_FILE);
  if (head?.kind !== 'text') return 'nothing to do';
  const watched = await WatchedText.open(agent.session, head.fileId);
  try {
    const section = sectionOf(watched.text);
    if (!section || section.written.length > MOST_LINES) return 'nothing to do';
    const { first, end, written } = section;
    if (written.join('\n') === SENTENCES.join('\n')) {
      // Only its own words: with anything of somebody else between them they stay.
      const from = { line: first, character: 0 };
      const { version, fileId, text } = watched;
      await agent.submit({ fileId, version, text }, [replace(from, end, '')], 'patch');
      return 'cleared';
    }
    const pieces = SENTENCES.flatMap((sentence) => `${sentence}\n`.split(/(?<= )/));
    const activity = 'writing';
    await typePieces({ agent, watched, at: end, pieces, activity, pieceMs: wordMs, signal });
    return 'written';
  } finally {
    watched.close();
  }
}

/** Where it writes: from line `first` to before the closing mark, and which lines are there. */
function sectionOf(text: Text) {
  const lines = [...text.lines()];
  const first = lines.indexOf('<!-- writer -->') + 1;
  const end = lines.indexOf('<!-- /writer -->', first);
  if (first === 0 || end < 0) return undefined;
  const written = lines.slice(first, end).filter((line) => line.trim() !== '');
  return { first, end: { line: end, character: 0 }, written };
}
