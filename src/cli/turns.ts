import { erasePrompt, readPrompt, readTurnsOf, type Turn } from '../world/turns.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Command, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { findAuthor, nameOf } from './member-name.ts';
import { withWorld } from './with-world.ts';

export const turnsCommand: Command = {
  name: 'turns',
  usage: '[WORLD]',
  summary: 'what agents were asked for, and which of it is kept',
  explanation: `
Lists the turns of agents, the newest first: when each began and ended, by which client, and whether what was
asked for is kept. --prompt prints that of one turn; --erase forgets it for good, which owners may, and whoever
invited the agent. What was done in a turn: agent-world history --turn N; to take it back: agent-world take-back
--turn N.`,
  options: [
    { name: 'agent', value: 'NAME', meaning: 'only turns of this agent' },
    { name: 'prompt', value: 'N', meaning: 'print what was asked for in turn N' },
    { name: 'erase', value: 'N', meaning: 'forget what was asked for in turn N' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const prompt = line.text('prompt');
    const erase = line.text('erase');
    if (prompt !== undefined && erase !== undefined) {
      throw new UsageError('One of --prompt and --erase');
    }
    return withWorld(context, line.positionals[0], async (session) => {
      await session.whenOnline(context.signal);
      if (prompt !== undefined) return show(context, session, turnNumber(prompt));
      if (erase !== undefined) return forget(context, session, turnNumber(erase));
      return list(context, session, line.text('agent'));
    });
  },
};

/** The number of a turn on a command line. Throws `UsageError`. */
export function turnNumber(named: string): number {
  const turnId = Number(/^#?(\d{1,10})$/.exec(named)?.[1]);
  if (!(turnId > 0)) throw new UsageError(`Not a turn's number: ${named}`);
  return turnId;
}

async function list(
  { terminal }: Context,
  session: WorldSession,
  agent: string | undefined,
): Promise<ExitCode> {
  const { members } = session.view;
  const agents =
    agent === undefined
      ? [...members.values()].filter(({ kind }) => kind === 'agent').map(({ identity }) => identity)
      : [findAuthor(session.view, agent)];
  const turns: Turn[] = [];
  for (const each of agents) turns.push(...(await readTurnsOf(session, each)));
  turns.sort((a, b) => b.turnId - a.turnId);
  for (const turn of turns) {
    const { turnId, title, client, prompt, beganAtMs, endedAtMs, isOpen } = turn;
    const name = nameOf(session.view, turn.agent);
    terminal.json({ ...turn, agent: turn.agent, agentName: name, endedAtMs: endedAtMs ?? null });
    const began = new Date(beganAtMs).toISOString().slice(0, 19);
    const state = isOpen ? 'open' : 'ended';
    const asked = prompt === 'none' ? '' : `prompt ${prompt}`;
    const parts = [`#${turnId}`, began, name, client, state, title, asked];
    terminal.line(parts.filter((part) => part !== '').join('  '));
  }
  if (turns.length === 0) terminal.line('No turns.');
  return EXIT.ok;
}

async function show({ terminal }: Context, session: WorldSession, turnId: number) {
  const kept = await readPrompt(session, turnId);
  if (kept.tag !== 'kept') throw new UsageError(`Turn ${turnId}: ${WHY_NOT[kept.tag]}`);
  terminal.json({ turn: turnId, prompt: kept.text });
  terminal.line(kept.text);
  return EXIT.ok;
}

async function forget({ terminal, machine }: Context, session: WorldSession, turnId: number) {
  await erasePrompt(session, turnId, machine.randomBytes);
  terminal.json({ turn: turnId, erased: true });
  terminal.line(`What was asked for in turn ${turnId} is forgotten.`);
  return EXIT.ok;
}

const WHY_NOT = {
  none: 'what was asked for was not kept',
  erased: 'what was asked for was erased',
  missing: 'the world was restored without prompts',
  wrong: 'what is kept is not what was asked for',
} as const;
