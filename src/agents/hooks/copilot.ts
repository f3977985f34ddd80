/**
 * Owns: the form in which Copilot CLI tells its hooks of an event and is answered; seen with 1.0.102. It does not
 * say which event it is: the command that it runs does.
 */
import path from 'node:path';
import type { HookAnswer, HookEvent, HookForm, NativeWrite } from './hook-event.ts';
import { at, textAt } from './input-fields.ts';

export const COPILOT_EVENTS = [
  'sessionStart',
  'userPromptSubmitted',
  'preToolUse',
  'postToolUse',
  'agentStop',
  'sessionEnd',
] as const;

const WRITERS = ['edit', 'create', 'str_replace_editor'];

export const COPILOT_FORM: HookForm = {
  client: 'copilot-cli',
  tellsReads: true,
  eventOf: copilotEvent,
  output: copilotOutput,
};

function copilotEvent(input: unknown, name: string): HookEvent | undefined {
  const session = textAt(input, 'sessionId') ?? '';
  switch (name) {
    case 'sessionStart':
      return { kind: 'session-began', session };
    case 'sessionEnd':
      return { kind: 'session-ended', session };
    case 'userPromptSubmitted':
      return { kind: 'prompted', session, prompt: textAt(input, 'prompt') ?? '' };
    case 'agentStop':
      return { kind: 'stopping', session, isAgain: at(input, 'stop_hook_active') === true };
    default:
  }
  const tool = textAt(input, 'toolName') ?? '';
  const given = argumentsOf(at(input, 'toolArgs'));
  const named = textAt(given, 'path');
  if (named === undefined) return undefined;
  const file = path.resolve(textAt(input, 'cwd') ?? '/', named);
  const result = at(input, 'toolResult');
  const failed = result !== undefined && at(result, 'resultType') !== 'success';
  if (name === 'postToolUse' && tool === 'view') {
    if (failed) return undefined;
    const text = textAt(result, 'textResultForLlm');
    const isPart = at(given, 'view_range') !== undefined || text === undefined;
    return { kind: 'read', session, file, shown: isPart ? PART : { ...WHOLE, text } };
  }
  if (!WRITERS.includes(tool)) return undefined;
  const write = writeOf(given);
  if (name === 'preToolUse') return { kind: 'writing', session, files: [{ file, write }] };
  if (name !== 'postToolUse') return undefined;
  const isWhole = write.kind === 'whole' && !failed;
  return {
    kind: 'wrote',
    session,
    files: [{ file, ...(isWhole && { written: { text: write.text } }) }],
  };
}

function copilotOutput(_input: unknown, answer: HookAnswer): unknown {
  switch (answer.kind) {
    case 'nothing':
      return undefined;
    case 'told':
      return { additionalContext: answer.text };
    case 'denied':
      return { permissionDecision: 'deny', permissionDecisionReason: answer.reason };
    case 'goes-on':
      return { decision: 'block', reason: answer.reason };
  }
}

/** They come as JSON in a text, too. */
function argumentsOf(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return undefined;
  }
}

function writeOf(given: unknown): NativeWrite {
  const text = textAt(given, 'file_text');
  if (text !== undefined) return { kind: 'whole', text };
  const quote = textAt(given, 'old_str');
  return quote === undefined ? { kind: 'somewhere' } : { kind: 'quotes', quotes: [quote] };
}

/** Which lines it was is not looked up. */
const PART = { text: '', firstLine: 1, isWhole: false } as const;
const WHOLE = { firstLine: 1, isWhole: true } as const;
