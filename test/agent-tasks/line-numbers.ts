import type { AgentTask } from './task.ts';

/** Lines named by numbers that are off, or are no longer right. */
export const LINE_NUMBERS: readonly AgentTask[] = [
  {
    name: 'Lines by numbers in a file that nobody else touched',
    files: { 'a.conf': 'one 1\ntwo 2\nthree 3\nfour 4\n' },
    others: [],
    first: { tool: 'lines', path: 'a.conf', from: 2, to: 3, text: 'two 22\nthree 33\n' },
    meant: { 'a.conf': 'one 1\ntwo 22\nthree 33\nfour 4\n' },
  },
  {
    name: 'Somebody removed lines above the ones that are numbered',
    files: { 'b.conf': '# a\n# b\n# c\nhost x\nport 1\nuser y\n' },
    others: [{ does: 'replace', path: 'b.conf', old: '# a\n# b\n# c\n', new: '' }],
    first: { tool: 'lines', path: 'b.conf', from: 5, to: 5, text: 'port 2\n' },
    meant: { 'b.conf': 'host x\nport 2\nuser y\n' },
  },
  {
    name: 'The numbered line was rewritten by somebody',
    files: { 'c.conf': 'host x\nport 1\nuser y\n' },
    others: [{ does: 'replace', path: 'c.conf', old: 'port 1', new: 'port 5 # by ops' }],
    first: { tool: 'lines', path: 'c.conf', from: 2, to: 2, text: 'port 2\n' },
    outcome: 'nothing',
    keeps: { 'c.conf': ['port 5 # by ops\n'] },
  },
  {
    name: 'Numbers beyond the end, since somebody shortened the file',
    files: { 'd.txt': 'a\nb\nc\nd\ne\nf\n' },
    others: [{ does: 'replace', path: 'd.txt', old: 'a\nb\nc\nd\n', new: '' }],
    first: { tool: 'lines', path: 'd.txt', from: 6, to: 6, text: 'F\n' },
    meant: { 'd.txt': 'e\nF\n' },
  },
  {
    name: 'The last line has no line end, and is replaced by a text that has one',
    files: { 'e.txt': 'a\nb\nlast' },
    others: [{ does: 'replace', path: 'e.txt', old: 'a\n', new: 'a\na2\n' }],
    first: { tool: 'lines', path: 'e.txt', from: 3, to: 3, text: 'final\n' },
    meant: { 'e.txt': 'a\na2\nb\nfinal' },
  },
];
