/**
 * Owns: the form in which our plug-in for opencode tells of an event and is answered; seen with 1.18.33. The
 * plug-in only passes on what opencode gives it.
 */
import path from 'node:path';
import type { HookAnswer, HookEvent, HookForm, NativeWrite } from './hook-event.ts';
import { at, listAt, textAt } from './input-fields.ts';
import { patchWrites } from './patch-writes.ts';

const WRITERS = ['edit', 'write', 'multiedit'];
/** Arguments by which it reads a part of a file. */
const PARTS = ['offset', 'limit'];

export const OPENCODE_FORM: HookForm = {
  client: 'opencode',
  tellsReads: true,
  eventOf: opencodeEvent,
  output: (_input, answer) => (answer.kind === 'nothing' ? undefined : opencodeOutput(answer)),
};

function opencodeEvent(input: unknown, name: string): HookEvent | undefined {
  const session = textAt(input, 'session') ?? '';
  switch (name) {
    case 'session':
      return { kind: 'session-began', session };
    case 'ended':
      return { kind: 'session-ended', session };
    case 'prompt':
      return { kind: 'prompted', session, prompt: textAt(input, 'prompt') ?? '' };
    case 'idle':
      return { kind: 'stopping', session, isAgain: true };
    default:
  }
  if (name !== 'before' && name !== 'after') return undefined;
  const tool = textAt(input, 'tool') ?? '';
  const given = at(input, 'args');
  const cwd = textAt(input, 'cwd') ?? '/';
  const patch = textAt(given, 'patchText');
  const named = textAt(given, 'filePath');
  if (named === undefined && patch === undefined) return undefined;
  const file = path.resolve(cwd, named ?? '.');
  if (tool === 'read' && name === 'before') return { kind: 'reading', session, file };
  if (tool === 'read') {
    const isPart =
      at(input, 'isPart') === true || PARTS.some((key) => at(given, key) !== undefined);
    return { kind: 'read', session, file, ...(isPart && { shown: PART }) };
  }
  const files = patch === undefined ? [{ file, write: writeOf(given) }] : patchWrites(patch, cwd);
  if (patch === undefined && !WRITERS.includes(tool)) return undefined;
  if (files.length === 0) return undefined;
  if (name === 'before') return { kind: 'writing', session, files };
  const written = files.map((each) => ({
    file: each.file,
    ...(each.write.kind === 'whole' && { written: { text: each.write.text } }),
  }));
  return { kind: 'wrote', session, files: written };
}

function opencodeOutput(answer: Exclude<HookAnswer, { readonly kind: 'nothing' }>): unknown {
  return answer.kind === 'denied' ? { deny: answer.reason } : { say: textOf(answer) };
}

function textOf(answer: Extract<HookAnswer, { readonly kind: 'told' | 'goes-on' }>): string {
  return answer.kind === 'told' ? answer.text : answer.reason;
}

function writeOf(given: unknown): NativeWrite {
  const text = textAt(given, 'content');
  if (text !== undefined) return { kind: 'whole', text };
  const edits = listAt(given, 'edits');
  const quotes = (edits.length > 0 ? edits : [given])
    .map((edit) => textAt(edit, 'oldString'))
    .filter((quote) => quote !== undefined)
    .filter((quote) => quote !== '');
  return quotes.length === 0 ? { kind: 'somewhere' } : { kind: 'quotes', quotes };
}

/** Which lines it was is not looked up. */
const PART = { text: '', firstLine: 1, isWhole: false } as const;
