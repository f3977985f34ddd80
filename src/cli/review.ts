import { lookForReview } from '../review/export-review.ts';
import { Review } from '../review/review.ts';
import type { ReviewHunk } from '../review/review-hunk.ts';
import type { AgentNode } from '../review/review-tree.ts';
import { exportRule } from '../world/export-rule.ts';
import type { WorldView } from '../world/world-view.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { nameOf } from './member-name.ts';
import { withWorld } from './with-world.ts';

export const reviewCommand: Command = {
  name: 'review',
  usage: '[WORLD]',
  summary: 'what agents did that nobody has kept or taken back yet',
  explanation: `
Lists what agents did and nobody has decided about, by agent, turn, file and hunk. With --json a hunk comes with its
lines as they were and as they are. Looking decides nothing: agent-world keep says that it stays, and agent-world
take-back MEMBER --unreviewed takes it back.`,
  options: [],
  positionals: [0, 1],
  run(context, line) {
    const { terminal, machine, signal } = context;
    return withWorld(context, line.positionals[0], async (session) => {
      await session.whenOnline(signal);
      const isNeeded = exportRule(session) === 'reviewed';
      // So files in which nothing is left hold no export of an agent up.
      if (isNeeded) await lookForReview(session, machine.randomBytes, { signal });
      const tree = await new Review(session, machine.randomBytes).tree(signal);
      for (const agent of tree) {
        for (const each of hunksAsJson(agent, session.view)) terminal.json(each);
        for (const text of describeAgent(agent, session.view)) terminal.line(text);
      }
      if (tree.length === 0) terminal.line('Everything that agents did was looked at.');
      else if (isNeeded) {
        terminal.note('This world asks for it to be looked at before an export.');
      }
      return EXIT.ok;
    });
  },
};

function hunksAsJson({ agent, turns }: AgentNode, view: WorldView): readonly object[] {
  const agentName = nameOf(view, agent);
  return turns.flatMap(({ turn, files }) =>
    files.flatMap(({ head: { path }, hunks }) =>
      hunks.map((hunk) => {
        return { agent, agentName, turn: turn ?? null, path, ...hunkAsJson(hunk, view) };
      }),
    ),
  );
}

/** A hunk for programs. */
function hunkAsJson(hunk: ReviewHunk, view: WorldView): object {
  const { version, firstSeq, lastSeq } = hunk;
  if (hunk.tag === 'whole') return { version, firstSeq, lastSeq, change: hunk.change };
  const { what, lines, before, after, builtOn, overwrittenBy } = hunk;
  return {
    version,
    firstSeq,
    lastSeq,
    change: { kind: what, firstLine: lines[0] + 1, lastLine: lines[1] + 1, before, after },
    builtOn: builtOn.map(({ text, origin }) => ({ text, name: nameOf(view, origin.author) })),
    overwrittenBy: overwrittenBy.map((author) => nameOf(view, author)),
  };
}

/** Shows no text of files. */
function describeAgent({ agent, turns }: AgentNode, view: WorldView): readonly string[] {
  const lines = turns.flatMap(({ turn, files }) => [
    turn === undefined ? '  outside of any turn' : `  turn #${turn}`,
    ...files.flatMap(({ head, hunks }) => [
      `    ${head.path}`,
      ...hunks.map((hunk) => `      ${describeHunk(hunk, view)}`),
    ]),
  ]);
  return [nameOf(view, agent), ...lines];
}

/** A hunk in one line, without its text. */
export function describeHunk(hunk: ReviewHunk, view: WorldView): string {
  if (hunk.tag === 'whole') {
    const { change } = hunk;
    switch (change.kind) {
      case 'created':
        return 'made the file';
      case 'deleted':
        return change.isDeleted ? 'deleted the file' : 'brought the deleted file back';
      case 'renamed':
        return `renamed it, from ${change.from}`;
      case 'mode':
        return 'changed its mode or line ends';
      case 'content':
        return 'replaced the whole content';
    }
  }
  const { what, lines, builtOn, overwrittenBy } = hunk;
  const [first, last] = lines.map((line) => line + 1);
  const where = first === last ? `line ${first}` : `lines ${first}–${last}`;
  const authors = [...builtOn.map(({ origin }) => origin.author), ...overwrittenBy];
  const others = [...new Set(authors)].map((author) => nameOf(view, author));
  const built = others.length === 0 ? '' : `, ${others.join(', ')} built on it`;
  return `${where}: ${what}${built}`;
}
