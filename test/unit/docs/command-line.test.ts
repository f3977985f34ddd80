import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { EXIT, EXIT_MEANING } from '../../../src/cli/exit-code.ts';

const page = fs.readFileSync(path.join(projectRoot, 'docs', 'command-line.md'), 'utf8');

test('docs/command-line.md has every command as its help has it, and no other', () => {
  const expected = COMMANDS.map(({ name, usage, summary }) =>
    [`${name} ${usage}`.trim(), summary].join(': '),
  );
  assert.deepEqual(rows('Command').sort(), expected.sort());
});

test('docs/command-line.md tells every exit code', () => {
  const expected = Object.values(EXIT).map((code) => `${code}: ${EXIT_MEANING[code]}`);
  assert.deepEqual(rows('Exit code'), expected);
});

test('the README names no command that is not there', () => {
  const readme = fs.readFileSync(path.join(projectRoot, 'README.md'), 'utf8');
  const named = [...readme.matchAll(/^agent-world (\S+)/gm)].map(([, name]) => name);
  const known = new Set(['help', ...COMMANDS.map(({ name }) => name)]);
  assert.deepEqual(
    named.filter((name) => !known.has(name!)),
    [],
  );
});

/** The rows of the table under a first column of this name: its first two cells. */
function rows(column: string): string[] {
  const [, table = ''] = page.split(new RegExp(`^\\| ${column} .*\n\\|[- |]+\n`, 'm'));
  const lines = table.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end).map((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
    return `${cells[1]!.replaceAll('`', '')}: ${cells[2]}`;
  });
}
