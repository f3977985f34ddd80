import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { EXPORT_MODES, type ExportMode, exportText, isBranchName } from '../core/git-point.ts';
import { branchOf } from '../git/branch-name.ts';
import { type ExportQuestion, type ExportReport, exportWorld } from '../git/export-world.ts';
import { GitError } from '../git/git-error.ts';
import {
  blocking,
  DEFAULT_RAILS,
  describeFinding,
  findByRails,
  RAILS,
  type RailSettings,
  told,
} from '../git/guard-rails.ts';
import { makeRepository } from '../git/new-repository.ts';
import { previewExport } from '../git/preview-export.ts';
import { Repository } from '../git/repository.ts';
import { systemCode } from '../host/host-error.ts';
import { markGitPoint } from '../world/mark-git-point.ts';
import { TOLD_REVIEWS_LEVEL } from '../core/module-level.ts';
import {
  demandReviewed,
  lookForReview,
  mayExportUnreviewed,
  needsReview,
} from '../review/export-review.ts';
import { WorldError } from '../world/world-error.ts';
import { exportRule } from '../world/export-rule.ts';
import { historyOfSession } from '../world/world-history.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Command, CommandLine, Context } from './command.ts';
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

Open conflicts, and what looks like a key in lines that were written since, keep an export from being
made unless they are allowed; claims of agents, files outside of the world, and what agents did and
nobody has looked at are listed. The commit names who kept work of agents in it (Reviewed-by), and how
much nobody has looked at (Unreviewed). A world can ask for review first: agent-world policy --exports
reviewed. Then only an owner exports what nobody has looked at, with --unreviewed.

  agent-world export notes --preview                         what it would be, and nothing is written
  agent-world export --by authors --branch review/notes      one commit for each author
  agent-world export --by turns                              one for each turn of an agent, and each author
  agent-world export --by checkpoints                        one for each named checkpoint
  agent-world export --message "Index the notes by year"     in the place of the proposed one
  agent-world export --allow tickets,secrets                 all the same`,
  options: [
    { name: 'by', value: 'MODE', meaning: 'one (as is), authors, turns or checkpoints' },
    { name: 'branch', value: 'NAME', meaning: 'the branch to write to' },
    { name: 'message', value: 'TEXT', meaning: 'the commit’s message, trailers are added' },
    { name: 'message-file', value: 'FILE', meaning: 'the same from a file; - for standard input' },
    { name: 'repository', value: 'DIR', meaning: 'another clone than the world’s folder' },
    { name: 'init', meaning: 'make a repository of the folder, if it is in none' },
    { name: 'preview', meaning: 'only say what it would be' },
    { name: 'up-to', value: 'SEQ', meaning: 'only ops up to this one, such as a preview named' },
    { name: 'allow', value: 'NAMES', meaning: 'of tickets, claims, outside, secrets and reviews' },
    {
      name: 'unreviewed',
      meaning: 'also what nobody has looked at, where the world asks for review',
    },
    { name: 'reviewed', meaning: 'only if nothing that agents did is left to look at' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const mode = modeIn(line);
    const rails = railsIn(line);
    return withWorld(context, line.positionals[0], async (session, world) => {
      const folder = line.text('repository') ?? world.folder;
      const branch = branchIn(line) ?? branchOf(world.name);
      const choice = { mode, branch, message: await messageIn(line) };
      const work = (repository: Repository): Promise<ExportReport | undefined> =>
        exportChecked(context, { session, folder: world.folder, repository, choice, rails }, line);
      const isNew = line.flag('init') && (await Repository.find(folder)) === undefined;
      const report = isNew
        ? await makeRepository(folder, work)
        : await work(await Repository.open(folder));
      if (!report) return EXIT.ok;
      context.terminal.json({ world: world.name, ...report });
      context.terminal.line(describe(report));
      return EXIT.ok;
    });
  },
};

interface CheckedExport extends Pick<ExportQuestion, 'repository' | 'choice'> {
  readonly session: WorldSession;
  /** The world's. */
  readonly folder: string;
  readonly rails: RailSettings;
}

/** Undefined where only a look was asked for. Throws `GitError` `blocked`. */
async function exportChecked(
  { machine, signal, terminal }: Context,
  { session, folder, repository, choice, rails }: CheckedExport,
  line: CommandLine,
): Promise<ExportReport | undefined> {
  const isAllowed = line.flag('unreviewed');
  if (isAllowed) demandOwner(session);
  const wish = { upTo: upToIn(line), isAllowed, isPreview: line.flag('preview'), signal };
  const reviewed = await lookForReview(session, machine.randomBytes, wish);
  const { upTo, files, unreviewed } = reviewed;
  const namesReviewers = session.moduleLevel >= TOLD_REVIEWS_LEVEL;
  const history = historyOfSession(session);
  const question = { history, repository, choice, upTo, namesReviewers, unreviewed, signal };
  const preview = await previewExport(question);
  const found = await findByRails({ session, folder, unreviewed: files, ...preview });
  const findings = told(found, rails);
  for (const finding of findings) terminal.note(describeFinding(finding));
  if (line.flag('preview')) {
    terminal.json({ preview, findings });
    for (const { author, message } of preview.commits) {
      terminal.line(`Author: ${author}\n\n${message}`);
    }
    for (const { path } of preview.changes) terminal.line(path);
    if (preview.commits.length === 0) terminal.line(describeNothing(preview.last?.commit));
    else if (needsReview(exportRule(session), files)) {
      terminal.note('This world asks for review before an export.');
    }
    return undefined;
  }
  const blockers = preview.commits.length > 0 ? blocking(findings, rails) : [];
  if (blockers.length > 0) {
    const names = [...new Set(blockers.map(({ rail }) => rail))].join(',');
    const why = `Not exported: ${blockers.length} things are to be settled first`;
    throw new GitError('blocked', `${why}, or allowed with --allow ${names}`);
  }
  if (preview.commits.length > 0) demandReviewed(session, reviewed);
  return exportWorld({
    ...question,
    isBranchNamed: branchIn(line) !== undefined,
    record: (point) => markGitPoint(session, point, exportText(point), machine.randomBytes, signal),
  });
}

/** Throws `WorldError` as the world would, before anything is made. */
function demandOwner(session: WorldSession): void {
  if (mayExportUnreviewed(session)) return;
  const why = 'only an owner who is a person exports what nobody has looked at';
  throw new WorldError('refused', `forbidden: ${why}`);
}

function upToIn(line: CommandLine): number | undefined {
  const named = line.text('up-to');
  if (named === undefined || /^[1-9]\d{0,9}$/.test(named))
    return named === undefined ? named : Number(named);
  throw new UsageError(`SEQ must be a whole number from 1: ${named}`);
}

function railsIn(line: CommandLine): RailSettings {
  const allowed = (line.text('allow') ?? '').split(',').filter((name) => name !== '');
  const unknown = allowed.find((name) => !RAILS.some((rail) => rail === name));
  if (unknown !== undefined) {
    throw new UsageError(`--allow names some of ${RAILS.join(', ')}: ${unknown}`);
  }
  const asked = line.flag('reviewed') ? { reviews: 'block' as const } : {};
  return {
    ...DEFAULT_RAILS,
    ...asked,
    ...Object.fromEntries(allowed.map((name) => [name, 'warn'])),
  };
}

async function messageIn(line: CommandLine): Promise<string> {
  const file = line.text('message-file');
  if (file === undefined) return line.text('message') ?? '';
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--message-file ${file} cannot be read (${systemCode(error)})`);
  }
}

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
      return `Nothing new: ${commit} on ${branch} has it all.`;
    case 'nothing':
      return describeNothing(undefined);
  }
}

function describeNothing(last: string | undefined): string {
  if (last !== undefined) return `Nothing new: the export ${last} has it all.`;
  return 'Nothing to export: the world is as the commit that it came from.';
}
