/** What folders ask, in words of the editor. */
import * as vscode from 'vscode';
import { cleanName } from '../../core/member-name.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { RestorationAnswer, RestorationCause } from '../../core/restoration.ts';
import { memberName } from '../../world/member-name.ts';
import type { Restoration } from '../../world/restoration-rows.ts';
import { answerersOf } from '../../world/restoration-words.ts';
import { isLeftBehind } from '../../world/restorations.ts';
import type { WorldSession } from '../../world/world-session.ts';

const NAMES_SHOWN = 5;

/** What a folder asks, in one sentence without its full stop. */
export function questionText(session: WorldSession, question: Restoration): string {
  const { t } = vscode.l10n;
  const { cause, fileCount } = question;
  const folder = folderText(session, question);
  const work = workText(session, question);
  const isOne = fileCount === 1;
  if (question.owners.length === 0 && cause !== 'git' && cause !== 'tool')
    return ownText(session, question);
  switch (cause) {
    case 'git':
      return isOne
        ? t('git in {0} puts back a file as it was before {1}', folder, work)
        : t('git in {0} puts back {1} files as they were before {2}', folder, fileCount, work);
    case 'tool':
      return isOne
        ? t('A tool in {0} puts back a file as it was before {1}', folder, work)
        : t('A tool in {0} puts back {1} files as they were before {2}', folder, fileCount, work);
    case 'deleted':
      return isOne
        ? t('A file went away in {0}, with {1}', folder, work)
        : t('{0} files went away together in {1}, with {2}', fileCount, folder, work);
    case 'missing_folder':
      return t(
        '{0} is missing or empty. {1} files were there, with {2}',
        startOf(folder),
        fileCount,
        work,
      );
    case 'lfs_pointer':
      return isOne
        ? t('In {0} an LFS pointer is in the place of a file’s content, with {1}', folder, work)
        : t(
            'In {0} LFS pointers are in the place of the contents of {1} files, with {2}',
            folder,
            fileCount,
            work,
          );
  }
}

/** What went away is all the folder's own, or an import's. */
function ownText(session: WorldSession, question: Restoration): string {
  const { t } = vscode.l10n;
  const { cause, fileCount } = question;
  const folder = folderText(session, question);
  const isOne = fileCount === 1;
  if (cause === 'missing_folder') {
    return t('{0} is missing or empty. {1} files were there', startOf(folder), fileCount);
  }
  if (cause === 'lfs_pointer') {
    return isOne
      ? t('In {0} an LFS pointer is in the place of a file’s content', folder)
      : t('In {0} LFS pointers are in the place of the contents of {1} files', folder, fileCount);
  }
  return isOne
    ? t('A file went away in {0}', folder)
    : t('{0} files went away together in {1}', fileCount, folder);
}

/** What happened, in few words, for a row. */
export function causeText({ cause, fileCount }: Restoration): string {
  const { t } = vscode.l10n;
  const isOne = fileCount === 1;
  switch (cause) {
    case 'git':
      return isOne ? t('git puts back a file') : t('git puts back {0} files', fileCount);
    case 'tool':
      return isOne ? t('A tool puts back a file') : t('A tool puts back {0} files', fileCount);
    case 'deleted':
      return isOne ? t('A file went away') : t('{0} files went away', fileCount);
    case 'missing_folder':
      return t('The folder is missing or empty');
    case 'lfs_pointer':
      return isOne ? t('An LFS pointer for a file') : t('LFS pointers for {0} files', fileCount);
  }
}

/** Why a file waits, where it is seen. */
export function waitingText(cause: RestorationCause): string {
  const { t } = vscode.l10n;
  switch (cause) {
    case 'git':
      return t('Waits for an answer: git put back older text');
    case 'tool':
      return t('Waits for an answer: a tool put back older text');
    case 'deleted':
      return t('Waits for an answer: it went away in this folder');
    case 'missing_folder':
      return t('Waits for an answer: the folder is missing or empty');
    case 'lfs_pointer':
      return t('Waits for an answer: an LFS pointer is in the place of the content');
  }
}

/** The same beside the text that the editor of such a file shows, in few words. */
export function noteText(what: 'changed' | 'deleted'): string {
  return what === 'deleted'
    ? vscode.l10n.t('gone in this folder, which waits for an answer; here is the world’s text')
    : vscode.l10n.t('the folder has other text, which waits for an answer; here is the world’s');
}

