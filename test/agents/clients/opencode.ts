import { call, json, type RealClient } from './real-client.ts';

export const opencode: RealClient = {
  id: 'opencode',
  title: 'opencode',
  package: 'opencode-ai',
  version: '1.18.33',
  program: 'opencode',
  settings: ({ address, modelName }) => ({
    '.config/opencode/opencode.json': json({
      // It puts this there itself where it is missing.
      $schema: 'https://opencode.ai/config.json',
      model: `scripted/${modelName}`,
      small_model: `scripted/${modelName}`,
      autoupdate: false,
      share: 'disabled',
      provider: {
        scripted: {
          npm: '@ai-sdk/openai-compatible',
          name: 'scripted',
          options: { baseURL: `${address}/v1`, apiKey: 'unused' },
          models: { [modelName]: { name: 'scripted', limit: { context: 200_000, output: 8_000 } } },
        },
      },
    }),
  }),
  environment: () => ({
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    // It runs npm at its first start.
    npm_config_offline: 'true',
  }),
  run: (prompt) => ['run', prompt],
  serverTool: (server, tool, args) => call(`${server}_${tool}`, args),
  own: {
    read: (file) => call('read', { filePath: file }),
    replace: (file, from, to) => call('edit', { filePath: file, oldString: from, newString: to }),
    overwrite: (file, text) => call('write', { filePath: file, content: text }),
  },
  hasHooks: true,
  keptFiles: ['.config/opencode/opencode.json'],
};
