import type { AgentTask } from './task.ts';

/** Quotes whose white space, or spelling, is not quite that of the file. */
export const WHITE_SPACE: readonly AgentTask[] = [
  {
    name: 'White space at the end of a line that the quote lacks',
    files: { 'r.md': 'First line.  \nSecond line.\nThird line.\n' },
    others: [],
    first: {
      tool: 'replace',
      path: 'r.md',
      old: 'First line.\nSecond line.\n',
      new: 'First line.\nSecond line, longer.\n',
    },
    meant: { 'r.md': 'First line.  \nSecond line, longer.\nThird line.\n' },
  },
  {
    name: 'The quote is indented by four where the file has two',
    files: { 's.yaml': 'root:\n  list:\n    - a\n    - b\n' },
    others: [],
    first: {
      tool: 'replace',
      path: 's.yaml',
      old: '    list:\n      - a\n      - b\n',
      new: '    list:\n      - a\n      - b\n      - c\n',
    },
    meant: { 's.yaml': 'root:\n  list:\n    - a\n    - b\n    - c\n' },
  },
  {
    name: 'Four spaces in the quote where the file has tabs',
    files: { Makefile: 'all: build\n\nbuild:\n\tcc -o app main.c\n\tstrip app\n' },
    others: [],
    first: {
      tool: 'replace',
      path: 'Makefile',
      old: '    cc -o app main.c\n    strip app\n',
      new: '    cc -O2 -o app main.c\n    strip app\n',
    },
    meant: { Makefile: 'all: build\n\nbuild:\n\tcc -O2 -o app main.c\n\tstrip app\n' },
  },
  {
    name: 'A block without any indentation, from the depth of a class',
    files: { 't.py': 'class A:\n    def f(self):\n        x = 1\n        return x\n' },
    others: [{ does: 'replace', path: 't.py', old: 'class A:\n', new: '# about A\nclass A:\n' }],
    first: {
      tool: 'replace',
      path: 't.py',
      old: 'def f(self):\n    x = 1\n    return x\n',
      new: 'def f(self):\n    x = 2\n    return x\n',
    },
    meant: { 't.py': '# about A\nclass A:\n    def f(self):\n        x = 2\n        return x\n' },
  },
  {
    name: 'A letter is missing in the quoted name',
    files: {
      'u.ts':
        'const receivedMessages = new Map<string, Message>();\nconst sent = new Set<string>();\n',
    },
    others: [],
    first: {
      tool: 'replace',
      path: 'u.ts',
      old: 'const recievedMessages = new Map<string, Message>();\n',
      new: 'const receivedMessages = new Map<number, Message>();\n',
    },
    meant: {
      'u.ts':
        'const receivedMessages = new Map<number, Message>();\nconst sent = new Set<string>();\n',
    },
  },
  {
    name: 'Straight quotation marks in the quote, typographic ones in the file',
    files: { 'v.txt': 'Say “hello” to all.\nSay goodbye.\n' },
    others: [],
    first: {
      tool: 'replace',
      path: 'v.txt',
      old: 'Say "hello" to all.\n',
      new: 'Say “good morning” to all.\n',
    },
    meant: { 'v.txt': 'Say “good morning” to all.\nSay goodbye.\n' },
  },
];
