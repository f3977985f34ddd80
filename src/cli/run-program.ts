import {
  type Command,
  type CommandLine,
  helpOf,
  parseCommandLine,
  terminalFor,
} from './command.ts';
import { EXIT, EXIT_MEANING, exitCodeOf, UsageError, type ExitCode } from './exit-code.ts';
import { type Machine, openMachine } from './machine.ts';
import type { Terminal } from './terminal.ts';
import { WAIT_TEXTS } from './wait-texts.ts';
import { GitError } from '../git/git-error.ts';
import { WorldError } from '../world/world-error.ts';

/** Runs the command that the process was started with, and sets the exit code. */
export function runProgram(commands: readonly Command[]): void {
  // The client library writes its own errors with `log`: they must not mix with results.
  console.log = console.error;
  // Whoever read our results has enough, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  void main(commands, process.argv.slice(2))
    .catch(explain)
    .then((code) => (process.exitCode = code));
}

async function main(commands: readonly Command[], args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  if (name === '--version') {
    print((await openMachine()).version);
    return EXIT.ok;
  }
  if (name === 'help' || name === '--help' || name === '-h') {
    print(helpAbout(commands, rest[0]));
    return EXIT.ok;
  }
  const command = commandNamed(commands, name);
  const line = parseCommandLine(command, rest);
  if (line.flag('help')) {
    print(helpOf(command));
    return EXIT.ok;
  }
  const terminal = terminalFor(line);
  const machine = await machineFor(command, line, terminal);
  return command.run({ terminal, machine, signal: onInterrupt() }, line);
}

async function machineFor(
  command: Command,
  line: CommandLine,
  terminal: Terminal,
): Promise<Machine> {
  const machine = await openMachine(line.text('home'), (wait) => terminal.note(WAIT_TEXTS[wait]));
  const file = line.text('token-file');
  if (file === undefined) return machine;
  const { withGivenIdentity } = await import('../world/given-identity.ts');
  const { readTokenFile } = await import('../world/token-file.ts');
  const identities = withGivenIdentity(machine.identities, await readTokenFile(file), {
    server: command.tokenServer?.(line),
    isKept: command.keepsIdentity === true,
  });
  return { ...machine, identities };
}

function helpAbout(commands: readonly Command[], topic: string | undefined): string {
  if (topic === undefined) return overview(commands);
  return topic === 'exit-codes' ? exitCodes() : helpOf(commandNamed(commands, topic));
}

function commandNamed(commands: readonly Command[], name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command) return command;
  throw new UsageError(`There is no command ${name}. See: agent-world --help`);
}

function overview(commands: readonly Command[]): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`);
  return [
    'agent-world COMMAND [ARGUMENTS]\n',
    'People and AI agents edit the same files live, in one shared transactional world.\n',
    'Commands:',
    ...lines,
    '\nTo begin: agent-world open FOLDER, then agent-world watch FOLDER in a second terminal.',
    'Each command explains itself: agent-world help COMMAND\n',
    exitCodes(),
    '\nAGENT_WORLD_HOME is where worlds and identities are kept on this machine; AGENT_WORLD_HOST_URI',
    'names a running host to use in place of this machine’s own.',
  ].join('\n');
}

function exitCodes(): string {
  const lines = Object.values(EXIT).map((code) => `  ${code}  ${EXIT_MEANING[code]}`);
  return ['Exit codes:', ...lines].join('\n');
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

function explain(error: unknown): ExitCode {
  const code = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const isExpected =
    code !== EXIT.failed || error instanceof WorldError || error instanceof GitError;
  const told = isExpected || !(error instanceof Error) ? message : (error.stack ?? message);
  const name = codeOf(error);
  if (process.argv.includes('--json')) {
    console.error(JSON.stringify({ error: { code: name, message: told } }));
  } else console.error(error instanceof GitError ? `${name}: ${told}` : told);
  return code;
}

/** Where the world refused, its own code, which the message begins with. */
function codeOf(error: unknown): string {
  if (error instanceof GitError) return error.code;
  if (!(error instanceof WorldError)) return 'failed';
  const refusal = error.code === 'refused' ? /^([a-z_]+): /.exec(error.message) : null;
  return refusal?.[1] ?? error.code;
}
