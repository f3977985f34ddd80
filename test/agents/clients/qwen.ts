import { call, type RealClient } from './real-client.ts';

export const qwen: RealClient = {
  id: 'qwen',
  title: 'Qwen Code',
  package: '@qwen-code/qwen-code',
  version: '0.24.4',
  program: 'qwen',
  settings: () => ({
    // Another form it brings into this one itself.
    '.qwen/settings.json': `{
  // Mine.
  "security": {
    "auth": {
      "selectedType": "openai"
    }
  },
  "$version": 4
}
`,
  }),
  environment: ({ address, modelName }) => ({
    OPENAI_API_KEY: 'unused',
    OPENAI_BASE_URL: `${address}/v1`,
    OPENAI_MODEL: modelName,
  }),
  run: (prompt) => ['-p', prompt, '-y', '--auth-type', 'openai'],
  serverTool: (server, tool, args) => call(`mcp__${server}__${tool}`, args),
  own: {
    read: (file) => call('read_file', { file_path: file }),
    replace: (file, from, to) =>
      call('edit', { file_path: file, old_string: from, new_string: to }),
    overwrite: (file, text) => call('write_file', { file_path: file, content: text }),
  },
  hasHooks: true,
  keptFiles: ['.qwen/settings.json'],
};
