import { verifyWorld, type WorldVerdict } from '../world/verify-world.ts';
import type { Command } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { withWorld } from './with-world.ts';

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[WORLD]',
  summary: 'replay the whole history and check every hash',
  explanation: `
Downloads the world's history and replays it here: the chain at every op, the content of every file at
its end, and whether the history still contains the last op that this machine saw. Names the first op
that does not fit. The exit code is the verdict: 0 when all is well, 1 when not.`,
  options: [],
  positionals: [0, 1],
  run(context, line) {
    const { terminal, machine } = context;
    return withWorld(context, line.positionals[0], async (session, world) =>
      showVerdict(terminal, await verifyWorld({ session, world, worlds: machine.worlds })),
    );
  },
};

/** Prints a verdict and returns the exit code that stands for it. */
export function showVerdict(terminal: Terminal, verdict: WorldVerdict): ExitCode {
  terminal.json({ verdict });
  if (verdict.tag === 'verified') {
    terminal.line(`verified ${verdict.ops} ops, ${verdict.files} files`);
    return EXIT.ok;
  }
  terminal.line(`does not verify: op ${verdict.opSeq}: ${verdict.message}`);
  return EXIT.failed;
}
