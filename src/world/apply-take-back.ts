import { takeBackEdit, type TakeBackChoice } from '../core/take-back.ts';
import {
  bringBackFile,
  deleteFile,
  editFiles,
  type FileChanger,
  type FileEdit,
  renameFile,
} from './change-file.ts';
import { type ChangeResult, ChangeTally } from './change-tally.ts';
import type { TakeBackFile, TakeBackPlan } from './take-back.ts';
import type { Outcome } from './world-rows.ts';

/** What is to be done in one file. */
export interface FileChoice {
  /** In the order of the file's hunks. */
  readonly hunks: readonly TakeBackChoice[];
  /** Whether what became of the file as a whole is undone, too. */
  readonly fate: boolean;
}

/** Choices by file id; what is not named stays. */
export type TakeBackChoices = ReadonlyMap<number, FileChoice>;

/**
 * Does what was chosen of a plan, as the changer's own work: the edits of all files as one batch,
 * after files were brought back or renamed and before files are deleted. Rejects only when the
 * world cannot be reached.
 */
export async function applyTakeBack(
  changer: FileChanger,
  plan: TakeBackPlan,
  choices: TakeBackChoices,
): Promise<ChangeResult> {
  const chosen = plan.files
    .map((file) => ({ file, choice: choices.get(file.head.fileId) }))
    .filter((each): each is Chosen => each.choice !== undefined);
  const tally = new ChangeTally();
  for (const { file, choice } of chosen) {
    if (choice.fate) await tally.add(file.head.path, () => beforeEdits(changer, file));
  }
  const edits = chosen.filter((each) => !isDeleted(each)).flatMap(editOf);
  if (edits.length > 0) {
    await tally.add(pathsOf(plan, edits), () => editFiles(changer, edits));
  }
  for (const each of chosen.filter(isDeleted)) {
    await tally.add(each.file.head.path, () => deleteFile(changer, each.file.head));
  }
  return tally.result();
}

interface Chosen {
  readonly file: TakeBackFile;
  readonly choice: FileChoice;
}

function isDeleted({ file, choice }: Chosen): boolean {
  return choice.fate && file.fate?.tag === 'created';
}

function editOf({ file, choice }: Chosen): FileEdit[] {
  const { fileId, version } = file.head;
  const edit = takeBackEdit(file.hunks, choice.hunks);
  return edit.changes.length === 0 ? [] : [{ fileId, version, ...edit }];
}

function beforeEdits(
  changer: FileChanger,
  { head, fate }: TakeBackFile,
): Promise<readonly Outcome[]> {
  switch (fate?.tag) {
    case 'deleted':
      return bringBackFile(changer, head);
    case 'renamed':
      return renameFile(changer, head, fate.from);
    default:
      return Promise.resolve([]);
  }
}

function pathsOf({ files }: TakeBackPlan, edits: readonly FileEdit[]): string {
  const ids = new Set(edits.map(({ fileId }) => fileId));
  return files
    .filter(({ head }) => ids.has(head.fileId))
    .map(({ head }) => head.path)
    .join(', ');
}
