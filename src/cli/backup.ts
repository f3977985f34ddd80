import { existsSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '../core/hash.ts';
import { backupWorld } from '../world/backup.ts';
import type { Command } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { showProgress } from './progress.ts';
import { withWorld } from './with-world.ts';

export const backupCommand: Command = {
  name: 'backup',
  usage: '[WORLD] FILE',
  summary: 'the whole history of a world, in one file',
  explanation: `
Writes every op of the world up to now, and all content, into FILE, and verifies it on the way. The
file appears when it is whole; only you can read it. People and agents may work on meanwhile.

Such a file is all that a world is: agent-world restore makes the same world of it, hash for hash, on
any server, and agent-world verify FILE checks it without one. What is not in it: invites, claims on
lines, where people are, and the keys of identities.

  agent-world backup notes-$(date +%F).world       the world of the folder you are in
  agent-world backup notes ~/notes.world --force   the world named notes, over yesterday's file`,
  options: [{ name: 'force', meaning: 'replace FILE if it is there' }],
  positionals: [1, 2],
  run(context, line) {
    const { terminal, signal } = context;
    const [first = '', second] = line.positionals;
    const [named, target] = second === undefined ? [undefined, first] : [first, second];
    const file = path.resolve(target);
    if (existsSync(file) && !line.flag('force')) {
      throw new UsageError(`${file} is there already; --force replaces it`);
    }
    return withWorld(context, named, async (session, world) => {
      const onProgress = showProgress(terminal, 'read');
      const { head, bytes } = await backupWorld({ session, file, onProgress, signal });
      const { opSeq } = head;
      const chainHash = toHex(head.chainHash);
      terminal.json({ file, world: world.name, ops: opSeq, headChainHash: chainHash, bytes });
      terminal.line(`${file}: ${opSeq} ops of ${world.name}, ${bytes} bytes, verified`);
      return EXIT.ok;
    });
  },
};
