import type { AgentTask } from './task.ts';

/** Files that were moved, deleted or replaced after they were read. */
export const MOVED_FILES: readonly AgentTask[] = [
  {
    name: 'The file got another name and another first line',
    files: { 'mv/a.txt': 'first\nsecond\nthird\n' },
    others: [
      { does: 'rename', path: 'mv/a.txt', to: 'mv/b.txt' },
      { does: 'replace', path: 'mv/b.txt', old: 'first', new: 'FIRST' },
    ],
    first: { tool: 'replace', path: 'mv/a.txt', old: 'third\n', new: 'last\n' },
    meant: { 'mv/a.txt': null, 'mv/b.txt': 'FIRST\nsecond\nlast\n' },
  },
  {
    name: 'A whole write to the old path of a file that was moved',
    files: { 'mv/c.txt': 'x = 1\ny = 2\n' },
    others: [{ does: 'rename', path: 'mv/c.txt', to: 'mv/deep/c.txt' }],
    first: { tool: 'write', path: 'mv/c.txt', text: 'x = 1\ny = 3\n' },
    meant: { 'mv/c.txt': null, 'mv/deep/c.txt': 'x = 1\ny = 3\n' },
  },
  {
    name: 'A patch for the old path of a file that was moved',
    files: { 'mv/d.txt': 'p\nq\nr\n' },
    others: [{ does: 'rename', path: 'mv/d.txt', to: 'mv/e.txt' }],
    first: {
      tool: 'patch',
      text: '--- a/mv/d.txt\n+++ b/mv/d.txt\n@@ -1,3 +1,3 @@\n p\n-q\n+Q\n r\n',
    },
    meant: { 'mv/d.txt': null, 'mv/e.txt': 'p\nQ\nr\n' },
  },
  {
    name: 'A whole write to a file that was deleted',
    files: { 'mv/f.txt': 'old idea\n' },
    others: [{ does: 'delete', path: 'mv/f.txt' }],
    first: { tool: 'write', path: 'mv/f.txt', text: 'old idea, polished\n' },
    outcome: 'nothing',
    gone: ['mv/f.txt'],
  },
  {
    name: 'The file was moved, and another one with a like text was put at its path',
    files: { 'mv/g.txt': 'title: g\nsize: 1\n' },
    others: [
      { does: 'rename', path: 'mv/g.txt', to: 'mv/g-old.txt' },
      { does: 'create', path: 'mv/g.txt', text: 'title: new g\nsize: 1\ncolor: red\n' },
    ],
    first: { tool: 'write', path: 'mv/g.txt', text: 'title: g\nsize: 2\n' },
    outcome: 'nothing',
    keeps: { 'mv/g.txt': ['title: new g\n', 'color: red\n'], 'mv/g-old.txt': ['size: 1\n'] },
  },
  {
    name: 'Lines by numbers in a file that was moved and got lines on top',
    files: { 'mv/h.txt': 'a 1\nb 2\nc 3\n' },
    others: [
      { does: 'rename', path: 'mv/h.txt', to: 'mv/i.txt' },
      { does: 'replace', path: 'mv/i.txt', old: 'a 1\n', new: '# top\na 1\n' },
    ],
    first: { tool: 'lines', path: 'mv/h.txt', from: 3, to: 3, text: 'c 33\n' },
    meant: { 'mv/h.txt': null, 'mv/i.txt': '# top\na 1\nb 2\nc 33\n' },
  },
];
