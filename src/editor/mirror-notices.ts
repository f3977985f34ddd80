/**
 * Owns: telling the user what the folder's mirror has to say: a few things one by one, many of one
 * kind together, and how far it is with many files. Does not know: why any of that happened.
 */
import * as vscode from 'vscode';
import type { DiskFault } from '../mirror/disk-files.ts';
import type { MirrorProgress } from '../mirror/look-progress.ts';
import type { FileEvent, MirrorEvent } from '../mirror/mirror-event.ts';
import type { Disposable } from './disposable-store.ts';

/** What happens within this time of each other is told together. */
const TOGETHER_MS = 500;
/** In the order in which they are shown. */
const KINDS = [
  'ticketed',
  'refused',
  'replaced',
  'parted',
  'twin',
  'strayed',
  'joined',
  'unmerged',
  'stuck',
] as const;
/** So many of a kind are told one by one. */
const MOST_SINGLY = 3;

export class MirrorNotices implements Disposable {
  readonly #channel: vscode.LogOutputChannel;
  #events: ShownEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #progress: ShownProgress | undefined;

  constructor(channel: vscode.LogOutputChannel) {
    this.#channel = channel;
  }

  tell(event: MirrorEvent): void {
    if ('question' in event) {
      this.#channel.info(`[mirror] ${event.tag} question=${event.question}`);
      return;
    }
    for (const path of [event.path, ...('more' in event ? event.more : [])]) {
      this.#channel.warn(`[mirror] ${event.tag} path=${path}`);
    }
    // Nobody has to do anything about it.
    if (event.tag === 'evened') return;
    this.#events.push(event);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), TOGETHER_MS);
  }

  /** Shows how far the mirror is; the last of many files ends that. */
  progress({ done, total }: MirrorProgress): void {
    this.#progress ??= beginProgress();
    this.#progress.report(vscode.l10n.t('{0} of {1} files', done, total));
    if (done < total) return;
    this.#progress.end();
    this.#progress = undefined;
    this.#channel.info(`[mirror] many files looked at: ${total}`);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#progress?.end();
  }

  #show(): void {
    const events = this.#events;
    this.#events = [];
    for (const tag of KINDS) {
      const alike = events.filter((event) => event.tag === tag);
      const count = alike.reduce((sum, event) => sum + ('count' in event ? event.count : 1), 0);
      if (count > MOST_SINGLY) void this.#showMany(tag, count);
      else for (const event of alike) void vscode.window.showWarningMessage(textOf(event));
    }
  }

  async #showMany(tag: ShownEvent['tag'], count: number): Promise<void> {
    const action =
      tag === 'ticketed' ? vscode.l10n.t('Show conflicts') : vscode.l10n.t('Show the log');
    const answer = await vscode.window.showWarningMessage(textOfMany(tag, count), action);
    if (answer === undefined) return;
    if (tag === 'ticketed') await vscode.commands.executeCommand('agentWorld.conflicts.focus');
    else this.#channel.show();
  }
}

type ShownEvent = Exclude<FileEvent, { readonly tag: 'evened' }>;

interface ShownProgress {
  report(message: string): void;
  end(): void;
}

function beginProgress(): ShownProgress {
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  let tell: (message: string) => void = () => {};
  void vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('Agent World: keeping the folder in step'),
    },
    (progress) => {
      tell = (message) => progress.report({ message });
      return ended;
    },
  );
  return { report: (message) => tell(message), end: () => end() };
}

