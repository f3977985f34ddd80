import * as vscode from 'vscode';
import { readSettings } from '../../editor/settings.ts';
import { memberName } from '../../world/member-name.ts';
import { conversationOf } from '../../world/note-book.ts';
import type { Note } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { shortText } from './note-words.ts';

/** Tells of new messages in notifications, for who wants that; one at a time. */
export class MessageNotices {
  #isOpen = false;

  tell(session: WorldSession, note: Note): void {
    const { messagesNotify } = readSettings();
    if (messagesNotify === 'off' || (messagesNotify === 'toMe' && note.to === undefined)) return;
    if (!this.#isOpen) void this.#show(session, note);
  }

  async #show(session: WorldSession, note: Note): Promise<void> {
    this.#isOpen = true;
    const open = vscode.l10n.t('Open');
    const reply = vscode.l10n.t('Reply…');
    const text = `${memberName(session.view, note.author)}: ${shortText(note.text)}`;
    const answer = await vscode.window.showInformationMessage(text, open, reply);
    this.#isOpen = false;
    if (answer === undefined) return;
    const command = answer === open ? 'agentWorld.openMessages' : 'agentWorld.writeMessage';
    await vscode.commands.executeCommand(command, `conversation ${conversationOf(note)}`);
  }
}
