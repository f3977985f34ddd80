import type { AgentTask } from './task.ts';

/** Files with CRLF, with a byte order mark, with mixed line ends. */
export const LINE_ENDS: readonly AgentTask[] = [
  {
    name: 'A file with CRLF is written whole with line feeds',
    files: { 'win/a.bat': '@echo off\r\nset A=1\r\necho %A%\r\n' },
    others: [],
    first: { tool: 'write', path: 'win/a.bat', text: '@echo off\nset A=2\necho %A%\n' },
    meant: { 'win/a.bat': '@echo off\r\nset A=2\r\necho %A%\r\n' },
  },
  {
    name: 'A file with line feeds is quoted with CRLF',
    files: { 'unix/b.sh': '#!/bin/sh\nset -e\nrun\n' },
    others: [],
    first: {
      tool: 'replace',
      path: 'unix/b.sh',
      old: 'set -e\r\nrun\r\n',
      new: 'set -eu\r\nrun\r\n',
    },
    meant: { 'unix/b.sh': '#!/bin/sh\nset -eu\nrun\n' },
  },
  {
    name: 'A file with a byte order mark is edited in its first line',
    files: { 'win/c.csv': '\uFEFFid;name\r\n1;a\r\n' },
    others: [],
    first: { tool: 'replace', path: 'win/c.csv', old: 'id;name\n', new: 'id;title\n' },
    meant: { 'win/c.csv': '\uFEFFid;title\r\n1;a\r\n' },
  },
  {
    name: 'A file with a byte order mark is written whole without one',
    files: { 'win/d.json': '\uFEFF{\n  "a": 1\n}\n' },
    others: [],
    first: { tool: 'write', path: 'win/d.json', text: '{\n  "a": 2\n}\n' },
    meant: { 'win/d.json': '\uFEFF{\n  "a": 2\n}\n' },
  },
  {
    name: 'A patch with line feeds for a file with CRLF that somebody has changed elsewhere',
    files: { 'win/e.ini': '[a]\r\nx=1\r\ny=2\r\n\r\n[b]\r\nz=3\r\n' },
    others: [{ does: 'replace', path: 'win/e.ini', old: 'z=3', new: 'z=4' }],
    first: {
      tool: 'patch',
      text: '--- a/win/e.ini\n+++ b/win/e.ini\n@@ -1,3 +1,3 @@\n [a]\n-x=1\n+x=9\n y=2\n',
    },
    meant: { 'win/e.ini': '[a]\r\nx=9\r\ny=2\r\n\r\n[b]\r\nz=4\r\n' },
  },
  {
    name: 'A file with mixed line ends is quoted across both',
    files: { 'mix/f.txt': 'one\r\ntwo\nthree\r\nfour\n' },
    others: [],
    first: { tool: 'replace', path: 'mix/f.txt', old: 'two\nthree\n', new: 'two\n3\n' },
    meant: { 'mix/f.txt': 'one\r\ntwo\n3\r\nfour\n' },
  },
];
