import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { openFolderGit } from '../git/folder-state.ts';
import { readStandingWork } from '../git/standing-work.ts';
import { namesOf, standingWords } from '../git/standing-words.ts';
import { compareDirectory, type DirectoryDifferences } from '../mirror/compare-directory.ts';
import { directoryState } from '../mirror/directory-mirror.ts';
import { FolderLog } from '../mirror/folder-log.ts';
import type { WaitingFiles } from '../mirror/restorations/waiting-files.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { CommandLine, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { findWorld } from './known-world.ts';
import { isMirrorRunning, MIRROR_LOCK } from '../mirror/mirror-lock.ts';
import { withWorld } from './with-world.ts';

export const UNWATCHED =
  'The system has no watches left: the directory is looked at every 5 seconds instead, until the mirror starts anew. See agent-world doctor';

/** Tells how a mirror's directory stands, whether a mirror runs on it or not. */
export async function tellMirrorStatus(
  context: Context,
  line: CommandLine,
  named: string,
): Promise<ExitCode> {
  const { machine, terminal, signal } = context;
  const directory = await realpath(named).catch(() => named);
  const { world, state } = await worldOf(context, line, directory);
  const isRunning = await isMirrorRunning(state);
  terminal.line(
    isRunning
      ? `A mirror keeps ${directory} in step with ${world.name}.`
      : `No mirror runs on ${directory}, which was kept in step with ${world.name}; start one: agent-world mirror DIR --as NAME`,
  );
  const git = await readStandingWork(directory, machine.clock.nowMs());
  for (const sentence of git ? standingWords(git) : []) terminal.line(sentence);
  const { waiting, isUnwatched } = await FolderLog.open(state);
  if (isRunning && isUnwatched) terminal.line(UNWATCHED);
  const questions = openQuestions(waiting);
  const isPaused = waiting.isPaused;
  if (isPaused) {
    terminal.line(
      'It is not kept in step: it is missing or empty, or was to be left as it is. Once it is as the world has it, or is answered anew, it is kept in step again.',
    );
  }
  for (const { question, fileCount } of questions) {
    terminal.line(
      `Question ${question} about ${countOf(fileCount)} waits: answer it with agent-world restorations`,
    );
  }
  const status = {
    tag: 'status',
    world: world.name,
    isRunning,
    git,
    questions,
    isPaused,
    isUnwatched: isRunning && isUnwatched,
  };
  if (!existsSync(directory)) {
    terminal.line(`${directory} is not there.`);
    terminal.json({ ...status, isMissing: true });
    return EXIT.ok;
  }
  return withWorld(context, world.database, async (session) => {
    const folderGit = openFolderGit(directory, machine.log);
    try {
      const differences = await compareDirectory(directory, session, folderGit, signal);
      for (const sentence of differenceWords(differences)) terminal.line(sentence);
      terminal.json({ ...status, ...differences });
      return EXIT.ok;
    } finally {
      folderGit.dispose();
    }
  });
}

async function worldOf(
  { machine }: Context,
  line: CommandLine,
  directory: string,
): Promise<{ readonly world: KnownWorld; readonly state: string }> {
  const named = line.text('world');
  const worlds = named ? [await findWorld(machine, named)] : await machine.worlds.all();
  for (const world of worlds) {
    const state = await directoryState(machine.home, directory, world.database);
    if (existsSync(path.join(state, MIRROR_LOCK))) return { world, state };
  }
  throw new UsageError(
    `${directory} is no mirror’s directory; start one: agent-world mirror DIR --as NAME`,
  );
}

function openQuestions(
  waiting: WaitingFiles,
): readonly { readonly question: number; readonly fileCount: number }[] {
  return waiting.events().flatMap(({ event, ask, question, answer }) => {
    if (question === undefined || answer !== undefined) return [];
    return [{ question, fileCount: ask?.fileCount ?? waiting.filesOf(event).length }];
  });
}

function differenceWords({ changed, missing, added }: DirectoryDifferences): readonly string[] {
  const kinds = [
    [changed, 'with other content than the world'],
    [missing, 'of the world not there'],
    [added, 'not in the world'],
  ] as const;
  const told = kinds.filter(([names]) => names.length > 0);
  if (told.length === 0) return ['All files are as the world has them.'];
  return told.map(([names, what]) => `${countOf(names.length)} ${what}: ${namesOf(names)}`);
}

function countOf(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}
