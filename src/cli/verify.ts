import { statSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '../core/hash.ts';
import { verifyArchive } from '../world/archive-file.ts';
import { verifyWorld, type WorldVerdict } from '../world/verify-world.ts';
import { WorldError } from '../world/world-error.ts';
import type { Command } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { withWorld } from './with-world.ts';

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[WORLD | FILE]',
  summary: 'replay the whole history and check every hash',
  explanation: `
Downloads the world's history and replays it here: the chain at every op, the content of every file at
its end, and whether the history still contains the last op that this machine saw. Names the first op
that does not fit. The exit code is the verdict: 0 when all is well, 1 when not. A file that
agent-world backup made is checked in the same way, without any server.`,
  options: [],
  positionals: [0, 1],
  run(context, line) {
    const { terminal, machine, signal } = context;
    const [named] = line.positionals;
    const isFile = statSync(named ?? '', { throwIfNoEntry: false })?.isFile() === true;
    if (named !== undefined && isFile) return showArchive(terminal, path.resolve(named), signal);
    return withWorld(context, line.positionals[0], async (session, world) =>
      showVerdict(terminal, await verifyWorld({ session, world, worlds: machine.worlds })),
    );
  },
};

async function showArchive(
  terminal: Terminal,
  file: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  try {
    const { name, head, files } = await verifyArchive(file, signal);
    const headChainHash = toHex(head.chainHash);
    return showVerdict(terminal, { tag: 'verified', ops: head.opSeq, files, headChainHash }, name);
  } catch (error) {
    if (!(error instanceof WorldError) || error.code !== 'bad_archive') throw error;
    terminal.json({ verdict: { tag: error.code, message: error.message } });
    terminal.line(error.message);
    return EXIT.failed;
  }
}

/** Prints a verdict and returns the exit code that stands for it. */
export function showVerdict(terminal: Terminal, verdict: WorldVerdict, world?: string): ExitCode {
  terminal.json({ verdict, world });
  if (verdict.tag === 'verified') {
    terminal.line(`verified ${verdict.ops} ops, ${verdict.files} files`);
    return EXIT.ok;
  }
  terminal.line(`does not verify: op ${verdict.opSeq}: ${verdict.message}`);
  return EXIT.failed;
}
