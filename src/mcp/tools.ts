/** Owns: the tools that clients see: names, words and arguments. What they do is in `agents/tools`. */
import type { ListRequest } from '../agents/tools/list-files.ts';
import type { QuoteRequest } from '../agents/tools/edit-file.ts';
import type { ReadRequest } from '../agents/tools/read-text.ts';
import type { SearchRequest } from '../agents/tools/search-files.ts';
import { flag, type JsonSchema, list, object, text, whole } from './json-schema.ts';
import type { Tool } from './tool.ts';

const PATH = text('The file’s path in the world, such as src/app.ts.');
const GLOB = text('Only files that fit, such as src/**/*.ts or {a,b}/*.md.');

/** On which text a call was made; without either the last text that this agent was given counts. */
const BASE: Readonly<Record<string, JsonSchema>> = {
  base_version: whole(
    'The version that the call was made on, as an answer named it. Leave it out to use the text that you were given last.',
    1,
    4_294_967_295,
  ),
  content_hash: text('In place of base_version: the content hash that an answer named.'),
};

export const TOOLS: readonly Tool[] = [
  {
    name: 'list_files',
    title: 'List files',
    description: 'Lists the files of the shared world, by path or glob.',
    input: object({
      glob: GLOB,
      limit: whole('At most so many files; 200 without it.', 1, 1_000),
      after: text('Go on behind this path, as the answer before said.'),
    }),
    effect: 'reads',
    run: (tools, args: ListRequest, signal) => tools.listFiles(args, signal),
  },
  {
    name: 'search',
    title: 'Search in files',
    description:
      'Finds lines in the world’s files by a text or a regular expression. Give either text or regex.',
    input: object({
      text: text('The text to find, as it stands in a line.'),
      regex: text(
        'A regular expression of JavaScript without slashes; tried on each line by itself.',
      ),
      ignore_case: flag('Take capitals and small letters for the same.'),
      glob: GLOB,
      context: whole('Lines to show before and behind each match.', 0, 10),
      limit: whole('At most so many matches; 100 without it.', 1, 500),
      after: text('Go on where the answer before ended: its after.'),
    }),
    effect: 'reads',
    run: (tools, args: SearchRequest, signal) => tools.search(args, signal),
  },
  {
    name: 'read_file',
    title: 'Read a file',
    description:
      'Reads a file, or lines of it. Lines are numbered from 1. The answer names the version and a hash of the lines, which edits may name.',
    input: object(
      {
        path: PATH,
        first_line: whole('The first line to read.', 1, 4_294_967_295),
        last_line: whole('The last line to read, included.', 1, 4_294_967_295),
        max_bytes: whole('At most so many bytes; 60000 without it.', 1_000, 200_000),
      },
      ['path'],
    ),
    effect: 'reads',
    run: (tools, args: ReadRequest, signal) => tools.readFile(args, signal),
  },
  {
    name: 'edit_file',
    title: 'Edit a file',
    description:
      'Replaces texts in one file. Each search must stand in the file as you read it, in one place only, or say which. All edits are made, or none. What others changed elsewhere in the file stays.',
    input: object(
      {
        path: PATH,
        edits: list(
          object(
            {
              search: text('The text to replace, exactly as it stands in the file.', {
                minLength: 1,
              }),
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
          1_000,
        ),
        ...BASE,
      },
      ['path', 'edits'],
    ),
    effect: 'writes',
    run: (tools, args: QuoteRequest, signal) => tools.editFile(args, signal),
  },
];
