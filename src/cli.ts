/**
 * The `agent-world` command. A start should not wait for what only another command needs: what agents' clients
 * start is in files of its own, and of a hook, which they start most often, all that most of them need is in this one.
 */
interface Program {
  readonly run: () => void;
}

/** After a client's first calls, so that what they need is kept, and behind the answers that it waits for. */
const KEEP_MS = 3_000;

async function load(name: string | undefined): Promise<Program> {
  if (name === 'hook') return import('./cli/hook-command.ts');
  if (name !== 'mcp') return import('./cli/every-command.ts');
  const { loadCompiled } = await import('./cli/compiled-code.ts');
  const { homeIn } = await import('./cli/home-option.ts');
  const home = homeIn(process.argv);
  // It is bundled as CommonJS files beside each other.
  const loaded = loadCompiled<Program>(`${__dirname}/commands.cjs`, home, require);
  if (loaded?.keep) setTimeout(loaded.keep, KEEP_MS).unref();
  return loaded?.exports ?? import('./cli/mcp-command.ts');
}

void load(process.argv[2]).then(({ run }) => run());
