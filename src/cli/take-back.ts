import { isClean, type TakeBackChoice, type TakeBackHunk } from '../core/take-back.ts';
import { applyTakeBack, type TakeBackChoices } from '../world/apply-take-back.ts';
import { planMemberTakeBack, type TakeBackFile, type TakeBackPlan } from '../world/take-back.ts';
import type { WorldView } from '../world/world-view.ts';
import { Review } from '../review/review.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { selectionOf, tellResult } from './keep.ts';
import { findAuthor, nameOf } from './member-name.ts';
import { describeHunk as describeUnreviewed } from './review.ts';
import { turnNumber } from './turns.ts';
import { withWorld } from './with-world.ts';
import { findFile } from './world-file.ts';

export const takeBackCommand: Command = {
  name: 'take-back',
  usage: 'MEMBER [WORLD]',
  summary: 'takes back what one member did, and nothing else',
  explanation: `
Shows what is left of a member's work since a point, file by file, and what others built on it. With
--apply it is taken back, as one change of your own; what others built on stays unless --all is given,
and even then not a character of theirs goes.

With --unreviewed it is about what nobody has kept or taken back yet, and taking that back decides it, too.

  agent-world take-back formatter --since "before the night"
  agent-world take-back formatter --since 1200 --apply
  agent-world take-back formatter --unreviewed --file a.ts --lines 3-9 --say "leave these" --apply`,
  options: [
    { name: 'turn', value: 'N', meaning: 'only what was done in this turn of the member’s' },
    { name: 'since', value: 'POINT', meaning: 'an op number, or a checkpoint’s name (the start)' },
    { name: 'file', value: 'PATH', meaning: 'only in this file' },
    {
      name: 'unreviewed',
      meaning: 'only what nobody has kept or taken back yet (agent-world review)',
    },
    { name: 'lines', value: 'A-B', meaning: 'with --unreviewed and --file: only on these lines' },
    { name: 'say', value: 'TEXT', meaning: 'with --unreviewed: tell the agent this' },
    { name: 'apply', meaning: 'do it' },
    { name: 'all', meaning: 'with --apply: also where others built on it' },
  ],
  positionals: [1, 2],
  run(context, line) {
    const { terminal, machine, signal } = context;
    if (line.flag('unreviewed')) return takeUnreviewed(context, line);
    const extra = ['lines', 'say'].find((option) => line.text(option) !== undefined);
    if (extra) throw new UsageError(`--${extra} goes with --unreviewed`);
    return withWorld(context, line.positionals[1], async (session) => {
      await session.whenOnline(signal);
      const { view } = session;
      const file = line.text('file');
      const turn = line.text('turn');
      const turnId = turn === undefined ? undefined : turnNumber(turn);
      const request = {
        member: findAuthor(view, line.positionals[0]!),
        // Nothing of a turn is older than it.
        sinceSeq: turnId ?? pointOf(view, line.text('since')),
        turn: turnId,
        fileId: file === undefined ? undefined : findFile(view, file).fileId,
      };
      const plan = await planMemberTakeBack(session, request, signal);
      for (const each of plan.files) {
        terminal.json(fileAsJson(each, view));
        for (const text of describe(each, view)) terminal.line(text);
      }
      if (plan.files.length === 0) terminal.line('Nothing is left there to take back.');
      if (!line.flag('apply') || plan.files.length === 0) return EXIT.ok;
      const changer = { session, randomBytes: machine.randomBytes, author: '', signal };
      const result = await applyTakeBack(changer, plan, choicesOf(plan, line.flag('all')));
      terminal.json({ result });
      const { applied, ticketIds, refused } = result;
      terminal.line(`taken back: ${applied} ops`);
      for (const ticket of ticketIds) terminal.line(`waits in ticket #${ticket}`);
      for (const { path, message } of refused) terminal.line(`${path}: ${message}`);
      return ticketIds.length + refused.length === 0 ? EXIT.ok : EXIT.failed;
    });
  },
};

function takeUnreviewed(context: Context, line: CommandLine): Promise<number> {
  if (line.text('since') !== undefined) throw new UsageError('One of --unreviewed and --since');
  const { terminal, machine, signal } = context;
  return withWorld(context, line.positionals[1], async (session) => {
    await session.whenOnline(signal);
    const { view } = session;
    const review = new Review(session, machine.randomBytes);
    const member = findAuthor(view, line.positionals[0]!);
    const files = await review.files(selectionOf(line, view, member), signal);
    for (const { head, hunks } of files) {
      terminal.line(head.path);
      for (const hunk of hunks) terminal.line(`  ${describeUnreviewed(hunk, view)}`);
    }
    if (files.length === 0) terminal.line('Nothing is left there to look at.');
    if (!line.flag('apply') || files.length === 0) return EXIT.ok;
    const hunks = files.flatMap((file) => file.hunks);
    const options = { words: line.text('say'), withOthers: line.flag('all'), signal };
    return tellResult(context, view, 'taken back', await review.takeBack(hunks, options));
  });
}

function pointOf(view: WorldView, named: string | undefined): number {
  if (named === undefined) return 0;
  if (/^\d{1,10}$/.test(named)) return Number(named);
  const points = [...view.notes.values()].filter(
    ({ kind, text }) => kind === 'checkpoint' && text === named,
  );
  const newest = points.sort((a, b) => b.noteId - a.noteId)[0];
  if (newest) return newest.noteId;
  throw new UsageError(`No checkpoint is called ${named}`);
}

function choicesOf({ files }: TakeBackPlan, isAll: boolean): TakeBackChoices {
  return new Map(
    files.map(({ head, hunks }) => {
      const choice = (hunk: TakeBackHunk): TakeBackChoice =>
        isAll || isClean(hunk) ? 'take' : 'keep';
      const isWhole = hunks.every((hunk) => hunk.builtOn.length === 0 && choice(hunk) === 'take');
      return [head.fileId, { hunks: hunks.map(choice), fate: isWhole }];
    }),
  );
}

function fileAsJson({ head, hunks, fate, hasWholeContent }: TakeBackFile, view: WorldView): object {
  return {
    path: head.path,
    version: head.version,
    fate: fate ?? null,
    hasWholeContent,
    hunks: hunks.map(({ start, end, removed, restored, firstSeq, lastSeq, builtOn }) => ({
      firstLine: start.line + 1,
      lastLine: end.line + 1,
      firstSeq,
      lastSeq,
      removed,
      restored,
      builtOn: builtOn.map(({ text, origin }) => ({ text, name: nameOf(view, origin.author) })),
    })),
  };
}

/** Shows no text of files. */
function describe({ head, hunks, fate, hasWholeContent }: TakeBackFile, view: WorldView): string[] {
  const about = [
    fate ? ` (${fate.tag})` : '',
    hasWholeContent ? ' (whole contents stay: see restore-file)' : '',
  ].join('');
  return [`${head.path}${about}`, ...hunks.map((hunk) => `  ${describeHunk(hunk, view)}`)];
}

function describeHunk(hunk: TakeBackHunk, view: WorldView): string {
  const { start, end, removed, restored, builtOn, overwrittenBy } = hunk;
  const lines =
    start.line === end.line ? `line ${start.line + 1}` : `lines ${start.line + 1}–${end.line + 1}`;
  const origins = [...builtOn.map(({ origin }) => origin), ...overwrittenBy];
  const others = [...new Set(origins.map(({ author }) => nameOf(view, author)))];
  const built = others.length === 0 ? '' : `, ${others.join(', ')} built on it`;
  return `${lines}: ${removed.length} characters go, ${restored.length} come back${built}`;
}
