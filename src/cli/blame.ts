import type { AuthoredLines } from '../core/authorship.ts';
import { authorshipOfFile } from '../core/authorship-fold.ts';
import { turnOf } from '../core/turn.ts';
import { readFile } from '../world/file-reader.ts';
import { readFileOps } from '../world/read-file-ops.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldView } from '../world/world-view.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { nameOf } from './member-name.ts';
import { withWorld } from './with-world.ts';
import { findFile } from './world-file.ts';

export const blameCommand: Command = {
  name: 'blame',
  usage: 'PATH [WORLD]',
  summary: 'who wrote the lines of a file, person or agent',
  explanation: `
Prints for each run of lines who wrote most of it, the newest op that touched it, and when; of what an
agent wrote the turn, where that is known (agent-world turns). What came with the folder is the import's:
who brought it in need not have written it. With --json one object for each run of lines.`,
  options: [],
  positionals: [1, 2],
  run(context, line) {
    const { terminal, signal } = context;
    return withWorld(context, line.positionals[1], async (session) => {
      const link = await session.whenOnline(signal);
      const head = findFile(session.view, line.positionals[0]!);
      const file = await readFile(link, session.view, head.fileId);
      if (file.kind !== 'text') throw new WorldError('not_text', `${head.path} is not a text`);
      const ops = await readFileOps(link, head.fileId, 0, file.version);
      const authorship = authorshipOfFile(ops, head.fileId);
      const turns = new Map(ops.map((op) => [op.opSeq, turnOf(op)]));
      for (const lines of authorship?.linesByAuthor(file.text) ?? []) {
        const turn = turns.get(lines.newest.opSeq);
        const said = { ...asJson(lines, session.view), turn: turn ?? null };
        terminal.json({ path: head.path, version: file.version, ...said });
        terminal.line(
          `${describe(lines, session.view)}${turn === undefined ? '' : ` turn ${turn}`}`,
        );
      }
      return EXIT.ok;
    });
  },
};

function asJson(
  { firstLine, lastLine, author, isImported, newest }: AuthoredLines,
  view: WorldView,
) {
  return {
    firstLine: firstLine + 1,
    lastLine: lastLine + 1,
    author,
    name: nameOf(view, author),
    kind: view.members.get(author)?.kind ?? null,
    isImported,
    opSeq: newest.opSeq,
    madeAtMs: Number(newest.madeAtMicros / 1000n),
  };
}

function describe(lines: AuthoredLines, view: WorldView): string {
  const { firstLine, lastLine, name, kind, isImported, opSeq, madeAtMs } = asJson(lines, view);
  const place = `${firstLine}${lastLine > firstLine ? `–${lastLine}` : ''}`;
  const who = isImported ? `import (${name})` : kind === 'agent' ? `${name} (agent)` : name;
  const when = new Date(madeAtMs).toISOString().slice(0, 19).replace('T', ' ');
  return `${place.padEnd(9)} ${who.padEnd(20)} #${opSeq} ${when}`;
}
