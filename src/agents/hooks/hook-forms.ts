import { CLAUDE_FORM } from './claude.ts';
import { CODEX_FORM } from './codex.ts';
import { COPILOT_FORM } from './copilot.ts';
import { GEMINI_FORM } from './gemini.ts';
import type { HookForm } from './hook-event.ts';
import { OPENCODE_FORM } from './opencode.ts';
import { QWEN_FORM } from './qwen.ts';

const FORMS: ReadonlyMap<string, HookForm> = new Map([
  ['claude', CLAUDE_FORM],
  ['codex', CODEX_FORM],
  ['copilot', COPILOT_FORM],
  ['gemini', GEMINI_FORM],
  ['opencode', OPENCODE_FORM],
  ['qwen', QWEN_FORM],
]);

/** The form of a client that has hooks, as a command line names it. */
export function hookForm(client: string): HookForm | undefined {
  return FORMS.get(client);
}
