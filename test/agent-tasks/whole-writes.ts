import type { AgentTask } from './task.ts';

/** Whole files written from old copies. */
export const WHOLE_WRITES: readonly AgentTask[] = [
  {
    name: 'A whole write from an old copy, where somebody added a function at the end',
    files: { 'w1.ts': 'export const a = 1;\n\nexport const b = 2;\n\nexport const c = 3;\n' },
    others: [
      {
        does: 'replace',
        path: 'w1.ts',
        old: 'export const c = 3;\n',
        new: 'export const c = 3;\n\nexport const d = 4;\n',
      },
    ],
    first: {
      tool: 'write',
      path: 'w1.ts',
      text: 'export const a = 10;\n\nexport const b = 2;\n\nexport const c = 3;\n',
    },
    meant: {
      'w1.ts':
        'export const a = 10;\n\nexport const b = 2;\n\nexport const c = 3;\n\nexport const d = 4;\n',
    },
  },
  {
    name: 'A whole write of a file that the agent never read',
    files: { 'w2.md': '# Title\n\nWritten by a person.\n', 'other.md': 'read\n' },
    reads: ['other.md'],
    others: [],
    first: { tool: 'write', path: 'w2.md', text: '# Title\n\nWritten by a machine.\n' },
    // It reads the file as it is told, and then knows what it replaces.
    meant: { 'w2.md': '# Title\n\nWritten by a machine.\n' },
  },
  {
    name: 'A whole write that changes nothing, after somebody changed the file',
    files: { 'w3.txt': 'a\nb\n' },
    others: [{ does: 'replace', path: 'w3.txt', old: 'b\n', new: 'b\nc\n' }],
    first: { tool: 'write', path: 'w3.txt', text: 'a\nb\n' },
    meant: { 'w3.txt': 'a\nb\nc\n' },
  },
  {
    name: 'The agent edits, somebody edits, and the agent writes the file whole as it has it in mind',
    files: { 'w4.txt': 'one\n\ntwo\n\nthree\n\nfour\n' },
    earlier: [{ tool: 'replace', path: 'w4.txt', old: 'one\n', new: 'ONE\n' }],
    others: [{ does: 'replace', path: 'w4.txt', old: 'four\n', new: 'FOUR by a person\n' }],
    first: { tool: 'write', path: 'w4.txt', text: 'ONE\n\nTWO\n\nthree\n\nfour\n' },
    meant: { 'w4.txt': 'ONE\n\nTWO\n\nthree\n\nFOUR by a person\n' },
  },
  {
    name: 'A whole write from an old copy, of lines that a person rewrote',
    files: { 'w5.txt': 'greeting = hi\nlanguage = en\n' },
    others: [{ does: 'replace', path: 'w5.txt', old: 'greeting = hi', new: 'greeting = good day' }],
    first: { tool: 'write', path: 'w5.txt', text: 'greeting = hey\nlanguage = en\n' },
    outcome: 'nothing',
    keeps: { 'w5.txt': ['greeting = good day\n'] },
  },
  {
    name: 'A whole write to a path where somebody made a file meanwhile',
    files: { 'read.md': 'nothing\n' },
    others: [{ does: 'create', path: 'docs/plan.md', text: '# Plan of a person\n' }],
    first: { tool: 'write', path: 'docs/plan.md', text: '# Plan of an agent\n' },
    outcome: 'nothing',
    keeps: { 'docs/plan.md': ['# Plan of a person\n'] },
  },
];
