/** Owns: the tools by which a model looks at a world's files. What they do is in `agents/tools`. */
import type { ListRequest } from '../agents/tools/list-files.ts';
import type { ReadRequest } from '../agents/tools/read-text.ts';
import type { SearchRequest } from '../agents/tools/search-files.ts';
import { flag, object, text, whole } from './json-schema.ts';
import { GLOB, LINE, PATH } from './shared-arguments.ts';
import type { Tool } from './tool.ts';

export const LOOK_TOOLS: readonly Tool[] = [
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
        first_line: LINE('The first line to read.'),
        last_line: LINE('The last line to read, included.'),
        max_bytes: whole('At most so many bytes; 60000 without it.', 1_000, 200_000),
      },
      ['path'],
    ),
    effect: 'reads',
    goesToPlace: true,
    run: (tools, args: ReadRequest, signal) => tools.readFile(args, signal),
  },
];
