import { statSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '../core/hash.ts';
import { Repository } from '../git/repository.ts';
import { type CommitVerdict, verifyCommit } from '../git/verify-commit.ts';
import { verifyArchive } from '../world/archive-file.ts';
import { verifyWorld, type WorldVerdict } from '../world/verify-world.ts';
import { WorldError } from '../world/world-error.ts';
import { historyOfArchive, historyOfSession, type WorldHistory } from '../world/world-history.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { showProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { withWorld } from './with-world.ts';

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[WORLD | FILE]',
  summary: 'replay the whole history and check every hash and row',
  explanation: `
Downloads the world's history and replays it here: the chain at every op, the content of every file at
its end, and whether the history still contains the last op that this machine saw. Then compares what
the world shows with what its history makes, column by column: rules, members, files, notes, snapshots,
conflicts. Names the first op that does not fit, or the first row that differs. The exit code is the
verdict: 0 when all is well, 1 when not. The history in a file that agent-world backup made is checked in
the same way, without any server.

With --commit it proves that a commit which an export made holds what the history says at the chain
hash in its trailers, and names the first file that is something else:

  agent-world verify notes --commit world/notes
  agent-world verify notes.world --commit HEAD --repository ~/clone     from the backup alone`,
  options: [
    { name: 'commit', value: 'REV', meaning: 'a commit of an export, by any of its names' },
    { name: 'repository', value: 'DIR', meaning: 'where it is (the folder you are in)' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { terminal, machine, signal } = context;
    const [named] = line.positionals;
    const isFile = statSync(named ?? '', { throwIfNoEntry: false })?.isFile() === true;
    const rev = line.text('commit');
    if (rev !== undefined) return proveCommit(context, line, rev, isFile);
    if (named !== undefined && isFile) return showArchive(terminal, path.resolve(named), signal);
    return withWorld(context, line.positionals[0], async (session, world) => {
      const onProgress = showProgress(terminal, 'verified');
      const options = { ...machine, session, world, onProgress, signal };
      return showVerdict(terminal, await verifyWorld(options));
    });
  },
};

async function proveCommit(
  context: Context,
  line: CommandLine,
  rev: string,
  isFile: boolean,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const [named = ''] = line.positionals;
  const folder = path.resolve(line.text('repository') ?? '.');
  const prove = async (history: WorldHistory): Promise<ExitCode> => {
    const repository = await Repository.open(folder);
    const verdict = await verifyCommit({ history, repository, rev, signal });
    terminal.json({ verdict });
    terminal.line(describeCommit(verdict));
    return verdict.tag === 'verified' ? EXIT.ok : EXIT.failed;
  };
  if (!isFile)
    return withWorld(context, named || undefined, (session) => prove(historyOfSession(session)));
  const file = path.resolve(named);
  await verifyArchive(file, signal);
  return prove(historyOfArchive(file));
}

function describeCommit(verdict: CommitVerdict): string {
  switch (verdict.tag) {
    case 'verified':
      return `${verdict.commit}: its ${verdict.files} files are what the history says at op ${verdict.opSeq}`;
    case 'differs':
      return `${verdict.commit} is not what the history says: ${verdict.path} (${verdict.why})`;
    case 'no_export':
      return `${verdict.commit} was made by no export: it has no trailers of a world`;
    case 'other_world':
      return `${verdict.commit} is a commit of another world`;
    case 'other_history':
      return `${verdict.commit} is not what the history says: its chain hash is another`;
  }
}

async function showArchive(
  terminal: Terminal,
  file: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  try {
    const { name, head, files } = await verifyArchive(file, signal);
    const headChainHash = toHex(head.chainHash);
    return showVerdict(terminal, { tag: 'verified', ops: head.opSeq, files, headChainHash }, name);
  } catch (error) {
    if (!(error instanceof WorldError) || error.code !== 'bad_archive') throw error;
    terminal.json({ verdict: { tag: error.code, message: error.message } });
    terminal.line(error.message);
    return EXIT.failed;
  }
}

/** Prints a verdict and returns the exit code that stands for it. */
export function showVerdict(terminal: Terminal, verdict: WorldVerdict, world?: string): ExitCode {
  terminal.json({ verdict, world });
  if (verdict.tag === 'verified') {
    terminal.line(`verified ${verdict.ops} ops, ${verdict.files} files`);
    return EXIT.ok;
  }
  const { opSeq, reason, message } = verdict;
  terminal.line(`does not verify: ${reason === 'row' ? '' : `op ${opSeq}: `}${message}`);
  return EXIT.failed;
}
