#!/usr/bin/env node
// Stands in for the commands of Claude Code and Codex by which they are told of servers, under whose name it is
// started. test/contract/client-commands.test.ts holds it to what the real ones do.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [, program, ...args] = process.argv;
const [first, action, ...rest] = args;
if (first !== 'mcp') fail(`unknown command ${first}`);

/** @param {string} why @returns {never} */
function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

/** @param {string} said */
function say(said) {
  process.stdout.write(`${said}\n`);
}

const behind = rest.indexOf('--');
const options = behind < 0 ? rest : rest.slice(0, behind);
const command = behind < 0 ? [] : rest.slice(behind + 1);

if (path.basename(program ?? '') === 'claude') claude();
else codex();

function claude() {
  const file = path.join(process.env['CLAUDE_CONFIG_DIR'] ?? os.homedir(), '.claude.json');
  const all = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  const cwd = process.cwd();
  const project = (((all.projects ??= {})[cwd] ??= {}).mcpServers ??= {});
  const name = options.filter((option) => option !== '--scope' && option !== 'local')[0] ?? '';
  const known = project[name];
  if (action === 'add') {
    if (known) fail(`MCP server ${name} already exists in local config`);
    project[name] = { type: 'stdio', command: command[0], args: command.slice(1), env: {} };
    say(`Added stdio MCP server ${name} with command: ${command.join(' ')} to local config`);
  } else if (!known) {
    fail(`No MCP server named "${name}" in local scope`);
  } else if (action === 'remove') {
    delete project[name];
    say(`Removed MCP server ${name} from local config`);
  } else {
    say(`${name}:\n  Type: stdio\n  Command: ${known.command}\n  Args: ${known.args.join(' ')}`);
    return;
  }
  fs.writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}

function codex() {
  const file = path.join(
    process.env['CODEX_HOME'] ?? path.join(os.homedir(), '.codex'),
    'config.toml',
  );
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const name = options[0] ?? '';
  const table = new RegExp(String.raw`\n?^\[mcp_servers\.${name}\]\n(?:(?!\[).+\n)*`, 'm');
  const known = table.exec(text)?.[0];
  if (action === 'get') {
    if (!known) fail(`Error: No MCP server named '${name}' found.`);
    const quoted = [...known.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([each]) => JSON.parse(each));
    say(`${name}\n  command: ${quoted[0]}\n  args: ${quoted.slice(1).join(' ')}`);
    return;
  }
  const others = text.replace(table, '');
  if (action === 'remove') {
    say(known ? `Removed global MCP server '${name}'.` : `No MCP server named '${name}' found.`);
    fs.writeFileSync(file, others);
    return;
  }
  const gap = others === '' ? '' : '\n';
  const entry = `[mcp_servers.${name}]\ncommand = ${JSON.stringify(command[0])}\nargs = ${JSON.stringify(command.slice(1))}\n`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, others + gap + entry);
  say(`Added global MCP server '${name}'.`);
}
