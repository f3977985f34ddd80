import { EXPORT_MODES, type ExportMode, isBranchName } from '../core/git-point.ts';
import { branchOf } from '../git/branch-name.ts';
import { exportWorld, type ExportReport } from '../git/export-world.ts';
import { Repository } from '../git/repository.ts';
import { markGitPoint } from '../world/mark-git-point.ts';
import { historyOfSession } from '../world/world-history.ts';
import type { Command, CommandLine } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const exportCommand: Command = {
  name: 'export',
  usage: '[WORLD]',
  summary: 'write the world out as commits on a git branch',
  explanation: `
Writes what the world has become since it was brought in, or since the last export, as one commit on a
branch of its own: world/NAME, unless another is named. The commit follows the one that the folder was
brought in from, or the last export. Your index, your files and what you have checked out stay as they
are. Who wrote which lines goes along as a note (git log --notes=agent-trace).

The same history gives the same commit on every machine. What you choose is kept in the history, so
others get your commit, too; nothing new since then is told as such.

  agent-world export notes
  agent-world export --by authors --branch review/notes      one commit for each author
  agent-world export --by checkpoints                        one for each named checkpoint
  agent-world export --message "Index the notes by year"     in the place of the proposed one`,
  options: [
    { name: 'by', value: 'MODE', meaning: 'one (as is), authors or checkpoints' },
    { name: 'branch', value: 'NAME', meaning: 'the branch to write to' },
    { name: 'message', value: 'TEXT', meaning: 'the commit’s message, trailers are added' },
    { name: 'repository', value: 'DIR', meaning: 'another clone than the world’s folder' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { machine, signal, terminal } = context;
    const mode = modeIn(line);
    return withWorld(context, line.positionals[0], async (session, world) => {
      const repository = await Repository.open(line.text('repository') ?? world.folder);
      const branch = branchIn(line) ?? branchOf(world.name);
      const report = await exportWorld({
        history: historyOfSession(session),
        repository,
        choice: { mode, branch, message: line.text('message') ?? '' },
        record: (point) => {
          const text = `${point.commit.slice(0, 12)} on ${point.branch}`;
          return markGitPoint(session, point, text, machine.randomBytes, signal);
        },
        signal,
      });
      terminal.json({ world: world.name, ...report });
      terminal.line(describe(report));
      return EXIT.ok;
    });
  },
};

function modeIn(line: CommandLine): ExportMode {
  const named = line.text('by') ?? 'one';
  const mode = EXPORT_MODES.find((each) => each === named);
  if (mode) return mode;
  throw new UsageError(`--by is one of ${EXPORT_MODES.join(', ')}: ${named}`);
}

function branchIn(line: CommandLine): string | undefined {
  const branch = line.text('branch');
  if (branch === undefined || isBranchName(branch)) return branch;
  throw new UsageError(`This cannot be a branch: ${branch}`);
}

function describe({ outcome, branch, commit = '', commits, files }: ExportReport): string {
  switch (outcome) {
    case 'exported':
      return `${branch} is at ${commit}: ${commits} commits, ${files} files changed.`;
    case 'again':
      return `Nothing new: ${branch} is at ${commit} already.`;
    case 'nothing':
      return 'Nothing to export: the world is as the commit that it came from.';
  }
}