/** What an answer is called for what has happened. */
export function answerLabel(cause: RestorationCause, answer: RestorationAnswer): string {
  const { t } = vscode.l10n;
  const isGone = cause === 'deleted' || cause === 'missing_folder';
  switch (answer) {
    case 'put_back':
      if (isGone) return t('Put the Files Back');
      return cause === 'lfs_pointer' ? t('Put the Content Back') : t('Put Our Text Back');
    case 'take':
      if (isGone) return t('Delete for Everybody');
      return cause === 'lfs_pointer' ? t('Take the Pointer') : t('Take It');
    case 'leave':
      return cause === 'missing_folder'
        ? t('Let Go of the Folder')
        : t('Leave the Folder as It Is');
  }
}

/** What an answer does, in a sentence. */
export function answerMeaning(cause: RestorationCause, answer: RestorationAnswer): string {
  const { t } = vscode.l10n;
  const isGone = cause === 'deleted' || cause === 'missing_folder';
  switch (answer) {
    case 'put_back':
      return isGone
        ? t('The files are made again in the folder as the world has them.')
        : t(
            'The world’s text goes into the folder. What was newly written there stays, as an edit.',
          );
    case 'take':
      return isGone
        ? t('The files are deleted in the world. The history can bring them back.')
        : t('What the folder has goes into the world, judged like any edit.');
    case 'leave':
      return t('The folder pauses until it is as the world has it, or until another answer.');
  }
}

/** What was done by an answer, for the status bar. */
export function answeredText(answer: RestorationAnswer): string {
  const { t } = vscode.l10n;
  switch (answer) {
    case 'put_back':
      return t('What the world has is put back into the folder.');
    case 'take':
      return t('What the folder has is taken into the world.');
    case 'leave':
      return t('The folder stays as it is, and pauses.');
  }
}

/** Why a question takes no answer any more. */
export function endedText(session: WorldSession, question: Restoration | undefined): string {
  const { t } = vscode.l10n;
  if (question && isLeftBehind(session.view, question)) {
    return t('Whose folder it is was removed, and the question was ended.');
  }
  if (question?.status !== 'answered' || question.answeredBy === undefined) {
    return t('This folder asks no more: it is in step with the world again.');
  }
  const who =
    question.answeredBy === session.identity
      ? t('You')
      : memberName(session.view, question.answeredBy);
  return t(
    '{0} answered already: {1}',
    who,
    answerLabel(question.cause, question.answer ?? 'leave'),
  );
}

/** Who may answer, for who may not. */
export function answerersText(session: WorldSession, question: Restoration): string {
  const names = answerersOf(session.view, question);
  return names.length === 0
    ? vscode.l10n.t('Nobody who is a member now may answer.')
    : vscode.l10n.t('These may answer: {0}', namesText(session, names));
}

/** “bot’s folder “site””, as a part of a sentence. */
export function folderText(session: WorldSession, { folderOf, folderName }: Restoration): string {
  const { t } = vscode.l10n;
  const name = cleanName(folderName);
  if (folderOf === session.identity) {
    return name === '' ? t('your folder') : t('your folder “{0}”', name);
  }
  const whose = memberName(session.view, folderOf);
  return name === '' ? t('{0}’s folder', whose) : t('{0}’s folder “{1}”', whose, name);
}

/** Whose work would go away, as a part of a sentence. */
export function workText(session: WorldSession, { owners }: Restoration): string {
  const { t } = vscode.l10n;
  const others = owners.filter((owner) => owner !== session.identity);
  const isUsers = others.length < owners.length;
  if (others.length === 0) return isUsers ? t('your work') : t('work of others');
  const names = namesText(session, others);
  return isUsers ? t('your work and that of {0}', names) : t('work of {0}', names);
}

function namesText(session: WorldSession, identities: readonly IdentityHex[]): string {
  const names = identities.map((each) =>
    each === session.identity ? vscode.l10n.t('you') : memberName(session.view, each),
  );
  const shown = names.length > NAMES_SHOWN ? names.slice(0, NAMES_SHOWN - 1) : names;
  const rest = names.length - shown.length;
  const all = rest === 0 ? shown : [...shown, vscode.l10n.t('{0} others', rest)];
  return new Intl.ListFormat(vscode.env.language, { type: 'conjunction' }).format(all);
}

function startOf(text: string): string {
  return text.charAt(0).toLocaleUpperCase(vscode.env.language) + text.slice(1);
}
