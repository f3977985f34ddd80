/**
 * Owns: what each client's settings say of our hooks, and where. They know no world: one set serves all agents of a
 * client. Seen with the versions that `known-clients.ts` names.
 */
import { CLAUDE_WRITERS } from '../hooks/claude.ts';
import { CODEX_WRITERS } from '../hooks/codex.ts';
import { COPILOT_EVENTS } from '../hooks/copilot.ts';
import { GEMINI_READERS, GEMINI_WRITERS } from '../hooks/gemini.ts';
import { type ConfigChange, changeFile, contentOf, takeBack } from './config-file.ts';
import { areInLists, type ListEntry, putInLists, takeFromLists } from './config-list.ts';
import { QWEN_READERS, QWEN_WRITERS } from '../hooks/qwen.ts';
import { opencodePlugin } from './opencode-plugin.ts';

/** `launcher` is the command of this home, absolute. */
export interface ClientHooks {
  /** Below the user's home. */
  readonly file: string;
  /** Entries among others of the file, or all of a file that is ours alone. */
  readonly of: (launcher: string) => readonly ListEntry[] | string;
  /** What only the person can do, in one sentence. */
  readonly consent?: string;
}

const HOOKS: ReadonlyMap<string, ClientHooks> = new Map([
  ['claude', { file: '.claude/settings.json', of: claudeHooks }],
  [
    'codex',
    {
      file: '.codex/hooks.json',
      of: codexHooks,
      consent: 'Codex runs hooks only after you have reviewed them: do that in Codex by /hooks.',
    },
  ],
  ['gemini', { file: '.gemini/settings.json', of: geminiHooks }],
  ['copilot', { file: '.copilot/hooks/agent-world.json', of: copilotHooks }],
  ['qwen', { file: '.qwen/settings.json', of: qwenHooks }],
  ['opencode', { file: '.config/opencode/plugin/agent-world.js', of: opencodePlugin }],
]);

/** Undefined for a client without hooks. */
export function hooksOfClient(id: string): ClientHooks | undefined {
  return HOOKS.get(id);
}

/** Puts them in. Throws `WorldError` for a damaged file. */
export function putHooks(
  { of }: ClientHooks,
  file: string,
  launcher: string,
): Promise<ConfigChange> {
  const hooks = of(launcher);
  return typeof hooks === 'string' ? changeFile(file, () => hooks) : putInLists(file, hooks);
}

/** Takes them out. A file that nobody has changed meanwhile is again as it was. */
export function takeHooks(
  { of }: ClientHooks,
  file: string,
  launcher: string,
  change: ConfigChange,
): Promise<void> {
  const hooks = of(launcher);
  return typeof hooks === 'string'
    ? takeBack(file, change, (now) => now)
    : takeFromLists(file, hooks, change);
}

/** True where all of them are there. */
export async function hasHooks(
  { of }: ClientHooks,
  file: string,
  launcher: string,
): Promise<boolean> {
  const hooks = of(launcher);
  if (typeof hooks !== 'string') return areInLists(file, hooks);
  return (await contentOf(file)) === hooks;
}

function claudeHooks(launcher: string): readonly ListEntry[] {
  const hooks = [{ type: 'command', command: commandOf(launcher, 'claude'), timeout: 10 }];
  const writers = CLAUDE_WRITERS.join('|');
  return inLists({
    SessionStart: { hooks },
    UserPromptSubmit: { hooks },
    PreToolUse: { matcher: writers, hooks },
    PostToolUse: { matcher: `${writers}|Read`, hooks },
    Stop: { hooks },
    SessionEnd: { hooks },
  });
}

function codexHooks(launcher: string): readonly ListEntry[] {
  const hooks = [{ type: 'command', command: commandOf(launcher, 'codex'), timeout: 10 }];
  const matcher = CODEX_WRITERS.join('|');
  return inLists({
    SessionStart: { hooks },
    UserPromptSubmit: { hooks },
    PreToolUse: { matcher, hooks },
    PostToolUse: { matcher, hooks },
    Stop: { hooks },
    SessionEnd: { hooks },
  });
}

function geminiHooks(launcher: string): readonly ListEntry[] {
  // In milliseconds.
  const command = commandOf(launcher, 'gemini');
  const hooks = [{ name: 'agent-world', type: 'command', command, timeout: 10_000 }];
  const writers = GEMINI_WRITERS.join('|');
  return inLists({
    SessionStart: { hooks },
    BeforeAgent: { hooks },
    BeforeTool: { matcher: writers, hooks },
    AfterTool: { matcher: `${writers}|${GEMINI_READERS.join('|')}`, hooks },
    AfterAgent: { hooks },
    SessionEnd: { hooks },
  });
}

function qwenHooks(launcher: string): readonly ListEntry[] {
  const command = commandOf(launcher, 'qwen');
  const hooks = [{ name: 'agent-world', type: 'command', command, timeout: 10 }];
  const matcher = [...QWEN_WRITERS, ...QWEN_READERS].join('|');
  return inLists({
    SessionStart: { hooks },
    UserPromptSubmit: { hooks },
    PreToolUse: { matcher, hooks },
    PostToolUse: { matcher, hooks },
    Stop: { hooks },
    SessionEnd: { hooks },
  });
}

function copilotHooks(launcher: string): string {
  const entryOf = (event: string): object => ({
    type: 'command',
    bash: commandOf(launcher, 'copilot', event),
    powershell: `& '${launcher.replaceAll("'", "''")}' hook copilot ${event}`,
    timeoutSec: 10,
  });
  const hooks = Object.fromEntries(COPILOT_EVENTS.map((event) => [event, [entryOf(event)]]));
  return `${JSON.stringify({ version: 1, hooks }, null, 2)}\n`;
}

function inLists(hooks: Readonly<Record<string, object>>): readonly ListEntry[] {
  return Object.entries(hooks).map(([event, value]) => ({ at: ['hooks', event], value }));
}

/** As a client gives it to a shell, on Windows to the one of git; where the command is gone it is silent. */
function commandOf(launcher: string, ...args: readonly string[]): string {
  const file = `'${launcher.replaceAll('\\', '/').replaceAll("'", String.raw`'\''`)}'`;
  return `[ ! -x ${file} ] || ${file} hook ${args.join(' ')}`;
}
