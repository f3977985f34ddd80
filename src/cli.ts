/**
 * The `agent-world` command. A start should not wait for what only another command needs: what agents'
 * clients start is in a file of its own.
 */
const isServer = process.argv[2] === 'mcp';
const loading = isServer ? import('./cli/mcp-command.ts') : import('./cli/every-command.ts');
void loading.then(({ run }) => run());
