import { restoreVersion, type RestoredLines } from '../world/restore-version.ts';
import type { Command, CommandLine } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { withWorld } from './with-world.ts';
import { findFile } from './world-file.ts';

export const restoreFileCommand: Command = {
  name: 'restore-file',
  usage: 'PATH VERSION [WORLD]',
  summary: 'makes a file, or lines of it, what they were',
  explanation: `
Makes a file what it was at a version, deleted or not, by an op of your own: nothing of the history is
lost, and what others write at the same time is judged as ever. With --lines only where the file differs
on those lines as they are now. Versions: agent-world history --file PATH.`,
  options: [{ name: 'lines', value: 'FROM-TO', meaning: 'only these lines, counted from 1' }],
  positionals: [2, 3],
  run(context, line) {
    const { terminal, machine, signal } = context;
    const [path = '', version = ''] = line.positionals;
    if (!/^[1-9]\d{0,9}$/.test(version)) {
      throw new UsageError(`VERSION must be a whole number from 1: ${version}`);
    }
    const lines = linesOf(line);
    return withWorld(context, line.positionals[2], async (session) => {
      await session.whenOnline(signal);
      const { fileId } = findFile(session.view, path);
      const changer = { session, randomBytes: machine.randomBytes, author: '', signal };
      const outcomes = await restoreVersion(changer, { fileId, version: Number(version), lines });
      const ticket = outcomes.find(({ ticketId }) => ticketId > 0)?.ticketId ?? null;
      const now = session.view.files.get(fileId)?.version;
      terminal.json({
        path,
        restored: Number(version),
        lines: lines ? { firstLine: lines.firstLine + 1, lastLine: lines.lastLine + 1 } : null,
        ops: outcomes.length,
        version: now,
        ticket,
      });
      const what = describe(path, lines);
      if (ticket !== null) terminal.line(`${what}: waits in ticket #${ticket}`);
      else if (outcomes.length === 0) terminal.line(`${what}: as at version ${version} already`);
      else terminal.line(`${what}: as at version ${version} again, now version ${now}`);
      return ticket === null ? EXIT.ok : EXIT.failed;
    });
  },
};

function describe(path: string, lines: RestoredLines | undefined): string {
  if (!lines) return path;
  const [first, last] = [lines.firstLine + 1, lines.lastLine + 1];
  return first === last ? `${path}, line ${first}` : `${path}, lines ${first}–${last}`;
}

function linesOf(line: CommandLine): RestoredLines | undefined {
  const text = line.text('lines');
  if (text === undefined) return undefined;
  const match = /^([1-9]\d{0,9})-([1-9]\d{0,9})$/.exec(text);
  if (!match) throw new UsageError(`--lines must be like 3-7: ${text}`);
  return { side: 'now', firstLine: Number(match[1]) - 1, lastLine: Number(match[2]) - 1 };
}
