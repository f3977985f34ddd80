import path from 'node:path';
import type { AgentSession } from './agent-session.ts';
import { planIndex } from './index-plan.ts';
import { editAtPace } from './paced-edit.ts';
import { workWhenQuiet } from './quiet-work.ts';
import { WatchedText } from './watched-text.ts';

export interface IndexOptions {
  readonly agent: AgentSession;
  readonly signal: AbortSignal;
  /** The file to keep true, as the world names it. */
  readonly readme?: string;
  readonly quietMs?: number;
  readonly stepMs?: number;
}

/**
 * Keeps the table of contents and the file index of a README true, between the markers that
 * `planIndex` knows; a README without them is left alone. Runs until the signal aborts; rejects
 * when the world is refused or closed.
 */
export async function runIndexer(options: IndexOptions): Promise<void> {
  const { agent, signal, readme = 'README.md', quietMs = 1000 } = options;
  const { session } = agent;
  await workWhenQuiet({
    session,
    signal,
    quietMs,
    atStart() {
      const head = session.view.fileAt(readme);
      return head ? [head.fileId] : [];
    },
    subjectOf({ before, after }) {
      const isReadme = after?.path === readme && after.updatedBy !== session.identity;
      const isMoved = before?.path !== after?.path || before?.deleted !== after?.deleted;
      return isReadme || isMoved ? session.view.fileAt(readme)?.fileId : undefined;
    },
    act: (fileId) => updateIndex(options, fileId),
  });
}

async function updateIndex(options: IndexOptions, fileId: number): Promise<'done' | 'later'> {
  const { agent, signal, stepMs = 400 } = options;
  const head = agent.session.view.files.get(fileId);
  if (!head || head.deleted || head.kind !== 'text') return 'done';
  const watched = await WatchedText.open(agent.session, fileId);
  try {
    const changes = planIndex(watched.text, pathsBeside(agent, head.path));
    if (changes.length === 0) return 'done';
    const isTaken = watched.occupied.some(({ firstLine, lastLine }) =>
      changes.some((change) => change.startLine <= lastLine && firstLine <= change.endLine),
    );
    if (isTaken) return 'later';
    const activity = `updating ${head.path}`;
    const steps = [changes];
    const result = await editAtPace({ agent, watched, steps, activity, stepMs, signal });
    await agent.leave();
    return result.tag === 'interrupted' ? 'later' : 'done';
  } finally {
    watched.close();
  }
}

/** Living files below the README's own folder, as links from there would name them. */
function pathsBeside(agent: AgentSession, readme: string): readonly string[] {
  const folder = path.posix.dirname(readme);
  const prefix = folder === '.' ? '' : `${folder}/`;
  return agent
    .list()
    .filter((file) => file.path.startsWith(prefix) && file.path !== readme)
    .map((file) => file.path.slice(prefix.length));
}
