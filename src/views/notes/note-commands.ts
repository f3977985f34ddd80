import * as vscode from 'vscode';
import { DEFAULT_LIMITS, parseLimits } from '../../core/limits.ts';
import type { NoteKind } from '../../core/op-payload.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { TypedTexts } from '../../editor/typed-texts.ts';
import { memberName } from '../../world/member-name.ts';
import { type ConversationKey, conversationWith, otherIn } from '../../world/note-book.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { writeNote } from '../../world/write-note.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { elapsed } from '../elapsed.ts';
import { askKept } from '../kept-input.ts';
import { identityIn } from '../members/member-commands.ts';
import { type Conversations, conversationIn } from './conversations.ts';
import type { NoteDesk } from './note-desk.ts';
import { fieldToWriteIn, messageField, freeReplyField } from './note-fields.ts';
import { keyIn } from './note-tree.ts';
import { authorName, conversationName, shortText } from './note-words.ts';
import { type NamedLines, placeText, textAtPlace } from './placed-messages.ts';

export interface NoteCommandsOptions {
  readonly conversations: Conversations;
  readonly randomBytes: RandomBytes;
}

/** Somebody to write to; empty for all. */
type Addressee = IdentityHex;

/** What can be done with notes, from the view, in a conversation and by name. */
export class NoteCommands {
  readonly #options: NoteCommandsOptions;

  constructor(options: NoteCommandsOptions) {
    this.#options = options;
  }

  /** Opens a conversation: the one named, the only one with news, or one that is picked. */
  async open(desk: NoteDesk, argument: unknown): Promise<void> {
    const key = keyIn(argument) ?? (await pickConversation(desk));
    if (key !== undefined) await this.#options.conversations.open(desk, key);
  }

  /** Writes to whom a conversation is with, or to somebody who is picked. */
  async write(desk: NoteDesk, argument: unknown): Promise<void> {
    const { session } = desk;
    const { typed } = desk.current;
    const key = keyIn(argument) ?? conversationShown(desk, argument);
    const meant = identityIn(argument) ?? (key && addresseeIn(session, key));
    const to = meant ?? (await pickAddressee(session));
    if (to === undefined) return;
    const name = nameOf(session, to);
    const field = { typed, name: await fieldToWriteIn(typed, to) };
    const written = await this.#writeNote(session, 'message', to, field, {
      title: vscode.l10n.t('Message to {0}', name),
      prompt: vscode.l10n.t('It is kept in the history, where every member can read it.'),
    });
    if (written === undefined) return;
    // Whoever answers has read what they answer to.
    desk.markRead(conversationWith(session.identity, to));
    tell(vscode.l10n.t('Said to {0}.', name));
  }

  /** Asks for a message about lines, which are looked up when it is sent. */
  async writeAbout(
    { session, current: { typed } }: NoteDesk,
    to: Addressee,
    place: () => NamedLines | undefined,
  ): Promise<void> {
    const name = nameOf(session, to);
    const about = place();
    const box = {
      title: vscode.l10n.t('Message to {0} about {1}', name, about ? placeText(about) : ''),
      prompt: vscode.l10n.t('It is kept in the history, where every member can read it.'),
    };
    const field = { typed, name: `${messageField(to)} about ${about?.path ?? ''}` };
    const written = await this.#writeNote(session, 'message', to, field, box, (text) => {
      const there = place() ?? about;
      return there ? textAtPlace(there, text) : text;
    });
    if (written !== undefined) tell(vscode.l10n.t('Said to {0}.', name));
  }

  /** Writes a message that was typed already; says whether it is written, be it after another try. */
  async say({ session, current }: NoteDesk, to: Addressee, text: string): Promise<boolean> {
    const box = { title: vscode.l10n.t('Message to {0}', nameOf(session, to)) };
    const field = { typed: current.typed, name: await freeReplyField(current.typed, to) };
    // The box that it was typed in is empty by now.
    field.typed.keep(field.name, text);
    if (faultOf(session, text) === undefined) {
      try {
        await this.#deliver(session, 'message', to, text);
        field.typed.forget(field.name);
        return true;
      } catch (error) {
        if (!(await askAgain(error))) return false;
      }
    }
    return (await this.#writeNote(session, 'message', to, field, box)) !== undefined;
  }

  markRead(desk: NoteDesk, argument: unknown): void {
    const key = keyIn(argument);
    const keys = key === undefined ? desk.book.conversations().map((each) => each.key) : [key];
    for (const each of keys) desk.markRead(each);
  }

  /** Gives the point that the history is at a name. */
  async setCheckpoint(desk: NoteDesk): Promise<void> {
    const { session, current } = desk;
    const waiting = current.documents.filesWaiting;
    const field = { typed: current.typed, name: 'checkpoint' };
    const name = await this.#writeNote(session, 'checkpoint', '', field, {
      title: vscode.l10n.t('Set a checkpoint'),
      prompt:
        waiting === 0
          ? vscode.l10n.t('A name for the world as it is now, to compare with and to go back to.')
          : vscode.l10n.t('Not sent yet, and so not in it: edits in {0} files.', waiting),
      placeHolder: vscode.l10n.t('before the new parser'),
    });
    if (name !== undefined) tell(vscode.l10n.t('This point is called “{0}” now.', shortText(name)));
  }

  /** Asks for a text and writes it; what could not be written is asked for again, none of it lost. */
  async #writeNote(
    session: WorldSession,
    kind: NoteKind,
    to: Addressee,
    { typed, name }: Field,
    box: vscode.InputBoxOptions,
    whole: (text: string) => string = (text) => text,
  ): Promise<string | undefined> {
    for (;;) {
      const validateInput = (text: string) => faultOf(session, whole(text));
      const text = await askKept(typed, name, { ...box, validateInput });
      if (text === undefined || text.trim() === '') return undefined;
      // Enter may be quicker than the check of the last key.
      typed.keep(name, text);
      try {
        await this.#deliver(session, kind, to, whole(text));
        typed.forget(name);
        return text;
      } catch (error) {
        if (!(await askAgain(error))) return undefined;
      }
    }
  }

  async #deliver(
    session: WorldSession,
    kind: NoteKind,
    to: Addressee,
    text: string,
  ): Promise<void> {
    if (!session.link) throw new Error(vscode.l10n.t('This window is not connected.'));
    await writeNote(session, { kind, to, text }, this.#options.randomBytes);
  }
}

