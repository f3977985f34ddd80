import { call, json, type RealClient, shellWrite } from './real-client.ts';

/** A daemon of its own does the work, and outlives the command. Its editor refuses to create what is there. */
export const cline: RealClient = {
  id: 'cline',
  title: 'Cline',
  package: 'cline',
  version: '3.0.65',
  program: 'cline',
  settings: () => ({ '.cline/data/settings/cline_mcp_settings.json': json({ mcpServers: {} }) }),
  environment: () => ({}),
  login: ({ address, modelName }) => [
    'auth',
    '-p',
    'openai',
    '-k',
    'unused',
    '-m',
    modelName,
    '-b',
    `${address}/v1`,
  ],
  run: (prompt) => ['--json', '--auto-approve', 'true', '-P', 'openai', prompt],
  serverTool: (server, tool, args) => call(`${server}__${tool}`, args),
  bearsNoStray: true,
  own: {
    read: (file) => call('read_files', { files: [{ path: file }] }),
    replace: (file, from, to) => call('editor', { path: file, old_text: from, new_text: to }),
    overwrite: (file, text) => call('run_commands', { commands: [shellWrite(file, text)] }),
  },
  hasHooks: false,
  keptFiles: ['.cline/data/settings/cline_mcp_settings.json'],
};
