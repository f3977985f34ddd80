import { call, json, type RealClient, shellWrite } from './real-client.ts';

/** Offline, with a provider of one's own, it needs no account. Its tool to create refuses a path that is there. */
export const copilot: RealClient = {
  id: 'copilot',
  title: 'Copilot CLI',
  package: '@github/copilot',
  version: '1.0.102',
  program: 'copilot',
  settings: () => ({ '.copilot/mcp-config.json': json({ mcpServers: {} }) }),
  environment: ({ address, modelName }) => ({
    COPILOT_OFFLINE: 'true',
    COPILOT_PROVIDER_BASE_URL: `${address}/v1`,
    COPILOT_PROVIDER_TYPE: 'openai',
    COPILOT_PROVIDER_API_KEY: 'unused',
    COPILOT_MODEL: modelName,
  }),
  run: (prompt) => ['-p', prompt, '--allow-all-tools'],
  serverTool: (server, tool, args) => call(`${server}-${tool}`, args),
  own: {
    read: (file) => call('view', { path: file }),
    replace: (file, from, to) => call('edit', { path: file, old_str: from, new_str: to }),
    overwrite: (file, text) =>
      call('bash', {
        command: shellWrite(file, text),
        description: 'write',
        mode: 'sync',
        initial_wait: 10,
      }),
  },
  hasHooks: true,
  keptFiles: ['.copilot/mcp-config.json'],
};
