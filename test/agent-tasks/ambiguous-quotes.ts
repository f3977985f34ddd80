import type { AgentTask } from './task.ts';

/** Quotes that stand in several places. */
export const AMBIGUOUS_QUOTES: readonly AgentTask[] = [
  {
    name: 'A closing brace with a return before it, in the last of three functions',
    files: {
      'm.js':
        'function a() {\n  return null;\n}\nfunction b() {\n  return null;\n}\nfunction c() {\n  return null;\n}\n',
    },
    others: [],
    first: {
      tool: 'replace',
      path: 'm.js',
      old: '  return null;\n}\n',
      new: '  return undefined;\n}\n',
    },
    place: { line: 8 },
    meant: {
      'm.js':
        'function a() {\n  return null;\n}\nfunction b() {\n  return null;\n}\nfunction c() {\n  return undefined;\n}\n',
    },
  },
  {
    name: 'A word that is part of other words',
    files: {
      'n.css': '.box { color: red; }\n.box-title { color: red; }\n.boxed { color: red; }\n',
    },
    others: [],
    first: { tool: 'replace', path: 'n.css', old: '.box', new: '.panel' },
    place: { line: 1 },
    meant: {
      'n.css': '.panel { color: red; }\n.box-title { color: red; }\n.boxed { color: red; }\n',
    },
  },
  {
    name: 'Ambiguous in the text that was read, and somebody put another one on top since',
    files: { 'o.yml': 'a:\n  on: true\nb:\n  on: true\nc:\n  on: true\n' },
    others: [{ does: 'replace', path: 'o.yml', old: 'a:\n', new: 'z:\n  on: true\na:\n' }],
    first: { tool: 'replace', path: 'o.yml', old: '  on: true\n', new: '  on: false\n' },
    place: { line: 4 },
    meant: { 'o.yml': 'z:\n  on: true\na:\n  on: true\nb:\n  on: false\nc:\n  on: true\n' },
  },
  {
    name: 'Identical blocks of four lines, the first is meant',
    files: {
      'p.sql':
        'INSERT INTO t\n  (a, b)\nVALUES\n  (1, 2);\n\nINSERT INTO t\n  (a, b)\nVALUES\n  (1, 2);\n',
    },
    others: [],
    first: {
      tool: 'replace',
      path: 'p.sql',
      old: 'INSERT INTO t\n  (a, b)\nVALUES\n  (1, 2);\n',
      new: 'INSERT INTO t\n  (a, b)\nVALUES\n  (3, 4);\n',
    },
    place: { line: 1 },
    meant: {
      'p.sql':
        'INSERT INTO t\n  (a, b)\nVALUES\n  (3, 4);\n\nINSERT INTO t\n  (a, b)\nVALUES\n  (1, 2);\n',
    },
  },
  {
    name: 'One of two equal lines was changed by somebody, and the other one is meant',
    files: { 'q.env': 'A=1\nDEBUG=0\nB=2\nDEBUG=0\n' },
    others: [{ does: 'replace', path: 'q.env', old: 'A=1\nDEBUG=0\n', new: 'A=1\nDEBUG=2\n' }],
    first: { tool: 'replace', path: 'q.env', old: 'DEBUG=0\n', new: 'DEBUG=1\n' },
    place: { line: 4 },
    meant: { 'q.env': 'A=1\nDEBUG=2\nB=2\nDEBUG=1\n' },
  },
];
