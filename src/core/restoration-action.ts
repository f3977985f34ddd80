/** What the history keeps of a question about a folder, how long it may be, and how it is said. */
import { utf8Length } from './path.ts';
import {
  RESTORATION_ANSWERS,
  RESTORATION_CAUSES,
  RESTORATION_ITEMS,
  RESTORATION_OWNERS,
  type RestorationAnswer,
  type RestorationItem,
  type RestorationQuestion,
  type RestorationRule,
} from './restoration.ts';

/** With a note of the kind `restoration`: a question, or what became of the one with that number. */
export type RestorationAction =
  | (RestorationQuestion & { readonly does: 'ask' })
  | {
      readonly does: 'answer';
      readonly question: number;
      readonly answer: RestorationAnswer;
    }
  | { readonly does: 'withdraw'; readonly question: number };

/** Whether folders of agents ask, and those of people. */
export interface RestorationRules {
  readonly agents: RestorationRule;
  readonly people: RestorationRule;
}

export const DEFAULT_RESTORATION_RULES: RestorationRules = { agents: 'ask', people: 'ask' };
export const RESTORATION_RULES: readonly RestorationRule[] = ['ask', 'take'];

/** Questions of one member that wait, those that were answered by `leave` included. */
export const STANDING_RESTORATIONS = 32;
/** Ended questions of one member that still have a row; a mirror that was away reads its answers there. */
export const ENDED_RESTORATIONS = 32;

/** True while a question can still be answered, or answered anew. */
export function isStanding(question: {
  readonly status: string;
  readonly answer: string;
}): boolean {
  if (question.status === 'open') return true;
  return question.status === 'answered' && question.answer === 'leave';
}

/** The first of the items, as many as a row that everybody is sent has room for. */
export function fittingItems(items: readonly RestorationItem[]): readonly RestorationItem[] {
  let left = ITEMS_BYTES;
  let count = 0;
  for (const { path } of items.slice(0, RESTORATION_ITEMS)) {
    left -= utf8Length(path) + ITEM_FRAME_BYTES;
    if (left < 0) break;
    count += 1;
  }
  return items.slice(0, count);
}

/** The bytes that files and owners of a question take at most in its row. */
export const RESTORATION_LISTS_BYTES = 12 * 1024 + RESTORATION_OWNERS * 32;
const ITEMS_BYTES = 12 * 1024;
/** A number, and the lengths of two texts of which one is a short word. */
const ITEM_FRAME_BYTES = 19;

/** True for an action as the module writes it; a history that is replayed may say anything. */
export function isRestorationAction(action: RestorationAction): boolean {
  switch (action.does) {
    case 'ask':
      return isQuestion(action);
    case 'answer':
      return isCount(action.question) && RESTORATION_ANSWERS.includes(action.answer);
    case 'withdraw':
      return isCount(action.question);
    default:
      return false;
  }
}

function isQuestion(question: RestorationQuestion): boolean {
  const { cause, folderName, items, fileCount, owners } = question;
  const areItems = items.every(({ fileId, path, what }) => {
    return (
      isCount(fileId) && typeof path === 'string' && (what === 'changed' || what === 'deleted')
    );
  });
  const areOwners = owners.every((owner) => /^[0-9a-f]{64}$/.test(owner));
  const isShort =
    owners.length <= RESTORATION_OWNERS && fittingItems(items).length === items.length;
  const isKnown = RESTORATION_CAUSES.includes(cause) && typeof folderName === 'string';
  return isKnown && areItems && areOwners && isShort && isCount(fileCount) && fileCount > 0;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}

/** What the history says of an action to whoever knows notes only. */
export function noteTextOf(action: RestorationAction): string {
  switch (action.does) {
    case 'ask': {
      const { cause, fileCount, folderName } = action;
      const files = fileCount === 1 ? '1 file' : `${fileCount} files`;
      return `asked about ${files} in the folder ${folderName} (${CAUSES[cause]})`;
    }
    case 'answer':
      return `answered the question ${action.question}: ${ANSWERS[action.answer]}`;
    case 'withdraw':
      return `withdrew the question ${action.question}`;
  }
}

const CAUSES: Readonly<Record<RestorationQuestion['cause'], string>> = {
  git: 'git put old text back',
  tool: 'a tool put old text back',
  deleted: 'they went away together',
  missing_folder: 'the folder is missing or empty',
  lfs_pointer: 'a pointer of git LFS is in the place of the content',
};

const ANSWERS: Readonly<Record<RestorationAnswer, string>> = {
  put_back: 'put the world’s text back',
  take: 'take what the folder has',
  leave: 'leave the folder as it is',
};
