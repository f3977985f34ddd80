/**
 * Owns: the form in which Codex tells its hooks of an event, seen with 0.171.0. It answers as Claude Code does; its
 * files are read by shell commands, so nobody knows what it has read.
 */
import { claudeEvent, claudeOutput } from './claude.ts';
import type { HookEvent, HookForm } from './hook-event.ts';
import { at, textAt } from './input-fields.ts';
import { patchWrites } from './patch-writes.ts';

/** The tool of its own that writes files. */
export const CODEX_WRITERS = ['apply_patch'];

export const CODEX_FORM: HookForm = {
  client: 'codex',
  tellsReads: false,
  eventOf: codexEvent,
  output: claudeOutput,
};

function codexEvent(input: unknown): HookEvent | undefined {
  const name = textAt(input, 'hook_event_name');
  if (name !== 'PreToolUse' && name !== 'PostToolUse') return claudeEvent(input);
  if (!CODEX_WRITERS.includes(textAt(input, 'tool_name') ?? '')) return undefined;
  const given = at(input, 'tool_input');
  const patch = textAt(given, 'command') ?? textAt(given, 'input') ?? '';
  const files = patchWrites(patch, textAt(input, 'cwd') ?? '/');
  if (files.length === 0) return undefined;
  const session = textAt(input, 'session_id') ?? '';
  if (name === 'PreToolUse') return { kind: 'writing', session, files };
  return {
    kind: 'wrote',
    session,
    files: files.map(({ file, write }) => ({
      file,
      ...(write.kind === 'whole' && { written: { text: write.text } }),
    })),
  };
}
