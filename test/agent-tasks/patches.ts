import type { AgentTask } from './task.ts';

/** Patches that fit by half, at wrong lines, or twice. */
export const PATCHES: readonly AgentTask[] = [
  {
    name: 'The numbers of the hunk are off by twenty',
    files: {
      'pa/a.go':
        'package a\n\nfunc One() int {\n\treturn 1\n}\n\nfunc Two() int {\n\treturn 2\n}\n',
    },
    others: [],
    first: {
      tool: 'patch',
      text: '--- a/pa/a.go\n+++ b/pa/a.go\n@@ -27,3 +27,3 @@\n func Two() int {\n-\treturn 2\n+\treturn 22\n }\n',
    },
    meant: {
      'pa/a.go':
        'package a\n\nfunc One() int {\n\treturn 1\n}\n\nfunc Two() int {\n\treturn 22\n}\n',
    },
  },
  {
    name: 'The counts of the hunk are wrong',
    files: { 'pa/b.txt': 'a\nb\nc\nd\n' },
    others: [],
    first: {
      tool: 'patch',
      text: '--- a/pa/b.txt\n+++ b/pa/b.txt\n@@ -2,5 +2,9 @@\n b\n-c\n+C\n d\n',
    },
    meant: { 'pa/b.txt': 'a\nb\nC\nd\n' },
  },
  {
    name: 'A patch of two files, one of which somebody rewrote where it changes it',
    files: {
      'pa/c.h': 'int area(int w);\nint old(void);\n',
      'pa/c.c': 'int area(int w) { return w * w; }\nint old(void) { return 0; }\n',
    },
    others: [
      {
        does: 'replace',
        path: 'pa/c.c',
        old: 'int area(int w) { return w * w; }\n',
        new: 'int area(int w) { return square(w); }\n',
      },
    ],
    first: {
      tool: 'patch',
      text: '--- a/pa/c.h\n+++ b/pa/c.h\n@@ -1,2 +1,2 @@\n-int area(int w);\n+int area(int w, int h);\n int old(void);\n--- a/pa/c.c\n+++ b/pa/c.c\n@@ -1,2 +1,2 @@\n-int area(int w) { return w * w; }\n+int area(int w, int h) { return w * h; }\n int old(void) { return 0; }\n',
    },
    // A header of two arguments and a body of one do not compile: all of it waits, or none is done.
    outcome: 'nothing',
    keeps: { 'pa/c.h': ['int area(int w);\n'], 'pa/c.c': ['return square(w);'] },
  },
  {
    name: 'Somebody inserted lines between the two hunks',
    files: { 'pa/d.txt': 'a\nb\nc\nd\ne\nf\ng\nh\n' },
    others: [{ does: 'replace', path: 'pa/d.txt', old: 'd\ne\n', new: 'd\nd2\nd3\ne\n' }],
    first: {
      tool: 'patch',
      text: '--- a/pa/d.txt\n+++ b/pa/d.txt\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n@@ -6,3 +6,3 @@\n f\n-g\n+G\n h\n',
    },
    meant: { 'pa/d.txt': 'a\nB\nc\nd\nd2\nd3\ne\nf\nG\nh\n' },
  },
  {
    name: 'A context line from memory that the file spells otherwise',
    files: { 'pa/e.txt': 'The quick brown fox\njumps over\nthe lazy dog\n' },
    others: [],
    first: {
      tool: 'patch',
      text: '--- a/pa/e.txt\n+++ b/pa/e.txt\n@@ -1,3 +1,3 @@\n The quick brown fox\n-jumps over\n+leaps over\n a lazy dog\n',
    },
    meant: { 'pa/e.txt': 'The quick brown fox\nleaps over\nthe lazy dog\n' },
  },
];
