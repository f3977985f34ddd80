import { call, type RealClient } from './real-client.ts';

export const gemini: RealClient = {
  id: 'gemini',
  title: 'Gemini CLI',
  package: '@google/gemini-cli',
  version: '0.61.0',
  program: 'gemini',
  settings: () => ({
    '.gemini/settings.json':
      '{\n  // Mine.\n  "security": { "auth": { "selectedType": "gemini-api-key" } }\n}\n',
  }),
  environment: ({ address }) => ({
    GOOGLE_GEMINI_BASE_URL: address,
    GEMINI_API_KEY: 'unused',
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  }),
  run: (prompt) => ['-p', prompt, '-y', '-m', 'gemini-2.5-pro'],
  serverTool: (server, tool, args) => call(`mcp_${server}_${tool}`, args),
  own: {
    read: (file) => call('read_file', { file_path: file }),
    replace: (file, from, to) =>
      call('replace', { file_path: file, instruction: 'so', old_string: from, new_string: to }),
    overwrite: (file, text) => call('write_file', { file_path: file, content: text }),
  },
  hasHooks: true,
  keptFiles: ['.gemini/settings.json'],
};
