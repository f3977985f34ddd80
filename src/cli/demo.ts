import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runDemo } from '../agents/demo.ts';
import { stopHost } from '../host/handover.ts';
import { scanFolder } from '../world/folder-scan.ts';
import { followOps } from '../world/op-feed.ts';
import { openFolder } from '../world/open-folder.ts';
import { readHeadSeq } from '../world/read-head.ts';
import { verifyWorld } from '../world/verify-world.ts';
import type { Command, Context } from './command.ts';
import { describeOp, opAsJson } from './describe-op.ts';
import { parseDuration } from './duration.ts';
import type { ExitCode } from './exit-code.ts';
import { profileIn } from '../world/profile.ts';
import { openMachine } from './machine.ts';
import { showVerdict } from './verify.ts';

export const demoCommand: Command = {
  name: 'demo',
  usage: 'FOLDER',
  summary: 'people and agents at work on a copy of a folder, without an editor',
  explanation: `
Copies the folder to a temporary place, makes a world of it on a host of its own, and lets two
simulated people and two agents work in it. Prints a line for every op, then a summary, and verifies
the whole history: the exit code is the verdict. Nothing of it remains, and FOLDER is not touched.`,
  options: [{ name: 'for', value: 'TIME', meaning: 'how long they work, such as 60s or 2m (60s)' }],
  positionals: [1, 1],
  async run(context, line) {
    const durationMs = parseDuration(line.text('for') ?? '60s');
    const place = await mkdtemp(path.join(tmpdir(), 'agent-world-demo-'));
    const home = path.join(place, 'home');
    try {
      const folder = path.join(place, path.basename(path.resolve(line.positionals[0]!)));
      await copyFolder(path.resolve(line.positionals[0]!), folder);
      const machine = await openMachine(home);
      return await demonstrate({ ...context, machine }, folder, durationMs);
    } finally {
      await stopHost({ home });
      await rm(place, { recursive: true, force: true });
    }
  },
};

async function demonstrate(
  { machine, terminal, signal }: Context,
  folder: string,
  durationMs: number,
): Promise<ExitCode> {
  const { defaultServer: server } = machine;
  const profile = await profileIn(folder);
  const { session, world } = await openFolder(machine, { folder, server, profile, signal });
  let ops = 0;
  const stop = followOps(session, await readHeadSeq(await session.whenOnline()), (op) => {
    ops += 1;
    terminal.json(opAsJson(op, session.view));
    terminal.line(describeOp(op, session.view));
  });
  try {
    const { keys, openTickets } = await runDemo({
      surroundings: machine,
      owner: session,
      server,
      folder,
      installations: [machine.installation],
      durationMs,
      signal,
      onNote: (note) => terminal.note(note),
    });
    terminal.json({ summary: { ops, keys, openTickets } });
    terminal.line(`${ops} ops, ${keys} keys typed, ${openTickets} open tickets.`);
    const verdict = await verifyWorld({ ...machine, session, world });
    return showVerdict(terminal, verdict);
  } finally {
    stop();
    session.close();
  }
}

/** Copies what would come into a world, so that a demonstration needs no room for the rest. */
async function copyFolder(from: string, to: string): Promise<void> {
  const { files } = await scanFolder(from);
  await mkdir(to, { recursive: true });
  for (const { path: name } of files) {
    await cp(path.join(from, name), path.join(to, name), { preserveTimestamps: true });
  }
}
