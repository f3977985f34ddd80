/** Owns: what agents are told of a decision about their work: a message, which their next answer or hook brings. */
import { DEFAULT_LIMITS, parseLimits } from '../core/limits.ts';
import type { IdentityHex } from '../core/op.ts';
import type { RandomBytes } from '../world/uuid.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldSession } from '../world/world-session.ts';
import { writeNote } from '../world/write-note.ts';
import type { FileDecision } from './file-decision.ts';
import type { ReviewHunk } from './review-hunk.ts';

/** What a member is told. */
export interface ReviewMessage {
  readonly to: IdentityHex;
  readonly text: string;
}

/**
 * What each agent is told of decisions: what of its work was taken back and why; of what was kept only where somebody
 * has something to say.
 */
export function messagesOf(
  { view, workspace }: Pick<WorldSession, 'view' | 'workspace'>,
  decisions: readonly FileDecision[],
  words: string | undefined,
): readonly ReviewMessage[] {
  const { noteLength } = parseLimits(workspace?.limits ?? '') ?? DEFAULT_LIMITS;
  const told = decisions.filter(({ does }) => does === 'take' || words !== undefined);
  return [...placesOf(told)].flatMap(([to, places]) => {
    const member = view.members.get(to);
    if (!member || member.removed) return [];
    return [{ to, text: textOf(told[0]!.does, places, words, noteLength) }];
  });
}

/** Tells them by calls of their own, after the decision. Returns whom the world did not let be told. */
export async function tellAfterwards(
  session: WorldSession,
  messages: readonly ReviewMessage[],
  randomBytes: RandomBytes,
  signal: AbortSignal | undefined,
): Promise<readonly IdentityHex[]> {
  const untold: IdentityHex[] = [];
  for (const { to, text } of messages) {
    try {
      await writeNote(session, { kind: 'message', to, text }, randomBytes, signal);
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      untold.push(to);
    }
  }
  return untold;
}

/** Where something of each agent's was, file by file. */
function placesOf(decisions: readonly FileDecision[]): ReadonlyMap<IdentityHex, string[]> {
  const found = new Map<IdentityHex, string[]>();
  for (const { head, hunks } of decisions) {
    for (const agent of new Set(hunks.flatMap(({ works }) => works.map((work) => work.agent)))) {
      const own = hunks.filter(({ works }) => works.some((work) => work.agent === agent));
      const places = found.get(agent) ?? [];
      places.push(`${head.path} (${own.map(placeText).join(', ')})`);
      found.set(agent, places);
    }
  }
  return found;
}

function placeText(hunk: ReviewHunk): string {
  if (hunk.tag === 'whole') return WHOLE_WORDS[hunk.change.kind];
  const [first, last] = hunk.lines.map((line) => line + 1);
  return first === last ? `line ${first}` : `lines ${first}-${last}`;
}

const WHOLE_WORDS = {
  created: 'the new file',
  deleted: 'that it was deleted or brought back',
  renamed: 'its name',
  mode: 'its mode or line ends',
  content: 'its whole content',
} as const;

/** As many places as there is room for, and all that was said as long as there is room for that. */
function textOf(
  does: 'keep' | 'take',
  places: readonly string[],
  words: string | undefined,
  most: number,
): string {
  const what = does === 'keep' ? 'I looked at and kept' : 'I took back';
  const why = words === undefined ? '' : ` My words: ${words}`;
  const room = Math.min(most, PLACES_LENGTH + why.length) - why.length;
  const lead = `${what} what you did in `;
  let count = places.length;
  let text = `${lead}${places.join('; ')}.`;
  while (text.length > room && count > 0) {
    count = Math.floor(count / 2);
    const more = `${places.length - count} more files`;
    text =
      count === 0 ? `${lead}${more}.` : `${lead}${places.slice(0, count).join('; ')} and ${more}.`;
  }
  return `${text}${why}`.slice(0, most).toWellFormed();
}

/** Of the places, in UTF-16 code units: an answer has little room for news. */
const PLACES_LENGTH = 600;
