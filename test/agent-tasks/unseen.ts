import type { AgentTask } from './task.ts';

/**
 * Ten tasks by a writer who knew neither the tools nor their answers. `files` is what the agent read,
 * `others` is what somebody else did after that, `first` is the agent's call with the mistake that models
 * make, `meant` is every file as it must be in the end (null: gone). Texts of others must survive.
 */
export const UNSEEN_TASKS: readonly AgentTask[] = [
  {
    name: 'A rename of a variable meets a new use of it that a person added below',
    files: {
      'src/cart.ts':
        'export function total(items: Item[]): number {\n  let sum = 0;\n  for (const item of items) {\n    sum += item.price * item.count;\n  }\n  return sum;\n}\n',
    },
    others: [
      {
        does: 'replace',
        path: 'src/cart.ts',
        old: '  return sum;\n',
        new: "  if (sum > LIMIT) throw new RangeError('too much');\n  return sum;\n",
      },
    ],
    first: {
      tool: 'write',
      path: 'src/cart.ts',
      text: 'export function total(items: Item[]): number {\n  let result = 0;\n  for (const item of items) {\n    result += item.price * item.count;\n  }\n  return result;\n}\n',
    },
    // The person's line and the changed return meet: a ticket is right, a lost check is not.
    outcome: 'ticket',
    keeps: { 'src/cart.ts': ["  if (sum > LIMIT) throw new RangeError('too much');\n"] },
  },
  {
    name: 'The quote has tabs where the file has four spaces',
    files: {
      'app/models.py':
        'class User:\n    def __init__(self, name):\n        self.name = name\n\n    def greet(self):\n        return "Hello " + self.name\n',
    },
    others: [],
    first: {
      tool: 'replace',
      path: 'app/models.py',
      old: '\tdef greet(self):\n\t\treturn "Hello " + self.name\n',
      new: '\tdef greet(self):\n\t\treturn f"Hello {self.name}"\n',
    },
    meant: {
      'app/models.py':
        'class User:\n    def __init__(self, name):\n        self.name = name\n\n    def greet(self):\n        return f"Hello {self.name}"\n',
    },
  },
  {
    name: 'The same statement stands in three handlers, the second is meant',
    files: {
      'server/routes.js':
        "app.get('/a', (req, res) => {\n  log(req);\n  res.send('a');\n});\n\napp.get('/b', (req, res) => {\n  log(req);\n  res.send('b');\n});\n\napp.get('/c', (req, res) => {\n  log(req);\n  res.send('c');\n});\n",
    },
    others: [],
    first: {
      tool: 'replace',
      path: 'server/routes.js',
      old: '  log(req);\n',
      new: '  audit(req);\n',
    },
    place: { line: 7 },
    meant: {
      'server/routes.js':
        "app.get('/a', (req, res) => {\n  log(req);\n  res.send('a');\n});\n\napp.get('/b', (req, res) => {\n  audit(req);\n  res.send('b');\n});\n\napp.get('/c', (req, res) => {\n  log(req);\n  res.send('c');\n});\n",
    },
  },
  {
    name: 'Line numbers counted before somebody put four lines on top',
    files: {
      'config.yaml': 'name: shop\nport: 8080\nworkers: 2\ntimeout: 30\n',
    },
    others: [
      {
        does: 'replace',
        path: 'config.yaml',
        old: 'name: shop\n',
        new: '# Owned by the platform group.\n# Ask before changing ports.\n---\n\nname: shop\n',
      },
    ],
    first: { tool: 'lines', path: 'config.yaml', from: 3, to: 3, text: 'workers: 8\n' },
    meant: {
      'config.yaml':
        '# Owned by the platform group.\n# Ask before changing ports.\n---\n\nname: shop\nport: 8080\nworkers: 8\ntimeout: 30\n',
    },
  },
  {
    name: 'A patch with two hunks, the second on lines that a person has just rewritten',
    files: {
      'lib/parse.rb':
        'def parse(line)\n  key, value = line.split("=")\n  [key, value]\nend\n\ndef blank?(line)\n  line == ""\nend\n',
    },
    others: [
      {
        does: 'replace',
        path: 'lib/parse.rb',
        old: '  line == ""\n',
        new: '  line.nil? || line.strip.empty?\n',
      },
    ],
    first: {
      tool: 'patch',
      text: '--- a/lib/parse.rb\n+++ b/lib/parse.rb\n@@ -1,4 +1,4 @@\n def parse(line)\n-  key, value = line.split("=")\n+  key, value = line.split("=", 2)\n   [key, value]\n end\n@@ -6,3 +6,3 @@\n def blank?(line)\n-  line == ""\n+  line.strip == ""\n end\n',
    },
    // Half a patch is never applied: both wait, or both are refused; the person's line stays.
    outcome: 'nothing',
    keeps: { 'lib/parse.rb': ['  line.nil? || line.strip.empty?\n', 'line.split("=")'] },
  },
  {
    name: 'A file with Windows line ends, quoted with line feeds over three lines',
    files: {
      'win/setup.ini': '[main]\r\npath=C:\\tools\r\nmode=fast\r\n\r\n[log]\r\nlevel=info\r\n',
    },
    others: [],
    first: {
      tool: 'replace',
      path: 'win/setup.ini',
      old: 'mode=fast\n\n[log]\n',
      new: 'mode=safe\n\n[log]\n',
    },
    meant: {
      'win/setup.ini': '[main]\r\npath=C:\\tools\r\nmode=safe\r\n\r\n[log]\r\nlevel=info\r\n',
    },
  },
  {
    name: 'The file was moved to another folder after it was read',
    files: {
      'util.go':
        'package util\n\nfunc Max(a, b int) int {\n\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n',
    },
    others: [{ does: 'rename', path: 'util.go', to: 'internal/util.go' }],
    first: {
      tool: 'replace',
      path: 'util.go',
      old: 'func Max(a, b int) int {',
      new: 'func Larger(a, b int) int {',
    },
    meant: {
      'util.go': null,
      'internal/util.go':
        'package util\n\nfunc Larger(a, b int) int {\n\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n',
    },
  },
  {
    name: 'One call sent twice, since the first answer was slow',
    files: { 'CHANGES.md': '# Changes\n\n- first\n' },
    others: [],
    first: { tool: 'replace', path: 'CHANGES.md', old: '- first\n', new: '- first\n- second\n' },
    again: true,
    meant: { 'CHANGES.md': '# Changes\n\n- first\n- second\n' },
  },
  {
    name: 'The model quotes from memory: the comment differs by a word',
    files: {
      'src/retry.ts':
        '// Waits twice as long after each failure, at most a minute.\nexport const delay = (n: number): number => Math.min(60_000, 100 * 2 ** n);\n',
    },
    others: [],
    first: {
      tool: 'replace',
      path: 'src/retry.ts',
      old: '// Waits twice as long after every failure, at most a minute.\nexport const delay = (n: number): number => Math.min(60_000, 100 * 2 ** n);\n',
      new: '// Waits twice as long after each failure, at most ten seconds.\nexport const delay = (n: number): number => Math.min(10_000, 100 * 2 ** n);\n',
    },
    meant: {
      'src/retry.ts':
        '// Waits twice as long after each failure, at most ten seconds.\nexport const delay = (n: number): number => Math.min(10_000, 100 * 2 ** n);\n',
    },
  },
  {
    name: 'A deleted file is edited, while its content lives on elsewhere under another name',
    files: {
      'old/api.md': '# API\n\nGET /v1/users\n',
      'new/api.md': '# API, second edition\n\nGET /v2/users\n',
    },
    others: [{ does: 'delete', path: 'old/api.md' }],
    first: {
      tool: 'replace',
      path: 'old/api.md',
      old: 'GET /v1/users\n',
      new: 'GET /v1/users?page=1\n',
    },
    // The deletion stands until somebody decides: refused or a ticket, never a file that comes back by itself.
    outcome: 'nothing',
    keeps: { 'new/api.md': ['GET /v2/users\n'] },
    gone: ['old/api.md'],
  },
];
