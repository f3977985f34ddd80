import type { AgentTask } from './task.ts';

/** Edits made on a text that others have changed since. */
export const STALE_READS: readonly AgentTask[] = [
  {
    name: 'Somebody changed the line above the quote',
    files: {
      'src/limits.ts': 'export const MOST = 10;\nexport const LEAST = 1;\nexport const STEP = 1;\n',
    },
    others: [{ does: 'replace', path: 'src/limits.ts', old: 'MOST = 10', new: 'MOST = 20' }],
    first: {
      tool: 'replace',
      path: 'src/limits.ts',
      old: 'export const STEP = 1;\n',
      new: 'export const STEP = 2;\n',
    },
    meant: {
      'src/limits.ts': 'export const MOST = 20;\nexport const LEAST = 1;\nexport const STEP = 2;\n',
    },
  },
  {
    name: 'A long quote holds a line that somebody changed, but the edit leaves that line as it was',
    files: {
      'src/job.ts':
        'export function run(job: Job): void {\n  start(job);\n  work(job);\n  finish(job);\n}\n',
    },
    others: [
      {
        does: 'replace',
        path: 'src/job.ts',
        old: '  start(job);\n',
        new: '  start(job, { retries: 3 });\n',
      },
    ],
    first: {
      tool: 'replace',
      path: 'src/job.ts',
      old: '  start(job);\n  work(job);\n  finish(job);\n',
      new: '  start(job);\n  work(job);\n  report(job);\n  finish(job);\n',
    },
    meant: {
      'src/job.ts':
        'export function run(job: Job): void {\n  start(job, { retries: 3 });\n  work(job);\n  report(job);\n  finish(job);\n}\n',
    },
  },
  {
    name: 'Both changed the same value to different ones',
    files: { 'app.toml': 'name = "shop"\nport = 8080\n' },
    others: [{ does: 'replace', path: 'app.toml', old: 'port = 8080', new: 'port = 9090' }],
    first: { tool: 'replace', path: 'app.toml', old: 'port = 8080', new: 'port = 7070' },
    outcome: 'nothing',
    keeps: { 'app.toml': ['port = 9090\n'] },
  },
  {
    name: 'The function that is edited was moved to the end of the file by somebody',
    files: {
      'lib/text.js':
        'function trim(s) {\n  return s.trim();\n}\n\nfunction lower(s) {\n  return s.toLowerCase();\n}\n\nfunction upper(s) {\n  return s.toUpperCase();\n}\n',
    },
    others: [
      {
        does: 'replace',
        path: 'lib/text.js',
        old: 'function trim(s) {\n  return s.trim();\n}\n\n',
        new: '',
      },
      {
        does: 'replace',
        path: 'lib/text.js',
        old: '  return s.toUpperCase();\n}\n',
        new: '  return s.toUpperCase();\n}\n\nfunction trim(s) {\n  return s.trim();\n}\n',
      },
    ],
    first: {
      tool: 'replace',
      path: 'lib/text.js',
      old: '  return s.toLowerCase();\n',
      new: '  return s.toLocaleLowerCase();\n',
    },
    meant: {
      'lib/text.js':
        'function lower(s) {\n  return s.toLocaleLowerCase();\n}\n\nfunction upper(s) {\n  return s.toUpperCase();\n}\n\nfunction trim(s) {\n  return s.trim();\n}\n',
    },
  },
  {
    name: 'Somebody inserted a line that reads like the quoted one, above it',
    files: { 'menu.txt': 'soup\nbread\n\nfish\nrice\n' },
    others: [{ does: 'replace', path: 'menu.txt', old: 'soup\n', new: 'rice\nsoup\n' }],
    first: { tool: 'replace', path: 'menu.txt', old: 'rice\n', new: 'brown rice\n' },
    meant: { 'menu.txt': 'rice\nsoup\nbread\n\nfish\nbrown rice\n' },
  },
  {
    name: 'Somebody deleted the lines that are quoted',
    files: { 'notes.md': '# Notes\n\nkeep this\n\ndrop this maybe\n' },
    others: [{ does: 'replace', path: 'notes.md', old: '\ndrop this maybe\n', new: '' }],
    first: {
      tool: 'replace',
      path: 'notes.md',
      old: 'drop this maybe\n',
      new: 'this is to stay for sure\n',
    },
    outcome: 'nothing',
    keeps: { 'notes.md': ['# Notes\n\nkeep this\n'] },
  },
];
