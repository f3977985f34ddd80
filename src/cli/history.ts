import { HistoryReader } from '../world/history-reader.ts';
import { opsOfTurn } from '../world/turns.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { WorldView } from '../world/world-view.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { describeOp, opAsJson } from './describe-op.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { findAuthor } from './member-name.ts';
import { turnNumber } from './turns.ts';
import { withWorld } from './with-world.ts';
import { findFile } from './world-file.ts';

const DEFAULT_COUNT = 50;

export const historyCommand: Command = {
  name: 'history',
  usage: '[WORLD]',
  summary: 'what was done, newest first',
  explanation: `
Prints a line for every op, the newest first: its number, when, who, what, where. No text of files is
shown. Only as much of a long history is read as is printed.

  agent-world history --file notes.md --count 10
  agent-world history --author formatter --json`,
  options: [
    { name: 'file', value: 'PATH', meaning: 'only ops of this file, by its path in the world' },
    { name: 'author', value: 'NAME', meaning: 'only what this member did, or “unattributed”' },
    { name: 'turn', value: 'N', meaning: 'only what was done in this turn, in order' },
    { name: 'count', value: 'N', meaning: `how many ops (${DEFAULT_COUNT})` },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { terminal } = context;
    const count = countOf(line);
    return withWorld(context, line.positionals[0], async (session) => {
      await session.whenOnline(context.signal);
      const { view } = session;
      const turn = line.text('turn');
      if (turn !== undefined) return listTurn(context, session, turnNumber(turn), count);
      const reader = await HistoryReader.open(session, filterOf(line, view));
      const ops = await reader.older(count);
      for (const op of ops.slice(0, count)) {
        terminal.json(opAsJson(op, view));
        terminal.line(describeOp(op, view));
      }
      return EXIT.ok;
    });
  },
};

async function listTurn(
  { terminal }: Context,
  session: WorldSession,
  turnId: number,
  count: number,
): Promise<ExitCode> {
  let left = count;
  for await (const ops of opsOfTurn(session, turnId)) {
    for (const op of ops.slice(0, left)) {
      terminal.json(opAsJson(op, session.view));
      terminal.line(describeOp(op, session.view));
    }
    left -= ops.length;
    if (left <= 0) break;
  }
  return EXIT.ok;
}

function filterOf(line: CommandLine, view: WorldView) {
  const file = line.text('file');
  const author = line.text('author');
  return {
    fileId: file === undefined ? undefined : findFile(view, file).fileId,
    author: author === undefined ? undefined : findAuthor(view, author),
  };
}

function countOf(line: CommandLine): number {
  const text = line.text('count') ?? String(DEFAULT_COUNT);
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`--count must be a whole number from 1: ${text}`);
}
