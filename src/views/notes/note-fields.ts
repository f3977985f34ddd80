/**
 * Owns: in which fields what is typed to somebody is kept until it is sent. Does not know: how it is asked for.
 */
import type { IdentityHex } from '../../core/op.ts';
import type { TypedTexts } from '../../editor/typed-texts.ts';

/** A message to a member, or to all where `to` is empty. */
export function messageField(to: IdentityHex): string {
  return `message ${to === '' ? 'all' : to}`;
}

/** So many answers to one member wait, where none of them can be sent. */
const MOST_REPLIES = 4;

/**
 * An answer in a thread, which is typed in VS Code's own box: a message to the same member waits beside it, and so do
 * other answers.
 */
export function replyFields(to: IdentityHex): readonly string[] {
  return Array.from(
    { length: MOST_REPLIES },
    (_, at) => `reply ${to === '' ? 'all' : to} ${at + 1}`,
  );
}

/** Where the next answer waits: the last one, where all have a text. */
export async function freeReplyField(
  typed: Pick<TypedTexts, 'read'>,
  to: IdentityHex,
): Promise<string> {
  const fields = replyFields(to);
  for (const field of fields) if ((await typed.read(field)) === undefined) return field;
  return fields.at(-1)!;
}

/** Where a message is written: an answer that could not be sent is offered where no other text waits. */
export async function fieldToWriteIn(
  typed: Pick<TypedTexts, 'read'>,
  to: IdentityHex,
): Promise<string> {
  for (const field of [messageField(to), ...replyFields(to)]) {
    if ((await typed.read(field)) !== undefined) return field;
  }
  return messageField(to);
}
