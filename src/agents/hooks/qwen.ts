/** Owns: the form in which Qwen Code tells its hooks of an event; seen with 0.24.4. It is answered as Claude Code is. */
import { claudeEvent, claudeOutput } from './claude.ts';
import type { HookEvent, HookForm, NativeWrite, ShownText, WrittenText } from './hook-event.ts';
import { at, textAt } from './input-fields.ts';

/** The tools of its own that write files. */
export const QWEN_WRITERS = ['write_file', 'edit'];
export const QWEN_READERS = ['read_file'];

export const QWEN_FORM: HookForm = {
  client: 'qwen-code',
  tellsReads: true,
  needsStill: true,
  eventOf: qwenEvent,
  output: claudeOutput,
};

function qwenEvent(input: unknown): HookEvent | undefined {
  const name = textAt(input, 'hook_event_name');
  // It also tells of the results of tools in this way, with nothing that is asked for.
  if (name === 'UserPromptSubmit' && textAt(input, 'prompt') === '') return undefined;
  if (name !== 'PreToolUse' && name !== 'PostToolUse') return claudeEvent(input);
  const tool = textAt(input, 'tool_name') ?? '';
  const given = at(input, 'tool_input');
  const file = textAt(given, 'file_path');
  if (file === undefined) return undefined;
  const session = textAt(input, 'session_id') ?? '';
  const response = at(input, 'tool_response');
  if (QWEN_READERS.includes(tool)) {
    if (name === 'PreToolUse') return { kind: 'reading', session, file };
    return { kind: 'read', session, file, shown: shownOf(given, response) };
  }
  if (!QWEN_WRITERS.includes(tool)) return undefined;
  if (name === 'PreToolUse') {
    return { kind: 'writing', session, files: [{ file, write: writeOf(given) }] };
  }
  const written = writtenOf(tool, response);
  return { kind: 'wrote', session, files: [{ file, ...(written && { written }) }] };
}

function writeOf(given: unknown): NativeWrite {
  const text = textAt(given, 'content');
  if (text !== undefined) return { kind: 'whole', text };
  const [quote, replacement] = [textAt(given, 'old_string'), textAt(given, 'new_string') ?? ''];
  // An edit without a quote makes the file.
  if (quote === '') return { kind: 'whole', text: replacement };
  if (quote === undefined) return { kind: 'somewhere' };
  const isEvery = at(given, 'replace_all') === true;
  return { kind: 'quotes', quotes: [quote], edits: [{ quote, replacement, isEvery }] };
}

function writtenOf(tool: string, response: unknown): WrittenText | undefined {
  const shown = at(response, 'returnDisplay');
  const [text, before] = [textAt(shown, 'newContent'), textAt(shown, 'originalContent')];
  if (text === undefined) return undefined;
  return tool === 'edit' && before !== undefined ? { text, before } : { text };
}

/** Before a part of a file a note says which lines it has. */
function shownOf(given: unknown, response: unknown): ShownText {
  const text = textAt(response, 'llmContent');
  const isPart = ['offset', 'limit'].some((key) => at(given, key) !== undefined);
  const isWhole = !isPart && text !== undefined && !/^Showing lines \d+-\d+ of /.test(text);
  return { text: isWhole ? text : '', firstLine: 1, isWhole };
}
