import { agentsCommand } from './cli/agents.ts';
import { backupCommand } from './cli/backup.ts';
import { helpOf, parseCommandLine, terminalFor, type Command } from './cli/command.ts';
import { deleteCommand } from './cli/delete.ts';
import { demoCommand } from './cli/demo.ts';
import { EXIT, exitCodeOf, UsageError, type ExitCode } from './cli/exit-code.ts';
import { exportCommand } from './cli/export.ts';
import { hostCommand } from './cli/host.ts';
import { inviteCommand } from './cli/invite.ts';
import { joinCommand } from './cli/join.ts';
import { locksCommand } from './cli/locks.ts';
import { membersCommand } from './cli/members.ts';
import { mirrorCommand } from './cli/mirror.ts';
import { noteCommand } from './cli/note.ts';
import { policyCommand } from './cli/policy.ts';
import { renameCommand } from './cli/rename.ts';
import { resolveCommand } from './cli/resolve.ts';
import { ticketsCommand } from './cli/tickets.ts';
import { openMachine } from './cli/machine.ts';
import { moveCommand } from './cli/move.ts';
import { openCommand } from './cli/open.ts';
import { publishCommand } from './cli/publish.ts';
import { pushCommand } from './cli/push.ts';
import { restoreCommand } from './cli/restore.ts';
import { snapshotCommand } from './cli/snapshot.ts';
import { upgradeCommand } from './cli/upgrade.ts';
import { upstreamCommand } from './cli/upstream.ts';
import { restoreFileCommand } from './cli/restore-file.ts';
import { takeBackCommand } from './cli/take-back.ts';
import { historyCommand } from './cli/history.ts';
import { blameCommand } from './cli/blame.ts';
import { verifyCommand } from './cli/verify.ts';
import { watchCommand } from './cli/watch.ts';
import { worldsCommand } from './cli/worlds.ts';
import { GitError } from './git/git-error.ts';
import { WorldError } from './world/world-error.ts';

const COMMANDS: readonly Command[] = [
  openCommand,
  worldsCommand,
  watchCommand,
  verifyCommand,
  historyCommand,
  blameCommand,
  restoreFileCommand,
  takeBackCommand,
  ticketsCommand,
  resolveCommand,
  locksCommand,
  noteCommand,
  membersCommand,
  inviteCommand,
  joinCommand,
  policyCommand,
  renameCommand,
  deleteCommand,
  agentsCommand,
  mirrorCommand,
  publishCommand,
  backupCommand,
  restoreCommand,
  moveCommand,
  upgradeCommand,
  snapshotCommand,
  exportCommand,
  pushCommand,
  upstreamCommand,
  hostCommand,
  demoCommand,
];

async function main(args: readonly string[]): Promise<ExitCode> {
  const [name = 'help', ...rest] = args;
  if (name === '--version') {
    print((await openMachine()).version);
    return EXIT.ok;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    if (name !== 'help' && name !== '--help' && name !== '-h') {
      throw new UsageError(`There is no command ${name}. See: agent-world --help`);
    }
    print(overview());
    return EXIT.ok;
  }
  const line = parseCommandLine(command, rest);
  if (line.flag('help')) {
    print(helpOf(command));
    return EXIT.ok;
  }
  const terminal = terminalFor(line);
  return command.run(
    { terminal, machine: await openMachine(line.text('home')), signal: onInterrupt() },
    line,
  );
}

function overview(): string {
  const commands = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`);
  return [
    'agent-world COMMAND [ARGUMENTS]\n',
    'People and AI agents edit the same files live, in one shared transactional world.\n',
    'Commands:',
    ...commands,
    '\nTo begin: agent-world open FOLDER, then agent-world watch FOLDER in a second terminal.',
    'Each command explains itself: agent-world COMMAND --help\n',
    'Exit codes: 0 done; 1 failed, or the history does not verify; 2 the command line is wrong;',
    '3 no host or world could be reached; 4 the world refused.',
    'AGENT_WORLD_HOME is where worlds and identities are kept on this machine; AGENT_WORLD_HOST_URI',
    'names a running host to use in place of this machine’s own.',
  ].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The first interrupt asks for an orderly end, the second does not ask. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.failed);
      controller.abort();
    });
  }
  return controller.signal;
}

// The client library writes its own errors with `log`: they must not mix with results.
console.log = console.error;

function explain(error: unknown): ExitCode {
  const code = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const isExpected =
    code !== EXIT.failed || error instanceof WorldError || error instanceof GitError;
  const told = isExpected || !(error instanceof Error) ? message : (error.stack ?? message);
  const name = error instanceof WorldError || error instanceof GitError ? error.code : 'failed';
  if (process.argv.includes('--json')) {
    console.error(JSON.stringify({ error: { code: name, message: told } }));
  } else console.error(error instanceof GitError ? `${name}: ${told}` : told);
  return code;
}

// Whoever read our results has enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

void main(process.argv.slice(2))
  .catch(explain)
  .then((code) => (process.exitCode = code));
