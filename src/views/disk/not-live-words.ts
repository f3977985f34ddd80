import * as vscode from 'vscode';
import type { NotLive } from '../../mirror/why-not-live.ts';

/** What is said of a file that is not live. */
export interface NotLiveWords {
  /** Follows “Not live: ”. */
  readonly short: string;
  readonly sentence: string;
  /** What can be done about it. */
  readonly advice: string;
}

export function wordsOf(why: NotLive): NotLiveWords {
  const { t } = vscode.l10n;
  switch (why) {
    case 'outside':
      return {
        short: t('outside the folder'),
        sentence: t('Not in the world: it is in no folder of a world'),
        advice: t('Only files of a folder that is in a world are live.'),
      };
    case 'link':
      return {
        short: t('link'),
        sentence: t('Not in the world: it is a link, and links stay as they are'),
        advice: t('What it leads to is live where it is a file of the folder: open that one.'),
      };
    case 'ignored':
      return {
        short: t('left out by rules'),
        sentence: t('Not in the world: the folder’s rules leave it out, such as .gitignore'),
        advice: t('It comes in when no rule leaves it out any more, or when git tracks it.'),
      };
    case 'excluded':
      return {
        short: t('left out by settings'),
        sentence: t('Not in the world: your settings keep it out'),
        advice: t('The setting agentWorld.exclude says what is left out.'),
      };
    case 'temporary':
      return {
        short: t('temporary name'),
        sentence: t('Not in the world: by its name it is there for a moment only'),
        advice: t('The setting agentWorld.temporaryNames says which names those are.'),
      };
    case 'too_large':
      return {
        short: t('too large'),
        sentence: t('Not in the world: it is larger than the world takes'),
        advice: t('It stays on disk as it is, and comes in once it is small enough.'),
      };
    case 'name':
      return {
        short: t('name'),
        sentence: t('Not in the world: not every system can hold a file of this name'),
        advice: t('With another name it comes in.'),
      };
    case 'twin':
      return {
        short: t('name of another file'),
        sentence: t('Not in the world: some systems take its name for that of another file'),
        advice: t('With a name that differs in more than its case it comes in.'),
      };
    case 'own_repository':
      return {
        short: t('repository of its own'),
        sentence: t('Not in the world: it is a repository of its own'),
        advice: t('Opened as a folder by itself it can be in a world of its own.'),
      };
    case 'special':
      return {
        short: t('no file'),
        sentence: t('Not in the world: it is neither a file nor a folder'),
        advice: t('It stays on disk as it is.'),
      };
    case 'was_link':
      return {
        short: t('in place of a link'),
        sentence: t(
          'Not in the world: git has a link of this name; put the link back, or commit the file',
        ),
        advice: t('Once git has it as a file it comes in.'),
      };
    case 'in_the_way':
      return {
        short: t('something is in its place'),
        sentence: t('Not in the world: the world has a folder, or a file, in its place'),
        advice: t('With another name it comes in.'),
      };
    case 'strayed':
      return {
        short: t('under its former name'),
        sentence: t(
          'Not in the world: it cannot have this name there, so others have it under its former one',
        ),
        advice: t('Give it another name, or its former one.'),
      };
    case 'refused':
      return {
        short: t('refused'),
        sentence: t('Not in the world: the world does not take it from you'),
        advice: t('An owner of the world says what you may write: ask one.'),
      };
    case 'notebook':
      return {
        short: t('notebook'),
        sentence: t('Not live: others see what you save of a notebook, not what you type'),
        advice: t(
          'A save on an older text is merged, or becomes a conflict. In the text editor it is live (“Reopen Editor With…”).',
        ),
      };
    case 'binary':
      return {
        short: t('binary'),
        sentence: t(
          'Not live: it is no text, or kept as bytes, so others get it whole with each save',
        ),
        advice: t(
          'A save on an older content is a conflict in VS Code’s own text editor. Other editors and programs replace what is there; that stays in the history.',
        ),
      };
    case 'mixed_line_ends':
      return {
        short: t('mixed line ends'),
        sentence: t('Not live: its line ends are of more than one kind'),
        advice: t('It is live from its next save on.'),
      };
    case 'other_encoding':
      return {
        short: t('another encoding'),
        sentence: t('Not live: it is in another encoding than UTF-8, or is open in one'),
        advice: t(
          '“Change File Encoding”: reopen it with the encoding that it has, then save it with UTF-8.',
        ),
      };
    case 'unbound':
      return {
        short: t('not loaded'),
        sentence: t('Not live: the text that the world has could not be had'),
        advice: t('A click tries again. What you type stays on this machine until then.'),
      };
    case 'unkept':
      return {
        short: t('folder not kept'),
        sentence: t('Not live: nobody is known to keep this folder in step'),
        advice: t(
          'What is saved stays on this disk until somebody does. The setting agentWorld.mirror.enabled lets this window.',
        ),
      };
    case 'paused':
      return {
        short: t('folder paused'),
        sentence: t('Not live: this folder is not kept in step now'),
        advice: t('What is saved stays on this disk until the folder’s question is answered.'),
      };
    case 'waiting':
      return {
        short: t('waits for an answer'),
        sentence: t('Not live: it waits for an answer in the view Folders Ask'),
        advice: t('What is saved stays on this disk until then.'),
      };
  }
}
