/**
 * Owns: answering what folders ask, by whatever way the user got there. Does not know: how questions are
 * shown.
 */
import * as vscode from 'vscode';
import { RESTORATION_ANSWERS, type RestorationAnswer } from '../../core/restoration.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { Restoration } from '../../world/restoration-rows.ts';
import {
  answerRestoration,
  isLeftBehind,
  isWaiting,
  withdrawRestoration,
} from '../../world/restorations.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { WorldError } from '../../world/world-error.ts';
import { answerableQuestions, mayAnswer } from './asked-questions.ts';
import { type QuestionNode, questionNumberOf } from './question-tree.ts';
import {
  answeredText,
  answerersText,
  answerLabel,
  answerMeaning,
  causeText,
  endedText,
  folderText,
  questionText,
} from './question-words.ts';

/** The command of each answer. */
export const COMMAND_OF = {
  put_back: 'putBackInFolder',
  take: 'takeFromFolder',
  leave: 'leaveFolder',
} as const satisfies Readonly<Record<RestorationAnswer, string>>;

const FILES_NAMED = 10;

export class QuestionCommands {
  readonly #randomBytes: RandomBytes;

  constructor(randomBytes: RandomBytes) {
    this.#randomBytes = randomBytes;
  }

  /** Asks which answer to give; `argument` is a row of the list, or nothing. */
  async ask(current: FolderWorld, argument: unknown): Promise<void> {
    const question = await this.#question(current, argument);
    if (question === undefined || !this.#isForUser(current, question)) return;
    if (isLeftBehind(current.session.view, question)) {
      await this.#end(current, question);
      return;
    }
    const answers = RESTORATION_ANSWERS.filter((answer) => answer !== question.answer);
    const picked = await vscode.window.showQuickPick(
      answers.map((answer) => ({
        label: answerLabel(question.cause, answer),
        detail: answerMeaning(question.cause, answer),
        answer,
      })),
      { title: questionText(current.session, question), matchOnDetail: true },
    );
    if (picked) await this.#send(current, question, picked.answer);
  }

  async answer(current: FolderWorld, argument: unknown, answer: RestorationAnswer): Promise<void> {
    const question = await this.#question(current, argument);
    if (question === undefined || !this.#isForUser(current, question)) return;
    if (isLeftBehind(current.session.view, question)) await this.#end(current, question);
    else await this.#send(current, question, answer);
  }

  /** Of who was removed nobody keeps the folder: no answer would do anything there. */
  async #end({ session }: FolderWorld, question: Restoration): Promise<void> {
    const { t } = vscode.l10n;
    const detail = t('Whose folder it is was removed. Nothing is taken from it or put into it.');
    const picked = await vscode.window.showQuickPick([{ label: t('End the Question'), detail }], {
      title: questionText(session, question),
    });
    if (!picked) return;
    await withdrawRestoration(session, question.restorationId, this.#randomBytes);
    vscode.window.setStatusBarMessage(t('The question is ended.'), 8_000);
  }

  async #question({ session }: FolderWorld, argument: unknown): Promise<Restoration | undefined> {
    const { questions } = session.view.restorations;
    const number = questionNumber(argument);
    if (number !== undefined) {
      const known = questions.get(number);
      if (known === undefined) tell(endedText(session, undefined));
      return known;
    }
    const answerable = answerableQuestions(session);
    if (answerable.length === 0) {
      tell(vscode.l10n.t('No folder asks anything that you may answer.'));
      return undefined;
    }
    if (answerable.length === 1) return answerable[0];
    const picked = await vscode.window.showQuickPick(
      answerable.map((question) => ({
        label: causeText(question),
        description: folderText(session, question),
        detail: question.items.map(({ path }) => path).join(', '),
        question,
      })),
      {
        title: vscode.l10n.t('Which question do you want to answer?'),
        matchOnDescription: true,
        matchOnDetail: true,
      },
    );
    return picked?.question;
  }

  /** Says why not where it is not. */
  #isForUser({ session }: FolderWorld, question: Restoration): boolean {
    if (!isWaiting(question)) tell(endedText(session, question));
    else if (!mayAnswer(session, question)) tell(answerersText(session, question));
    else return true;
    return false;
  }

  async #send(
    current: FolderWorld,
    question: Restoration,
    answer: RestorationAnswer,
  ): Promise<void> {
    const { session } = current;
    if (answer === 'take' && !(await confirmDeletes(current, question))) return;
    const { restorationId } = question;
    try {
      await answerRestoration(session, restorationId, answer, this.#randomBytes);
    } catch (error) {
      const isLate =
        error instanceof WorldError &&
        /^(already_resolved|no_such_restoration)\b/.test(error.message);
      if (!isLate) throw error;
      tell(endedText(session, session.view.restorations.questions.get(restorationId)));
      return;
    }
    vscode.window.setStatusBarMessage(answeredText(answer), 8_000);
  }
}

/** The question's number that a command was given; undefined for none. */
function questionNumber(argument: unknown): number | undefined {
  return typeof argument === 'string' && /^(question|file|more) \d/.test(argument)
    ? questionNumberOf(argument as QuestionNode)
    : undefined;
}

/** What is taken may be that files are gone: nobody shall delete them for everybody by one click. */
async function confirmDeletes({ session }: FolderWorld, question: Restoration): Promise<boolean> {
  const { t } = vscode.l10n;
  const gone = question.items.filter(({ what }) => what === 'deleted');
  if (gone.length === 0) return true;
  const rest = question.fileCount - question.items.length;
  const named = gone.slice(0, FILES_NAMED).map(({ path }) => path);
  const more = gone.length - named.length + rest;
  const detail = [
    ...named,
    ...(more > 0 ? [t('and {0} more', more)] : []),
    '',
    t('The history can bring them back.'),
  ];
  const yes = t('Delete for Everybody');
  const picked = await vscode.window.showWarningMessage(
    t('Delete for everybody what is gone in {0}?', folderText(session, question)),
    { modal: true, detail: detail.join('\n') },
    yes,
  );
  return picked === yes;
}

function tell(text: string): void {
  void vscode.window.showInformationMessage(text);
}
