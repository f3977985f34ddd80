/** Owns: that git answers in an agent's own folder, by what the world's history says of its base. */
import { type AgentBase, hasAgentRepository, standOnBase } from '../git/agent-repository.ts';
import { GitError } from '../git/git-error.ts';
import { gitPointsIn } from '../git/git-points.ts';
import type { CancelTimer } from '../world/clock.ts';
import type { StopListening } from '../world/listeners.ts';
import { readOps } from '../world/read-ops.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { Note } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Machine } from './machine.ts';

/** Gives the folder a repository, or moves the one it has to where the world stands. Throws `GitError`. */
export async function standFolderOnBase(
  session: WorldSession,
  { folder: source }: Pick<KnownWorld, 'folder'>,
  folder: string,
): Promise<AgentBase> {
  const link = await session.whenOnline();
  const points = [...session.view.notes.values()].filter(isPoint).slice(-MOST_POINTS);
  const notes = await readOps(
    link,
    points.map(({ noteId }) => noteId),
  );
  return standOnBase(folder, source, gitPointsIn(notes));
}

/** What that means for whoever works in the folder, as a sentence. */
export function wordsOfBase(base: AgentBase): string {
  switch (base.tag) {
    case 'commit':
      return `git answers there against ${base.commit.slice(0, 12)}, from which the world comes; commits are made by agent-world export.`;
    case 'empty':
      return 'git answers there, without a commit: the world comes from none that is known here.';
    case 'theirs':
      return 'The folder has a git repository of its own, which stays as it is.';
  }
}

/** Moves a folder's repository along for as long as its mirror runs, where it is one of ours. */
export async function followBase(
  session: WorldSession,
  world: Pick<KnownWorld, 'folder'>,
  folder: string,
  { clock, log }: Pick<Machine, 'clock' | 'log'>,
): Promise<StopListening> {
  if (!hasAgentRepository(folder)) return () => undefined;
  let cancel: CancelTimer = () => undefined;
  let moving = Promise.resolve();
  const attempt = async (tries: number): Promise<void> => {
    try {
      await standFolderOnBase(session, world, folder);
    } catch (error) {
      // Somebody may run git there just now.
      log.warn('agent.git', { code: error instanceof GitError ? error.code : String(error) });
      cancel();
      if (tries > 1) cancel = clock.after(AGAIN_MS, () => void move(tries - 1));
    }
  };
  const move = (tries = MOST_TRIES): Promise<void> => {
    moving = moving.then(() => attempt(tries));
    return moving;
  };
  await move();
  const stop = session.view.notes.onChange(({ after }) => {
    if (after && isPoint(after)) void move();
  });
  return () => {
    stop();
    cancel();
  };
}

const MOST_TRIES = 5;
const AGAIN_MS = 1_000;

function isPoint({ kind }: Pick<Note, 'kind'>): boolean {
  return kind === 'base' || kind === 'export';
}

const MOST_POINTS = 20;
