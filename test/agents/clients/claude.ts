import { call, json, type RealClient } from './real-client.ts';

export const claude: RealClient = {
  id: 'claude',
  title: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  version: '2.1.332',
  program: 'claude',
  adapter: {
    package: '@agentclientprotocol/claude-agent-acp',
    version: '0.101.0',
    program: 'claude-agent-acp',
  },
  settings: () => ({ '.claude/settings.json': json({ cleanupPeriodDays: 20 }) }),
  environment: ({ address }) => ({
    ANTHROPIC_BASE_URL: address,
    ANTHROPIC_API_KEY: 'unused',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }),
  run: (prompt) => [
    '-p',
    prompt,
    '--permission-mode',
    'acceptEdits',
    '--allowedTools',
    'mcp__agent-world',
  ],
  serverTool: (server, tool, args) => call(`mcp__${server}__${tool}`, args),
  own: {
    read: (file) => call('Read', { file_path: file }),
    replace: (file, from, to) =>
      call('Edit', { file_path: file, old_string: from, new_string: to }),
    overwrite: (file, text) => call('Write', { file_path: file, content: text }),
  },
  hasHooks: true,
  keptFiles: ['.claude/settings.json'],
};
