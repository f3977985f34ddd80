import { call, type RealClient } from './real-client.ts';

/** It offers its tool for patches only to models that it knows. Its edits are patches; it reads by its shell. A server's tool has to be called with its group. */
export const codex: RealClient = {
  id: 'codex',
  title: 'Codex',
  package: '@openai/codex',
  version: '0.171.0',
  program: 'codex',
  adapter: { package: '@agentclientprotocol/codex-acp', version: '2.6.0', program: 'codex-acp' },
  settings: ({ address }) => ({
    '.codex/config.toml': `# Mine.
model = "gpt-5.5"
model_provider = "scripted"

[model_providers.scripted]
name = "scripted"
wire_api = "responses"
base_url = "${address}/v1"
env_key = "SCRIPTED_KEY"
request_max_retries = 0
stream_max_retries = 0
`,
  }),
  environment: () => ({
    SCRIPTED_KEY: 'unused',
    // Read by its adapter alone, in place of the person's review by /hooks.
    CODEX_CONFIG: JSON.stringify({ bypass_hook_trust: true }),
  }),
  run: (prompt) => [
    'exec',
    '-s',
    'workspace-write',
    '--skip-git-repo-check',
    // In place of the person's review by /hooks.
    '--dangerously-bypass-hook-trust',
    '--json',
    prompt,
  ],
  serverTool: (server, tool, args) => ({
    name: tool,
    args,
    group: `mcp__${server.replaceAll('-', '_')}`,
  }),
  own: {
    read: (file) => call('exec_command', { cmd: `cat '${file}'` }),
    replace: (file, from, to) =>
      patch(`*** Update File: ${file}\n@@\n${marked('-', from)}${marked('+', to)}`),
    overwrite: (file, text) => patch(`*** Add File: ${file}\n${marked('+', text)}`),
  },
  hasHooks: true,
  keptFiles: ['.codex/config.toml'],
};

function patch(body: string) {
  const freeText = `*** Begin Patch\n${body}*** End Patch\n`;
  return { ...call('apply_patch', {}), freeText };
}

function marked(mark: string, text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.map((line) => `${mark}${line}\n`).join('');
}
