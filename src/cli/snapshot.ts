import path from 'node:path';
import { snapshotWorld } from '../world/snapshot-world.ts';
import { isEmptyFolder, writeTree } from '../world/write-tree.ts';
import type { Command, CommandLine } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const snapshotCommand: Command = {
  name: 'snapshot',
  usage: '[SEQ] DIR',
  summary: 'all files as they were at one point, for builds and tests',
  explanation: `
Puts the world's files into DIR as they were after op SEQ, or as they are now: all of them at that very
point, however many people and agents type on. Byte for byte, with line ends, byte order marks and the
executable bit; each file whole or not at all. The history is replayed and verified on the way.

DIR must be empty or new. With --force files of the world replace those of the same names, and other
files there stay as they are.

  agent-world snapshot /tmp/build && make -C /tmp/build test
  agent-world snapshot 1200 /tmp/before --world notes      op numbers: agent-world watch --from 1`,
  options: [
    { name: 'world', value: 'WORLD', meaning: 'which world (the one of the folder you are in)' },
    { name: 'force', meaning: 'also into a folder that has something in it' },
  ],
  positionals: [1, 2],
  async run(context, line) {
    const { terminal, signal } = context;
    const atSeq = line.positionals.length === 2 ? opNumber(line) : undefined;
    const folder = path.resolve(line.positionals.at(-1)!);
    if (!line.flag('force') && !(await isEmptyFolder(folder))) {
      throw new UsageError(`${folder} is not empty; --force writes into it all the same`);
    }
    return withWorld(context, line.text('world'), async (session, world) => {
      const snapshot = await snapshotWorld(session, atSeq, signal);
      const { files, bytes } = await writeTree(snapshot, folder, signal);
      const { opSeq } = snapshot;
      terminal.json({ world: world.name, opSeq, folder, files, bytes });
      terminal.line(`${folder}: ${files} files of ${world.name} as of op ${opSeq}`);
      return EXIT.ok;
    });
  },
};

function opNumber(line: CommandLine): number {
  const text = line.positionals[0]!;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`SEQ must be a whole number from 1: ${text}`);
}
