/** Questions of folders in plain English, for terminals and agents. */
import { cleanName } from '../core/member-name.ts';
import type { IdentityHex } from '../core/op.ts';
import type { RestorationAnswer } from '../core/restoration.ts';
import { memberName } from './member-name.ts';
import type { Restoration } from './restoration-rows.ts';
import { mayAnswerRestoration } from './restorations.ts';
import type { WorldView } from './world-view.ts';

/** What a folder asks, in one sentence without its full stop. `self` is who reads it. */
export function restorationSentence(
  view: WorldView,
  self: IdentityHex,
  question: Restoration,
): string {
  const { cause, fileCount, owners } = question;
  const folder = folderText(view, self, question);
  const files = fileCount === 1 ? '1 file' : `${fileCount} files`;
  const work = owners.length === 0 ? 'others’ work' : `work of ${namesOf(view, self, owners)}`;
  // What goes away may be all one's own, or an import's.
  const withWork = owners.length === 0 ? '' : `, with ${work}`;
  switch (cause) {
    case 'git':
      return `git in ${folder} puts back ${files} as ${wasText(fileCount)} before ${work}`;
    case 'tool':
      return `a tool in ${folder} puts back ${files} as ${wasText(fileCount)} before ${work}`;
    case 'deleted':
      return `${files} went away together in ${folder}${withWork}`;
    case 'missing_folder':
      return `${folder} is missing or empty: ${files}${withWork}`;
    case 'lfs_pointer':
      return `a git LFS pointer is in the place of the content of ${files} in ${folder}${withWork}`;
  }
}

/** Who may answer a question, in words. */
export function answererNames(view: WorldView, self: IdentityHex, question: Restoration): string {
  const names = namesOf(view, self, answerersOf(view, question));
  return names === '' ? 'nobody who is a member now' : names;
}

/** Present members who may answer a question. */
export function answerersOf(view: WorldView, question: Restoration): readonly IdentityHex[] {
  return [...view.members.values()]
    .filter(({ identity }) => mayAnswerRestoration(view, identity, question))
    .map(({ identity }) => identity);
}

/** What an answer does to the folder, as a sentence. */
export function answerText(
  answer: RestorationAnswer,
  { items }: Pick<Restoration, 'items'>,
): string {
  const gone = items.filter(({ what }) => what === 'deleted').length;
  switch (answer) {
    case 'put_back':
      return 'The world’s text is put back into the folder.';
    case 'take':
      if (gone === 0) return 'What the folder has is taken into the world.';
      return gone === items.length
        ? 'The files are deleted for everybody; the history can bring them back.'
        : 'What the folder has is taken into the world; files that are gone there are deleted for everybody.';
    case 'leave':
      return 'The folder stays as it is. It is not kept in step until it is as the world has it, or is answered anew.';
  }
}

/** Names in a sentence. */
export function namesOf(
  view: WorldView,
  self: IdentityHex,
  identities: readonly IdentityHex[],
): string {
  const names = identities.map((each) => (each === self ? 'you' : memberName(view, each)));
  const shown = names.length > NAMES_SHOWN ? names.slice(0, NAMES_SHOWN - 1) : names;
  const rest = names.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} others`] : shown;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)!}`;
}

function folderText(view: WorldView, self: IdentityHex, question: Restoration): string {
  const { folderOf, folderName } = question;
  const whose = folderOf === self ? 'your' : `${memberName(view, folderOf)}’s`;
  const name = cleanName(folderName);
  return name === '' ? `${whose} folder` : `${whose} folder “${name}”`;
}

function wasText(fileCount: number): string {
  return fileCount === 1 ? 'it was' : 'they were';
}

const NAMES_SHOWN = 5;
