/**
 * The `agent-world` command. A start should not wait for what only another command needs: what agents'
 * clients start is in a file of its own.
 */
function load(name: string | undefined): Promise<{ readonly run: () => void }> {
  if (name === 'hook') return import('./cli/hook-command.ts');
  return name === 'mcp' ? import('./cli/mcp-command.ts') : import('./cli/every-command.ts');
}

void load(process.argv[2]).then(({ run }) => run());
