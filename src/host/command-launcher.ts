import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Home, homeAt, openHome, writeFileAtomically } from './home.ts';
import { HostError } from './host-error.ts';

export interface CommandLauncherOptions {
  readonly home: string;
  /** The program that runs the command: Node, or an Electron that can act as Node. */
  readonly runtime: string;
  /** Absolute path of `dist/cli.cjs`. */
  readonly cliScript: string;
  readonly platform?: NodeJS.Platform;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Points `AGENT_WORLD_HOME/bin/agent-world` (`.cmd` on Windows) to this runtime and script, and
 * returns its path, which stays the same across updates: agents' configurations name it.
 */
export async function installCommandLauncher(options: CommandLauncherOptions): Promise<string> {
  const { root, bin } = await openHome(options.home);
  const { file, text } = launcherIn({ root, bin }, options);
  await writeFileAtomically(file, text, 0o700);
  return file;
}

/** What `installCommandLauncher` would write is there, is something else, or is missing. Writes nothing. */
export async function commandLauncherState(
  options: CommandLauncherOptions,
): Promise<'current' | 'other' | 'missing'> {
  const { file, text } = launcherIn(homeAt(options.home), options);
  const found = await readFile(file, 'utf8').catch(() => undefined);
  return found === undefined ? 'missing' : found === text ? 'current' : 'other';
}

function launcherIn(
  home: Pick<Home, 'root' | 'bin'>,
  {
    runtime,
    cliScript,
    platform = process.platform,
    environment = process.env,
  }: CommandLauncherOptions,
): { readonly file: string; readonly text: string } {
  const target: Target = { home: home.root, runtime, script: cliScript };
  const windows = platform === 'win32';
  for (const value of Object.values(target)) refuseUnquotable(value, windows);
  return {
    file: path.join(home.bin, windows ? 'agent-world.cmd' : 'agent-world'),
    text: windows ? windowsLauncher(target, environment) : posixLauncher(target),
  };
}

interface Target {
  readonly home: string;
  readonly runtime: string;
  readonly script: string;
}

const REMOVED = 'Agent World was removed from this machine; install its extension again.';

/** Electron acts as Node when this is set, and plain Node ignores it. */
const RUN_AS_NODE = 'ELECTRON_RUN_AS_NODE';

function posixLauncher({ home, runtime, script }: Target): string {
  return `#!/bin/sh
# Written by Agent World, and again with every update. Changes made here are lost.
if [ ! -f ${quoteForShell(script)} ]; then
  if [ "$1" = hook ]; then exit 0; fi
  echo ${quoteForShell(REMOVED)} >&2
  exit 69
fi
${RUN_AS_NODE}=1 AGENT_WORLD_HOME=${quoteForShell(home)} \\
  exec ${quoteForShell(runtime)} ${quoteForShell(script)} "$@"
`;
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function windowsLauncher(target: Target, environment: NodeJS.ProcessEnv): string {
  const quote = (text: string): string => `"${shortenedForCmd(text, environment)}"`;
  const lines = [
    '@echo off',
    'rem Written by Agent World, and again with every update. Changes made here are lost.',
    'setlocal',
    `if not exist ${quote(target.script)} (`,
    '  if "%~1"=="hook" exit /b 0',
    `  echo ${REMOVED} 1>&2`,
    '  exit /b 69',
    ')',
    `set "${RUN_AS_NODE}=1"`,
    `set "AGENT_WORLD_HOME=${shortenedForCmd(target.home, environment)}"`,
    `${quote(target.runtime)} ${quote(target.script)} %*`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * The command processor reads a batch file in the console's code page, which would garble the
 * letters of many users' names; its variables keep them.
 */
function shortenedForCmd(text: string, environment: NodeJS.ProcessEnv): string {
  for (const name of ['LOCALAPPDATA', 'APPDATA', 'USERPROFILE']) {
    const folder = environment[name];
    if (folder && text.toLowerCase().startsWith(`${folder.toLowerCase()}\\`)) {
      return `%${name}%${text.slice(folder.length).replaceAll('%', '%%')}`;
    }
  }
  return text.replaceAll('%', '%%');
}

/** No quoting carries a line end through a script, or a quote through a batch file. */
function refuseUnquotable(text: string, windows: boolean): void {
  if (!(windows ? /[\0\r\n"]/ : /[\0\r\n]/).test(text)) return;
  throw new HostError('bad_arguments', 'A path of Agent World contains a line end or a quote');
}
