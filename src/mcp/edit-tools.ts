/** Owns: the tools by which a model changes a world's files. What they do is in `agents/tools`. */
import type {
  ChangeRequest,
  LinesRequest,
  PatchRequest,
  QuoteRequest,
  WriteRequest,
} from '../agents/tools/change-request.ts';
import { flag, type JsonSchema, list, object, oneOf, text } from './json-schema.ts';
import { BASE, LINE, PATH } from './shared-arguments.ts';
import type { Tool } from './tool.ts';

const MOST_EDITS = 1_000;
const MOST_CHANGES = 200;

const QUOTES = list(
  object(
    {
      search: text('The text to replace, exactly as it stands in the file.', { minLength: 1 }),
      replacement: text('The text to put there.'),
      occurrence: {
        description: 'Which one, from 1, where it stands in several places; or all.',
        anyOf: [
          { type: 'integer', minimum: 1 },
          { type: 'string', enum: ['all'] },
        ],
      },
    },
    ['search', 'replacement'],
  ),
  'What to replace.',
  MOST_EDITS,
);

const LINES = list(
  object(
    {
      first_line: LINE('The first line to replace.'),
      last_line: LINE('The last line to replace, included.'),
      range_hash: text('The range hash of just these lines, as a read of them told.'),
      old_text: text('In place of range_hash: what these lines say now.'),
      text: text('The new lines. Empty removes the lines.'),
    },
    ['first_line', 'last_line', 'text'],
  ),
  'Which lines to replace. Each says what stands there, by range_hash or old_text.',
  MOST_EDITS,
);

const WHOLE = text('The whole new text.');
const PATCH = text(
  'A unified diff, or a patch between "*** Begin Patch" and "*** End Patch"; of one file or several.',
);
const EXECUTABLE = flag('Whether the file can be run as a program.');

export const EDIT_TOOLS: readonly Tool[] = [
  {
    name: 'edit_file',
    title: 'Edit a file',
    description:
      'Replaces texts in one file. Each search must stand in the file as you read it, in one place only, or say which. All edits are made, or none. What others changed elsewhere in the file stays.',
    input: object({ path: PATH, edits: QUOTES, ...BASE }, ['path', 'edits']),
    effect: 'writes',
    goesToPlace: true,
    run: (tools, args: QuoteRequest, signal) => tools.editFile(args, signal),
  },
  {
    name: 'edit_lines',
    title: 'Edit lines of a file',
    description:
      'Replaces lines of one file by their numbers, which count from 1 in the text that you read. All edits are made, or none.',
    input: object({ path: PATH, edits: LINES, ...BASE }, ['path', 'edits']),
    effect: 'writes',
    goesToPlace: true,
    run: (tools, args: LinesRequest, signal) => tools.editLines(args, signal),
  },
  {
    name: 'write_file',
    title: 'Write a file',
    description:
      'Makes a file, or makes it read so. Of a file that is there only what differs from the text that you read is changed: what others wrote since stays.',
    input: object({ path: PATH, text: WHOLE, ...BASE }, ['path', 'text']),
    effect: 'writes',
    goesToPlace: true,
    run: (tools, args: WriteRequest, signal) => tools.writeFile(args, signal),
  },
  {
    name: 'apply_patch',
    title: 'Apply a patch',
    description:
      'Applies a patch to one file or several: edits, new files, moves, deletions. All of it is applied, or nothing.',
    input: object({ patch: PATCH }, ['patch']),
    effect: 'writes',
    goesToPlace: true,
    run: (tools, args: PatchRequest, signal) => tools.applyPatch(args, signal),
  },
  {
    name: 'change_files',
    title: 'Change several files together',
    description:
      'Makes several changes of any kind together: all are made, or none. Also for a single move, deletion or mode. Each change has a kind: quotes (path, edits as in edit_file), lines (path, edits as in edit_lines), write (path, text), create (path, text, executable), rename (path, to; a folder moves with all its files), delete (path), mode (path, executable), patch (patch).',
    input: object(
      { changes: list(changeSchema(), 'What to change, in this order.', MOST_CHANGES) },
      ['changes'],
    ),
    effect: 'writes',
    goesToPlace: true,
    run: (tools, { changes }: { readonly changes: readonly ChangeRequest[] }, signal) =>
      tools.changeFiles({ changes }, signal),
  },
];

/** Each kind is a form of its own: what belongs to one kind is refused in another. */
function changeSchema(): JsonSchema {
  const form = (
    kind: ChangeRequest['kind'],
    properties: Readonly<Record<string, JsonSchema>>,
    required: readonly string[],
  ): JsonSchema =>
    object({ kind: oneOf([kind], 'What to do.'), ...properties }, ['kind', ...required]);
  return {
    anyOf: [
      form('quotes', { path: PATH, edits: QUOTES, ...BASE }, ['path', 'edits']),
      form('lines', { path: PATH, edits: LINES, ...BASE }, ['path', 'edits']),
      form('write', { path: PATH, text: WHOLE, ...BASE }, ['path', 'text']),
      form('create', { path: PATH, text: WHOLE, executable: EXECUTABLE }, ['path', 'text']),
      form('rename', { path: PATH, to: text('The new path.') }, ['path', 'to']),
      form('delete', { path: PATH, ...BASE }, ['path']),
      form('mode', { path: PATH, executable: EXECUTABLE }, ['path', 'executable']),
      form('patch', { patch: PATCH }, ['patch']),
    ],
  };
}
