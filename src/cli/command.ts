import type { ParseArgsOptionsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { UsageError } from './exit-code.ts';
import type { Machine } from './machine.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** What a command works with. The signal aborts when the user interrupts. */
export interface Context {
  readonly terminal: Terminal;
  readonly machine: Machine;
  readonly signal: AbortSignal;
}

/** A command line without the command's own name, taken apart. */
export interface CommandLine {
  readonly positionals: readonly string[];
  text(option: string): string | undefined;
  flag(option: string): boolean;
}

export interface Command {
  readonly name: string;
  /** What stands behind the name in the usage line. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` teaches beside the usage and the options. */
  readonly explanation: string;
  readonly options: readonly Option[];
  /** Bounds of the number of arguments. */
  readonly positionals: readonly [least: number, most: number];
  /** The home is from then on who --token-file says. */
  readonly keepsIdentity?: true;
  /** Of a command that meets two servers, the one that --token-file is for. */
  tokenServer?(line: CommandLine): string | undefined;
  /** Returns the exit code: one of ours, or that of a command that it ran. */
  run(context: Context, line: CommandLine): Promise<number>;
}

export interface Option {
  readonly name: string;
  /** What stands for the value; without it the option is a flag. */
  readonly value?: string;
  readonly meaning: string;
}

const COMMON: readonly Option[] = [
  { name: 'json', meaning: 'results as JSON, one object a line' },
  { name: 'home', value: 'DIR', meaning: 'use this AGENT_WORLD_HOME' },
  {
    name: 'token-file',
    value: 'FILE',
    meaning: 'be the identity of this token at a server; only you may read the file',
  },
  { name: 'help', meaning: 'explain the command' },
];

/** Takes a command line apart. Throws `UsageError`. */
export function parseCommandLine(command: Command, args: readonly string[]): CommandLine {
  const options: ParseArgsOptionsConfig = {};
  for (const { name, value } of [...COMMON, ...command.options]) {
    options[name] = { type: value === undefined ? 'boolean' : 'string' };
  }
  const { values, positionals } = parse(command, args, options);
  const [least, most] = command.positionals;
  if (!values['help'] && (positionals.length < least || positionals.length > most)) {
    throw new UsageError(`Usage: agent-world ${command.name} ${command.usage}`);
  }
  return {
    positionals,
    text: (option) => values[option] as string | undefined,
    flag: (option) => values[option] === true,
  };
}

function parse(
  command: Command,
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): { readonly values: Record<string, unknown>; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason}\nSee: agent-world ${command.name} --help`);
  }
}

/** The text that `agent-world COMMAND --help` prints. */
export function helpOf(command: Command): string {
  const options = [...command.options, ...COMMON].map(({ name, value, meaning }) => {
    const spelled = value === undefined ? `--${name}` : `--${name} ${value}`;
    return `  ${spelled.padEnd(22)} ${meaning}`;
  });
  const usage = `agent-world ${command.name} ${command.usage}`.trim();
  return [`${usage}\n`, command.explanation.trim(), '\nOptions:', ...options].join('\n');
}

export function terminalFor(line: CommandLine): Terminal {
  return openTerminal(line.flag('json'));
}
