import type { AgentTask } from './task.ts';

/** One call twice, and two who do one thing. */
export const SENT_TWICE: readonly AgentTask[] = [
  {
    name: 'A replacement of a value, sent twice',
    files: { 'tw/a.txt': 'level = low\nmode = x\n' },
    others: [],
    first: { tool: 'replace', path: 'tw/a.txt', old: 'level = low', new: 'level = high' },
    again: true,
    meant: { 'tw/a.txt': 'level = high\nmode = x\n' },
  },
  {
    name: 'A new file, written twice',
    files: { 'tw/read.txt': 'read\n' },
    others: [],
    first: { tool: 'write', path: 'tw/new.txt', text: 'fresh\n' },
    again: true,
    meant: { 'tw/new.txt': 'fresh\n' },
  },
  {
    name: 'A patch that inserts a line, sent twice',
    files: { 'tw/b.txt': 'one\nthree\n' },
    others: [],
    first: {
      tool: 'patch',
      text: '--- a/tw/b.txt\n+++ b/tw/b.txt\n@@ -1,2 +1,3 @@\n one\n+two\n three\n',
    },
    again: true,
    meant: { 'tw/b.txt': 'one\ntwo\nthree\n' },
  },
  {
    name: 'Another agent has made just this edit already',
    files: { 'tw/c.ts': "import { a } from './a.ts';\n\nuse(a);\n" },
    others: [{ does: 'replace', path: 'tw/c.ts', old: 'use(a);\n', new: 'use(a, true);\n' }],
    first: { tool: 'replace', path: 'tw/c.ts', old: 'use(a);\n', new: 'use(a, true);\n' },
    meant: { 'tw/c.ts': "import { a } from './a.ts';\n\nuse(a, true);\n" },
  },
  {
    name: 'Another agent does the same task with other words',
    files: { 'tw/d.md': '# Setup\n\nTODO: describe\n\n# Use\n' },
    others: [
      { does: 'replace', path: 'tw/d.md', old: 'TODO: describe\n', new: 'Run the installer.\n' },
    ],
    first: {
      tool: 'replace',
      path: 'tw/d.md',
      old: 'TODO: describe\n',
      new: 'Start the installer and wait.\n',
    },
    outcome: 'nothing',
    keeps: { 'tw/d.md': ['Run the installer.\n'] },
  },
];
