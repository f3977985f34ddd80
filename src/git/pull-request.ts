import type { WorldHistory } from '../world/world-history.ts';
import { splitMessage } from './commit-message.ts';
import { planned } from './export-world.ts';
import { GitError } from './git-error.ts';
import { gitPointsIn } from './git-points.ts';

/** What a pull request says, in the form that GitHub shows. */
export interface PullRequestText {
  readonly title: string;
  readonly body: string;
}

/** The branch of the last export. Throws `GitError` `no_commit` where there was none. */
export async function lastExport(
  history: WorldHistory,
): Promise<{ readonly branch: string; readonly commit: string }> {
  const last = gitPointsIn((await history.notes()).notes).exports.at(-1);
  if (last) return last;
  throw new GitError('no_commit', 'Nothing was exported yet; agent-world export does that');
}

/**
 * Describes all that was exported to a branch since the world's base: what was said, who did what,
 * which conflicts were decided, and which ops these are. A function of the history alone.
 */
export async function pullRequestText(
  history: WorldHistory,
  branch: string,
  signal?: AbortSignal,
): Promise<PullRequestText> {
  const { bases, exports } = gitPointsIn((await history.notes()).notes);
  const since = bases.at(-1)?.opSeq ?? 0;
  const onBranch = exports.filter((point) => point.branch === branch);
  const recent = onBranch.filter(({ opSeq }) => opSeq > since);
  const points = recent.length > 0 ? recent : onBranch.slice(-1);
  const range = { after: points[0]!.after, upTo: points.at(-1)!.upTo };
  const plan = planned(history, { ...range, mode: 'one', message: '' }, signal);
  const next = await plan.next();
  if (next.done === true) throw new GitError('no_commit', `Nothing was exported to ${branch}`);
  const { said, trailers } = splitMessage(next.value.message);
  const [subject = branch, ...deeds] = said.split('\n');
  const messages = points.map(({ message }) => message.trim()).filter((text) => text !== '');
  const [title = subject, ...explained] = messages.at(-1)?.split('\n') ?? [];
  const others = messages.slice(0, -1).toReversed();
  const parts = [explained.join('\n'), ...others, deeds.join('\n'), fenced(trailers)];
  const body = parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n');
  return { title: cut(title, TITLE_LENGTH), body: cut(body, BODY_LENGTH) };
}

/** Word for word. */
function fenced(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** What GitHub takes. */
const TITLE_LENGTH = 256;
const BODY_LENGTH = 60_000;
