import type { LineRange } from '../core/review.ts';
import { type DecisionResult, Review, type ReviewSelection } from '../review/review.ts';
import type { WorldView } from '../world/world-view.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { findAuthor, nameOf } from './member-name.ts';
import { describeHunk } from './review.ts';
import { turnNumber } from './turns.ts';
import { withWorld } from './with-world.ts';
import { findFile } from './world-file.ts';

export const keepCommand: Command = {
  name: 'keep',
  usage: '[WORLD] (--all | --agent NAME | --turn N | --file PATH [--lines A-B])',
  summary: 'says that what agents did stays',
  explanation: `
Keeps what agents did and nobody has decided about: all of it, one agent's, that of one turn, that in a file or on
lines of it as they are now. It holds for everybody in the world, names you and the time, and is part of the
history. What an agent writes there later is to be looked at again.

  agent-world keep --agent formatter
  agent-world keep --file src/a.ts --lines 10-24`,
  options: [
    { name: 'all', meaning: 'all that agents did' },
    { name: 'agent', value: 'NAME', meaning: 'what this agent did' },
    { name: 'turn', value: 'N', meaning: 'what was done in this turn' },
    { name: 'file', value: 'PATH', meaning: 'what was done in this file' },
    { name: 'lines', value: 'A-B', meaning: 'with --file: what was done on these lines' },
    { name: 'say', value: 'TEXT', meaning: 'tell the agents this' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const named = ['agent', 'turn', 'file'].some((option) => line.text(option) !== undefined);
    if (named === line.flag('all')) {
      throw new UsageError('Name what to keep: --all, or some of --agent, --turn and --file');
    }
    return withWorld(context, line.positionals[0], async (session) => {
      await session.whenOnline(context.signal);
      const { view } = session;
      const agent = line.text('agent');
      const selection = selectionOf(
        line,
        view,
        agent === undefined ? agent : findAuthor(view, agent),
      );
      const review = new Review(session, context.machine.randomBytes);
      const files = await review.files(selection, context.signal);
      const hunks = files.flatMap((file) => file.hunks);
      if (hunks.length === 0) {
        context.terminal.line('Nothing is left there to look at.');
        return EXIT.ok;
      }
      const options = { words: line.text('say'), signal: context.signal };
      return tellResult(context, view, 'kept', await review.keep(hunks, options));
    });
  },
};

/** What of all unreviewed work a command line means. Throws `UsageError`. */
export function selectionOf(
  line: CommandLine,
  view: WorldView,
  agent: string | undefined,
): ReviewSelection {
  const [turn, path, named] = [line.text('turn'), line.text('file'), line.text('lines')];
  if (named !== undefined && path === undefined) throw new UsageError('--lines goes with --file');
  return {
    agent,
    turn: turn === undefined ? undefined : turnNumber(turn),
    fileId: path === undefined ? undefined : findFile(view, path).fileId,
    lines: named === undefined ? undefined : linesNamed(named),
  };
}

function linesNamed(named: string): LineRange {
  const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(named) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from >= 1 && to >= from)) throw new UsageError(`Not lines: ${named}`);
  return [from - 1, to - 1];
}

/** Says what was decided, and what has to be looked at again. */
export function tellResult(
  { terminal }: Pick<Context, 'terminal'>,
  view: WorldView,
  what: 'kept' | 'taken back',
  { decided, moved, deciders, refused, untold }: DecisionResult,
): ExitCode {
  terminal.json({ result: { decided, moved: moved.length, refused, untold } });
  terminal.line(`${what}: ${decided === 1 ? '1 hunk' : `${decided} hunks`}`);
  for (const hunk of moved) {
    const path = view.files.get(hunk.fileId)?.path ?? '';
    terminal.line(`${path}: ${describeHunk(hunk, view)}: others came first, look again`);
  }
  for (const { who, does } of deciders) {
    const what = does === 'keep' ? 'kept some of it' : 'took some of it back';
    terminal.line(`${nameOf(view, who)} ${what}`);
  }
  for (const { path, message } of refused) terminal.line(`${path}: ${message}`);
  for (const agent of untold) terminal.line(`${nameOf(view, agent)} could not be told`);
  return moved.length + refused.length === 0 ? EXIT.ok : EXIT.failed;
}
