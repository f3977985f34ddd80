import * as vscode from 'vscode';
import type { IdentityHex } from '../../core/op.ts';
import { memberName } from '../../world/member-name.ts';
import { type ConversationKey, membersIn, otherIn } from '../../world/note-book.ts';
import type { Note } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';

/** Whom a conversation is with, as its row and its tab say. */
export function conversationName(session: WorldSession, key: ConversationKey): string {
  const members = membersIn(key);
  if (members === undefined) return vscode.l10n.t('Everybody');
  const other = otherIn(key, session.identity);
  if (other !== undefined) return memberName(session.view, other);
  const [one, two] = members.map((member) => memberName(session.view, member));
  return vscode.l10n.t('{0} and {1}', one!, two!);
}

export function authorName(session: WorldSession, author: IdentityHex): string {
  return author === session.identity ? vscode.l10n.t('you') : memberName(session.view, author);
}

/** The heading of a message: `Grace to you · 3 Feb 2026, 14:05`. */
export function headingOf(session: WorldSession, { author, to, madeAtMs }: Note): string {
  const from = authorName(session, author);
  const reader = to === undefined ? vscode.l10n.t('everybody') : authorName(session, to);
  return `${vscode.l10n.t('{0} to {1}', from, reader)} · ${timeText(madeAtMs)}`;
}

export function timeText(atMs: number): string {
  const how = { dateStyle: 'medium', timeStyle: 'short' } as const;
  return new Date(atMs).toLocaleString(vscode.env.language, how);
}

const SHORT_LENGTH = 80;

/** A message in one line. */
export function shortText(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > SHORT_LENGTH ? `${line.slice(0, SHORT_LENGTH)}…` : line;
}
