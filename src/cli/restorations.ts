import type { RestorationAnswer } from '../core/restoration.ts';
import type { Restoration } from '../world/restoration-rows.ts';
import {
  answererNames,
  answerersOf,
  answerText,
  restorationSentence,
} from '../world/restoration-words.ts';
import {
  answerRestoration,
  isLeftBehind,
  mayAnswerRestoration,
  standingRestorations,
  withdrawRestoration,
} from '../world/restorations.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Command, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { nameOf } from './member-name.ts';
import { withWorld } from './with-world.ts';

export const restorationsCommand: Command = {
  name: 'restorations',
  usage: '[answer N put-back|take|leave] [end N]',
  summary: 'folders in which a tool put old text back, and what shall become of it',
  explanation: `
Lists what folders ask: in whose folder what put old text of files back over others' work, or took files
away, whose work it is, and who may answer. Nothing changes for others until somebody has answered:
  put-back  the world's text goes into the folder; what was newly written there stays, as an edit
  take      what the folder has goes into the world, judged like any edit; files that are gone there
            are deleted for everybody
  leave     the folder stays as it is, and nothing in it is kept in step until these files are as the
            world has them, or until it is answered anew
Where whose folder it is was removed from the world nobody would do that: end N ends such a question, and
nothing is taken from the folder or put into it.
An owner may answer, those whose work it is, and a person for their own folder; never the agent whose
folder it is. Whether folders ask at all is one of the world's rules: agent-world policy.`,
  options: [
    { name: 'world', value: 'WORLD', meaning: 'which world; otherwise the one of this folder' },
  ],
  positionals: [0, 3],
  run(context, line) {
    const wanted = wantedAnswer(line.positionals);
    return withWorld(context, line.text('world'), async (session) => {
      if (!wanted) return list(context, session);
      const { number, answer } = wanted;
      return answer ? give(context, session, number, answer) : end(context, session, number);
    });
  },
};

interface Wanted {
  readonly number: number;
  /** Undefined where the question is to be ended. */
  readonly answer: RestorationAnswer | undefined;
}

/** Undefined where the questions are to be listed. Throws `UsageError`. */
function wantedAnswer(words: readonly string[]): Wanted | undefined {
  const [verb, named, word] = words;
  if (verb === undefined) return undefined;
  const isEnd = verb === 'end';
  const isWhole = named !== undefined && isEnd === (word === undefined);
  if (!isWhole || !(isEnd || verb === 'answer')) {
    throw new UsageError('Say agent-world restorations answer N put-back|take|leave, or end N');
  }
  const number = Number(/^#?(\d{1,9})$/.exec(named)?.[1]);
  if (!(number > 0)) throw new UsageError(`Not a question's number: ${named}`);
  if (word === undefined) return { number, answer: undefined };
  const answer = ANSWERS.get(word);
  if (!answer) throw new UsageError(`An answer is ${[...ANSWERS.keys()].join(', ')}: ${word}`);
  return { number, answer };
}

async function give(
  { machine, signal, terminal }: Context,
  session: WorldSession,
  number: number,
  answer: RestorationAnswer,
): Promise<ExitCode> {
  const asked = session.view.restorations.questions.get(number);
  await answerRestoration(session, number, answer, machine.randomBytes, signal);
  terminal.json({ question: number, answer });
  if (asked) terminal.line(answerText(answer, asked));
  return EXIT.ok;
}

async function end(
  { machine, signal, terminal }: Context,
  session: WorldSession,
  number: number,
): Promise<ExitCode> {
  await withdrawRestoration(session, number, machine.randomBytes, signal);
  terminal.json({ question: number, answer: null });
  terminal.line('The question is ended. Nothing was taken from the folder or put into it.');
  return EXIT.ok;
}

function list({ terminal }: Context, session: WorldSession): ExitCode {
  const { view, identity } = session;
  const questions = standingRestorations(view);
  for (const question of questions) {
    terminal.json(asJson(session, question));
    const { restorationId, items, fileCount, answer, answeredBy } = question;
    terminal.line(`#${restorationId}  ${restorationSentence(view, identity, question)}`);
    for (const { path, what } of items) {
      terminal.line(what === 'deleted' ? `      ${path} (gone)` : `      ${path}`);
    }
    const more = fileCount - items.length;
    if (more > 0) terminal.line(`      and ${more} more`);
    if (answer === 'leave' && answeredBy !== undefined) {
      terminal.line(`    left as it is by ${nameOf(view, answeredBy)}; it can be answered anew`);
    }
    const names = answererNames(view, identity, question);
    const isEnd = isLeftBehind(view, question);
    if (isEnd) terminal.line('    whose folder it is was removed: it can only be ended');
    terminal.line(`    may ${isEnd ? 'end it' : 'answer'}: ${names}`);
  }
  if (questions.length === 0) terminal.line('No folder asks anything.');
  return EXIT.ok;
}

function asJson({ view, identity }: WorldSession, question: Restoration): object {
  const { restorationId, folderOf, folderName, cause, items, fileCount, owners } = question;
  return {
    question: restorationId,
    status: question.status,
    answer: question.answer ?? null,
    answeredBy: question.answeredBy ?? null,
    folderOf,
    name: nameOf(view, folderOf),
    folderName,
    cause,
    items,
    fileCount,
    owners,
    mayAnswer: answerersOf(view, question),
    isLeftBehind: isLeftBehind(view, question),
    isYours: mayAnswerRestoration(view, identity, question),
    askedAtMs: question.askedAtMs,
  };
}

/** As they are typed, and as the world takes them. */
const ANSWERS: ReadonlyMap<string, RestorationAnswer> = new Map([
  ['put-back', 'put_back'],
  ['take', 'take'],
  ['leave', 'leave'],
]);
