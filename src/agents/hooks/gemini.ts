/** Owns: the form in which Gemini CLI tells its hooks of an event and is answered; seen with 0.61.0. */
import path from 'node:path';
import type {
  HookAnswer,
  HookEvent,
  HookForm,
  NativeWrite,
  ShownText,
  WrittenText,
} from './hook-event.ts';
import { at, textAt } from './input-fields.ts';

/** The tools of its own that write files. */
export const GEMINI_WRITERS = ['write_file', 'replace'];
export const GEMINI_READERS = ['read_file'];

export const GEMINI_FORM: HookForm = {
  client: 'gemini-cli',
  tellsReads: true,
  eventOf: geminiEvent,
  output: geminiOutput,
};

function geminiEvent(input: unknown): HookEvent | undefined {
  const name = textAt(input, 'hook_event_name');
  const session = textAt(input, 'session_id') ?? '';
  switch (name) {
    case 'SessionStart':
      return { kind: 'session-began', session };
    case 'SessionEnd':
      return { kind: 'session-ended', session };
    case 'BeforeAgent':
      return { kind: 'prompted', session, prompt: textAt(input, 'prompt') ?? '' };
    case 'AfterAgent':
      return { kind: 'stopping', session, isAgain: at(input, 'stop_hook_active') === true };
    default:
  }
  const tool = textAt(input, 'tool_name') ?? '';
  const given = at(input, 'tool_input');
  const named = textAt(given, 'file_path') ?? textAt(given, 'absolute_path');
  if (named === undefined) return undefined;
  const file = path.resolve(textAt(input, 'cwd') ?? '/', named);
  const failed = at(at(input, 'tool_response'), 'error') !== undefined;
  if (name === 'AfterTool' && GEMINI_READERS.includes(tool)) {
    return failed ? undefined : { kind: 'read', session, file, ...shownOf(given, input) };
  }
  if (!GEMINI_WRITERS.includes(tool)) return undefined;
  if (name === 'BeforeTool') {
    return { kind: 'writing', session, files: [{ file, write: writeOf(given) }] };
  }
  if (name !== 'AfterTool') return undefined;
  const written = failed ? undefined : writtenOf(tool, at(input, 'tool_response'));
  return { kind: 'wrote', session, files: [{ file, ...(written && { written }) }] };
}

function geminiOutput(input: unknown, answer: HookAnswer): unknown {
  switch (answer.kind) {
    case 'nothing':
      return undefined;
    case 'told': {
      const hookEventName = textAt(input, 'hook_event_name');
      return { hookSpecificOutput: { hookEventName, additionalContext: answer.text } };
    }
    case 'denied':
    case 'goes-on':
      return { decision: 'deny', reason: answer.reason };
  }
}

function writeOf(given: unknown): NativeWrite {
  const text = textAt(given, 'content');
  if (text !== undefined) return { kind: 'whole', text };
  const quote = textAt(given, 'old_string');
  if (quote === '') return { kind: 'whole', text: textAt(given, 'new_string') ?? '' };
  return quote === undefined ? { kind: 'somewhere' } : { kind: 'quotes', quotes: [quote] };
}

function writtenOf(tool: string, response: unknown): WrittenText | undefined {
  const shown = at(response, 'returnDisplay');
  const [text, before] = [textAt(shown, 'newContent'), textAt(shown, 'originalContent')];
  if (text === undefined) return undefined;
  return tool === 'replace' && before !== undefined ? { text, before } : { text };
}

/** Of a part it is not looked up which; a long file is given in parts, with a note before it. */
function shownOf(given: unknown, input: unknown): { readonly shown: ShownText } {
  const parts = ['offset', 'limit', 'start_line', 'end_line'];
  const text = textAt(at(input, 'tool_response'), 'llmContent');
  const isPart = parts.some((key) => at(given, key) !== undefined) || text === undefined;
  const isWhole = !isPart && !text.trimStart().startsWith('IMPORTANT: The file content has been');
  return { shown: { text: isWhole ? text : '', firstLine: 1, isWhole } };
}
