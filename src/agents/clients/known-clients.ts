/**
 * Owns: how each client is told of a server. Seen with Claude Code 2.1.332, Codex 0.171.0, Gemini CLI
 * 0.61.0, opencode 1.18.33, Copilot CLI 1.0.102, Qwen Code 0.24.4, Cline 3.0.65: see docs/agents.md.
 */
import type { AgentClient, ServerEntry } from './client-entry.ts';

const plain = ({ command, args }: ServerEntry): unknown => ({ command, args });

export const AGENT_CLIENTS: readonly AgentClient[] = [
  {
    id: 'claude',
    title: 'Claude Code',
    program: 'claude',
    configuration: {
      tag: 'command',
      files: ['.claude.json'],
      add: (name, { command, args }) => [
        'mcp',
        'add',
        '--scope',
        'local',
        name,
        '--',
        command,
        ...args,
      ],
      remove: (name) => ['mcp', 'remove', '--scope', 'local', name],
      show: (name) => ['mcp', 'get', name],
    },
    moved: { variable: 'CLAUDE_CONFIG_DIR', folder: '.claude' },
    rules: '.claude/CLAUDE.md',
    consent: 'Claude Code asks before it uses a tool for the first time; answer there.',
  },
  {
    id: 'codex',
    title: 'Codex',
    program: 'codex',
    configuration: {
      tag: 'command',
      files: ['.codex/config.toml'],
      add: (name, { command, args }) => ['mcp', 'add', name, '--', command, ...args],
      remove: (name) => ['mcp', 'remove', name],
      show: (name) => ['mcp', 'get', name],
    },
    moved: { variable: 'CODEX_HOME', folder: '.codex' },
    rules: '.codex/AGENTS.md',
  },
  {
    id: 'gemini',
    title: 'Gemini CLI',
    program: 'gemini',
    configuration: {
      tag: 'file',
      files: ['.gemini/settings.json'],
      at: ['mcpServers'],
      value: plain,
    },
    rules: '.gemini/GEMINI.md',
    consent: 'Gemini CLI starts servers only in a folder that you trust; it asks there.',
  },
  {
    id: 'opencode',
    title: 'opencode',
    program: 'opencode',
    configuration: {
      tag: 'file',
      files: ['.config/opencode/opencode.jsonc', '.config/opencode/opencode.json'],
      at: ['mcp'],
      value: ({ command, args }) => ({ type: 'local', command: [command, ...args], enabled: true }),
    },
    moved: { variable: 'XDG_CONFIG_HOME', folder: '.config' },
    rules: '.config/opencode/AGENTS.md',
  },
  {
    id: 'copilot',
    title: 'Copilot CLI',
    program: 'copilot',
    configuration: {
      tag: 'file',
      files: ['.copilot/mcp-config.json'],
      at: ['mcpServers'],
      value: ({ command, args }) => ({ type: 'local', command, args, tools: ['*'] }),
    },
    rules: '.copilot/copilot-instructions.md',
    consent: 'Copilot CLI asks before it uses a tool; answer there.',
  },
  {
    id: 'qwen',
    title: 'Qwen Code',
    program: 'qwen',
    configuration: {
      tag: 'file',
      files: ['.qwen/settings.json'],
      at: ['mcpServers'],
      value: plain,
    },
    rules: '.qwen/QWEN.md',
  },
  {
    id: 'cline',
    title: 'Cline',
    program: 'cline',
    configuration: {
      tag: 'file',
      files: ['.cline/data/settings/cline_mcp_settings.json'],
      at: ['mcpServers'],
      value: ({ command, args }) => ({ transport: { type: 'stdio', command, args } }),
    },
    rules: 'Documents/Cline/Rules/agent-world.md',
  },
];

export function clientNamed(id: string): AgentClient | undefined {
  return AGENT_CLIENTS.find((client) => client.id === id);
}