function textOfMany(tag: ShownEvent['tag'], count: number): string {
  switch (tag) {
    case 'ticketed':
      return vscode.l10n.t(
        'What was written to {0} files on disk is in conflict with the world. It waits for decisions; the files have the world’s text.',
        count,
      );
    case 'refused':
      return vscode.l10n.t(
        'The world did not take what is on disk of {0} files; what was replaced is in copies that the log names.',
        count,
      );
    case 'replaced':
      return vscode.l10n.t('{0} times files gave way to the world’s; copies are kept.', count);
    case 'parted':
      return vscode.l10n.t(
        '{0} files had other names on this disk (hard links). Those keep what they were; the edits of others are under the names in this folder only.',
        count,
      );
    case 'twin':
      return vscode.l10n.t(
        '{0} files are in this folder only: the world has others whose names some systems take for the same. Give one of each two another name, or delete it.',
        count,
      );
    case 'strayed':
      return vscode.l10n.t(
        '{0} files have names here that they cannot have in the world. Others keep them under their former names until you give them other ones.',
        count,
      );
    case 'joined':
      return vscode.l10n.t(
        '{0} folders that got other names are one each with a folder that others called so at the same time.',
        count,
      );
    case 'unmerged':
      return vscode.l10n.t(
        'git has {0} files in conflict. Others keep what they have of them until they are resolved and added in git.',
        count,
      );
    case 'stuck':
      return vscode.l10n.t(
        '{0} files on disk cannot be kept in step with the world. Nothing is lost: the world has them, and it is tried again.',
        count,
      );
  }
}
function textOf(event: ShownEvent): string {
  switch (event.tag) {
    case 'ticketed':
      return vscode.l10n.t(
        'What was written to {0} on disk is in conflict with the world. It waits for a decision; the file has the world’s text.',
        event.path,
      );
    case 'refused':
      return vscode.l10n.t(
        'The world did not take {0}: {1} {2}',
        event.path,
        event.message,
        event.copy,
      );
    case 'replaced':
      return vscode.l10n.t(
        '{0} files had other content than the world, which has taken their place. Copies are kept, of {1} in {2}',
        event.files,
        event.path,
        event.copy,
      );
    case 'parted':
      return vscode.l10n.t(
        '{0} had other names on this disk (hard links). Those keep what it was; the edit of others is under this name only.',
        event.path,
      );
    case 'twin':
      return vscode.l10n.t(
        '{0} is in this folder only: the world has {1}, whose name some systems take for the same. Give one of the two another name, or delete it. What {0} has is proposed in a conflict.',
        event.path,
        event.other,
      );
    case 'strayed':
      return vscode.l10n.t(
        'Others keep {0}: it is called {1} here, and the world cannot have that name ({2}). Give it another one, and it has that for everybody; delete it, and it is deleted for everybody.',
        event.path,
        event.name,
        event.why,
      );
    case 'joined':
      return vscode.l10n.t(
        'The folder {0} is called {1} now, and so is a folder of others since the same time: {2} of their files are in it, too.',
        event.path,
        event.name,
        event.files,
      );
    case 'unmerged':
      return vscode.l10n.t(
        'git has {0} in conflict. Others keep what they have until it is resolved and added in git.',
        [event.path, ...event.more].join(', '),
      );
    case 'stuck':
      return vscode.l10n.t(
        '{0} on disk cannot be kept in step with the world: {1} Nothing is lost: the world has it, and it is tried again.',
        [event.path, ...event.more].join(', '),
        messageOf(event.fault),
      );
  }
}

function messageOf(fault: DiskFault): string {
  switch (fault) {
    case 'disk_full':
      return vscode.l10n.t('the disk is full.');
    case 'disk_read_only':
      return vscode.l10n.t('the disk is read-only.');
    case 'disk_no_permission':
      return vscode.l10n.t('you may not read or write it.');
    case 'disk_link_loop':
      return vscode.l10n.t('links lead in a circle.');
    case 'disk_link':
      return vscode.l10n.t('a link stands in its path, and nothing is done through links.');
    case 'disk_in_the_way':
      return vscode.l10n.t('something that is not a file is in its place.');
    case 'disk_in_use':
      return vscode.l10n.t('another program has it open and lets nobody write it.');
    case 'disk_name_too_long':
      return vscode.l10n.t('its name is too long here.');
    case 'disk_name':
      return vscode.l10n.t('this system has no files of that name.');
    case 'disk_failed':
      return vscode.l10n.t('the disk reports a failure.');
  }
}
