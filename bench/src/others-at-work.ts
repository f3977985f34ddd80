// What other members of a world do and see while a folder is busy.
import { setTimeout as delay } from 'node:timers/promises';
import { createFile, editFile } from '../../src/world/change-file.ts';
import { inLanes } from '../../src/world/in-lanes.ts';
import { answerRestoration, standingRestorations } from '../../src/world/restorations.ts';
import { mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';

/** A folder's question, as a member sees it. */
export interface AskedQuestion {
  /** In milliseconds since 1970, when it was there. */
  readonly shownMs: number;
  /** How many questions there are. */
  readonly questions: number;
  readonly files: number;
  readonly owners: number;
}

const TYPED_FILE = 'typed.md';
const KEY_PAUSE_MS = 30;
const EDITS_UNDER_WAY = 48;
/** What an edit of the owner puts before each file's text. */
export const READ_LINE = '// read by the owner\n';
const AT_THE_START = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };

/** Types so many keys, or until something is over, and tells what each took from one session to the other. */
export async function timeKeys({
  writer,
  reader,
  keys,
  over,
}: {
  readonly writer: WorldSession;
  readonly reader: WorldSession;
  readonly keys: number;
  readonly over: Promise<unknown> | undefined;
}): Promise<readonly number[]> {
  let isOver = false;
  const ended = over?.then(() => void (isOver = true));
  const changer = changerOf(writer);
  if (!writer.view.fileAt(TYPED_FILE)) {
    const content = { kind: 'text', text: '', eol: 'lf', bom: false } as const;
    await createFile(changer, TYPED_FILE, { content, mode: 'regular' });
  }
  const { fileId } = writer.view.fileAt(TYPED_FILE)!;
  const tookMs: number[] = [];
  while (over ? !isOver : tookMs.length < keys) {
    const { version } = writer.view.files.get(fileId)!;
    const seen = Promise.withResolvers<void>();
    const stop = reader.view.files.onChange(({ after }) => {
      if (after?.fileId === fileId && after.version > version) seen.resolve();
    });
    const startedMs = performance.now();
    await editFile(changer, { fileId, version, changes: [{ ...AT_THE_START, text: 'k' }] });
    await seen.promise;
    tookMs.push(performance.now() - startedMs);
    stop();
    await delay(KEY_PAUSE_MS);
  }
  await ended;
  return tookMs;
}

/** Resolves when so many files have another version than when it was called. */
export async function filesChanged({ view }: WorldSession, count: number): Promise<void> {
  const changed = new Set<number>();
  const done = Promise.withResolvers<void>();
  const stop = view.files.onChange(({ before, after }) => {
    if (!before || !after || after.version === before.version) return;
    if (after.path !== TYPED_FILE) changed.add(after.fileId);
    if (changed.size === count) done.resolve();
  });
  await done.promise;
  stop();
}

/** Puts a line before the text of every file, as one's own work. */
export async function editEachFile(session: WorldSession): Promise<void> {
  const files = [...session.view.files.values()].filter(
    ({ deleted, path }) => !deleted && path !== TYPED_FILE,
  );
  const world = mirrorWorldOf(
    session,
    () => newUuid(Date.now(), systemRandomBytes),
    new AbortController().signal,
  );
  await inLanes(files, EDITS_UNDER_WAY, async ({ fileId, version }) => {
    await world.edit(fileId, version, [{ ...AT_THE_START, text: READ_LINE }]);
  });
}

/** Resolves with the next question that a folder asks. */
export async function nextQuestion({ view }: WorldSession): Promise<AskedQuestion> {
  const asked = Promise.withResolvers<AskedQuestion>();
  const stop = view.restorations.questions.onChange(({ after }) => {
    if (!after) return;
    asked.resolve({
      shownMs: Date.now(),
      questions: standingRestorations(view).length,
      files: after.fileCount,
      owners: after.owners.length,
    });
  });
  try {
    return await asked.promise;
  } finally {
    stop();
  }
}

/** Answers the one question there is: the folder's text is to be taken. */
export async function takeAnswered(session: WorldSession): Promise<void> {
  const [question] = standingRestorations(session.view);
  if (!question) throw new Error('nobody asks');
  await answerRestoration(session, question.restorationId, 'take', systemRandomBytes);
}

function changerOf(session: WorldSession) {
  return { session, randomBytes: systemRandomBytes, author: '' as const };
}