/** Where a text that was typed is kept until it is sent. */
interface Field {
  readonly typed: TypedTexts;
  readonly name: string;
}

function faultOf({ workspace }: WorldSession, text: string): string | undefined {
  const { noteLength } = parseLimits(workspace?.limits ?? '') ?? DEFAULT_LIMITS;
  if (text.length <= noteLength) return undefined;
  return vscode.l10n.t('At most {0} characters: {1} are too many.', noteLength, text.length);
}

async function askAgain(error: unknown): Promise<boolean> {
  const again = vscode.l10n.t('Try Again…');
  const message = error instanceof Error ? error.message : String(error);
  const said = vscode.l10n.t('It was not written: {0}', message);
  return (await vscode.window.showErrorMessage(said, again)) === again;
}

function nameOf({ view }: WorldSession, to: Addressee): string {
  return to === '' ? vscode.l10n.t('everybody') : memberName(view, to);
}

/** Whom a message in a conversation goes to; undefined for one that others have. */
export function addresseeIn(
  { identity, view }: WorldSession,
  key: ConversationKey,
): Addressee | undefined {
  if (key === 'all') return '';
  const other = otherIn(key, identity);
  return other !== undefined && view.members.get(other)?.removed === false ? other : undefined;
}

/** The title of an editor gives its commands the address of the document. */
function conversationShown(desk: NoteDesk, argument: unknown): ConversationKey | undefined {
  return argument instanceof vscode.Uri ? conversationIn(desk, argument) : undefined;
}

export async function pickAddressee({
  view,
  identity,
}: WorldSession): Promise<Addressee | undefined> {
  const others = [...view.members.values()]
    .filter((member) => !member.removed && member.identity !== identity)
    .sort(
      (a, b) =>
        Number(a.kind === 'agent') - Number(b.kind === 'agent') ||
        a.displayName.localeCompare(b.displayName),
    );
  const choices: readonly (vscode.QuickPickItem & { readonly to: Addressee })[] = [
    { label: `$(organization) ${vscode.l10n.t('Everybody')}`, to: '' },
    ...others.map(({ kind, identity: to }) => ({
      label: `$(${kind === 'agent' ? 'hubot' : 'person'}) ${memberName(view, to)}`,
      to,
    })),
  ];
  const title = vscode.l10n.t('Who is the message for?');
  return (await vscode.window.showQuickPick(choices, { title }))?.to;
}

async function pickConversation(desk: NoteDesk): Promise<ConversationKey | undefined> {
  const { session, book } = desk;
  const all = book.conversations().map(({ key, messages }) => ({
    key,
    last: messages.at(-1)!,
    unread: desk.unreadIn(key).length,
  }));
  const news = all.filter(({ unread }) => unread > 0);
  if (news.length === 1) return news[0]!.key;
  if (all.length === 0) {
    tell(vscode.l10n.t('Nobody has said anything yet. You can write a message.'));
    return undefined;
  }
  const choices = [...news, ...all.filter(({ unread }) => unread === 0)].map(
    ({ key, last, unread }) => ({
      label: `$(${unread > 0 ? 'mail' : 'comment-discussion'}) ${conversationName(session, key)}`,
      description: [
        unread > 0 ? vscode.l10n.t('{0} unread', unread) : '',
        elapsed(last.madeAtMs, session.clock.nowMs()),
      ]
        .filter((fact) => fact !== '')
        .join(' · '),
      detail: `${authorName(session, last.author)}: ${shortText(last.text)}`,
      key,
    }),
  );
  const title = vscode.l10n.t('Which messages?');
  return (await vscode.window.showQuickPick(choices, { title, matchOnDetail: true }))?.key;
}

function tell(message: string): void {
  vscode.window.setStatusBarMessage(message, SHOWN_MS);
}

const SHOWN_MS = 8_000;
