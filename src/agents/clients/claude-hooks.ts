/** Owns: what Claude Code's settings say of our hooks. They know no world: one set serves all agents. */
import path from 'node:path';
import { CLAUDE_WRITERS } from '../hooks/claude.ts';
import type { ListEntry } from './config-list.ts';

/** Absolute; as Claude Code itself looks for it. */
export function claudeSettings(home: string, environment: NodeJS.ProcessEnv): string {
  const chosen = environment['CLAUDE_CONFIG_DIR'];
  return path.join(chosen ? path.resolve(chosen) : path.join(home, '.claude'), 'settings.json');
}

/** `launcher` is the command of this home, absolute. */
export function claudeHooks(launcher: string): readonly ListEntry[] {
  // Claude Code gives it to a shell, on Windows to the one of git.
  const command = `'${launcher.replaceAll('\\', '/').replaceAll("'", String.raw`'\''`)}' hook claude`;
  const hooks = [{ type: 'command', command, timeout: 10 }];
  const writers = CLAUDE_WRITERS.join('|');
  return [
    { at: ['hooks', 'SessionStart'], value: { hooks } },
    { at: ['hooks', 'UserPromptSubmit'], value: { hooks } },
    { at: ['hooks', 'PreToolUse'], value: { matcher: writers, hooks } },
    { at: ['hooks', 'PostToolUse'], value: { matcher: `${writers}|Read`, hooks } },
    { at: ['hooks', 'Stop'], value: { hooks } },
    { at: ['hooks', 'SessionEnd'], value: { hooks } },
  ];
}
