/** Owns: the form in which Claude Code tells its hooks of an event and is answered; seen with 2.1.332. */
import type {
  HookAnswer,
  HookEvent,
  HookForm,
  NativeWrite,
  ShownText,
  WrittenText,
} from './hook-event.ts';
import { at, listAt, textAt } from './input-fields.ts';

/** The tools of its own that write files. */
export const CLAUDE_WRITERS = ['Edit', 'Write', 'MultiEdit', 'NotebookEdit'];

export const CLAUDE_FORM: HookForm = {
  client: 'claude-code',
  tellsReads: true,
  eventOf: claudeEvent,
  output: claudeOutput,
};

/** Undefined for an event that says nothing to us, and for what is no event. */
export function claudeEvent(input: unknown): HookEvent | undefined {
  const name = textAt(input, 'hook_event_name');
  const session = textAt(input, 'session_id') ?? '';
  switch (name) {
    case 'SessionStart':
      return { kind: 'session-began', session };
    case 'SessionEnd':
      return { kind: 'session-ended', session };
    case 'UserPromptSubmit': {
      const turn = textAt(input, 'prompt_id') ?? textAt(input, 'turn_id');
      const prompt = textAt(input, 'prompt') ?? '';
      return { kind: 'prompted', session, prompt, ...(turn !== undefined && { turn }) };
    }
    case 'Stop':
      return { kind: 'stopping', session, isAgain: at(input, 'stop_hook_active') === true };
    default:
  }
  const tool = textAt(input, 'tool_name') ?? '';
  const given = at(input, 'tool_input');
  const file = textAt(given, 'file_path') ?? textAt(given, 'notebook_path');
  if (file === undefined) return undefined;
  const response = at(input, 'tool_response');
  if (name === 'PostToolUse' && tool === 'Read') {
    const shown = shownOf(at(response, 'file'));
    return { kind: 'read', session, file, ...(shown && { shown }) };
  }
  if (!CLAUDE_WRITERS.includes(tool)) return undefined;
  if (name === 'PreToolUse') {
    return { kind: 'writing', session, files: [{ file, write: writeOf(tool, given) }] };
  }
  if (name !== 'PostToolUse') return undefined;
  const written = writtenOf(tool, given, response);
  return { kind: 'wrote', session, files: [{ file, ...(written && { written }) }] };
}

/** What the hook prints; undefined for nothing. */
export function claudeOutput(input: unknown, answer: HookAnswer): unknown {
  const hookEventName = textAt(input, 'hook_event_name');
  switch (answer.kind) {
    case 'nothing':
      return undefined;
    case 'told':
      return { hookSpecificOutput: { hookEventName, additionalContext: answer.text } };
    case 'denied':
      return {
        hookSpecificOutput: {
          hookEventName,
          permissionDecision: 'deny',
          permissionDecisionReason: answer.reason,
        },
      };
    case 'goes-on':
      return { decision: 'block', reason: answer.reason };
  }
}

function writeOf(tool: string, given: unknown): NativeWrite {
  const text = textAt(given, 'content');
  if (tool === 'Write' && text !== undefined) return { kind: 'whole', text };
  const all = Array.isArray(at(given, 'edits')) ? listAt(given, 'edits') : [given];
  const edits = all.flatMap((edit) => {
    const quote = textAt(edit, 'old_string');
    const replacement = textAt(edit, 'new_string') ?? '';
    return quote === undefined
      ? []
      : [{ quote, replacement, isEvery: at(edit, 'replace_all') === true }];
  });
  if (tool === 'NotebookEdit' || edits.length === 0) return { kind: 'somewhere' };
  return { kind: 'quotes', quotes: edits.map(({ quote }) => quote), edits };
}

/** What the model saw of a file. */
function shownOf(file: unknown): ShownText | undefined {
  const [text, firstLine] = [textAt(file, 'content'), at(file, 'startLine')];
  if (text === undefined || typeof firstLine !== 'number') return undefined;
  const isWhole = firstLine <= 1 && at(file, 'numLines') === at(file, 'totalLines');
  return { text, firstLine, isWhole };
}

function writtenOf(tool: string, given: unknown, response: unknown): WrittenText | undefined {
  if (tool === 'Write') {
    const text = textAt(given, 'content');
    return text === undefined ? undefined : { text };
  }
  const before = textAt(response, 'originalFile');
  const [quote, text] = [textAt(given, 'old_string'), textAt(given, 'new_string')];
  if (tool !== 'Edit' || before === undefined || !quote || text === undefined) return undefined;
  const isEvery = at(given, 'replace_all') === true;
  // As a function: `$` in a text has no meaning of its own.
  const after = isEvery ? before.replaceAll(quote, () => text) : before.replace(quote, () => text);
  return { text: after, before };
}
