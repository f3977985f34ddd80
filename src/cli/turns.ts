import { erasePrompt, readPrompt, readTurnsOf, type Turn } from '../world/turns.ts';
import { tallyTurn, type TurnTally } from '../world/turn-tally.ts';
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
--turn N. --tally counts ops, files, lines that came in and went out, conflicts, and places that a review took back.`,
  options: [
    { name: 'agent', value: 'NAME', meaning: 'only turns of this agent' },
    { name: 'tally', meaning: 'count what was done in each of the 20 newest' },
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
      return list(context, session, line.text('agent'), line.flag('tally'));
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
  isTallied: boolean,
): Promise<ExitCode> {
  const { members } = session.view;
  const agents =
    agent === undefined
      ? [...members.values()].filter(({ kind }) => kind === 'agent').map(({ identity }) => identity)
      : [findAuthor(session.view, agent)];
  const turns: Turn[] = [];
  for (const each of agents) turns.push(...(await readTurnsOf(session, each)));
  turns.sort((a, b) => b.turnId - a.turnId);
  for (const [index, turn] of turns.entries()) {
    const tally = isTallied && index < MOST_TALLIED ? await tallyTurn(session, turn) : undefined;
    const { turnId, title, client, prompt, beganAtMs, endedAtMs, isOpen } = turn;
    const name = nameOf(session.view, turn.agent);
    const ended = endedAtMs ?? null;
    terminal.json({ ...turn, agentName: name, endedAtMs: ended, ...(tally && { tally }) });
    const began = new Date(beganAtMs).toISOString().slice(0, 19);
    const state = isOpen ? 'open' : 'ended';
    const asked = prompt === 'none' ? '' : `prompt ${prompt}`;
    const done = tally ? tallyText(tally) : '';
    const parts = [`#${turnId}`, began, name, client, state, title, asked, done];
    terminal.line(parts.filter((part) => part !== '').join('  '));
  }
  if (turns.length === 0) terminal.line('No turns.');
  return EXIT.ok;
}

function tallyText(tally: TurnTally): string {
  const { ops, files, linesIn, linesOut, conflicts, takenBack, isCut } = tally;
  const parts = [
    `${isCut ? 'at least ' : ''}${ops} ops in ${files} files`,
    `+${linesIn} -${linesOut} lines`,
    conflicts > 0 ? `${conflicts} conflicts` : '',
    takenBack > 0 ? `${takenBack} taken back` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Each is some questions to the world. */
const MOST_TALLIED = 20;

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
