/**
 * Owns: in which fields what is typed to somebody is kept until it is sent. Does not know: how it is asked for.
 */
import type { IdentityHex } from '../../core/op.ts';
import type { TypedTexts } from '../../editor/typed-texts.ts';

/** A message to a member, or to all where `to` is empty. */
export function messageField(to: IdentityHex): string {
  return `message ${to === '' ? 'all' : to}`;
}

/** An answer in a thread, which is typed in VS Code's own box: a message to the same member waits beside it. */
export function replyField(to: IdentityHex): string {
  return `reply ${to === '' ? 'all' : to}`;
}

/** Where a message is written: an answer that could not be sent is offered where no other text waits. */
export async function fieldToWriteIn(
  typed: Pick<TypedTexts, 'read'>,
  to: IdentityHex,
): Promise<string> {
  if ((await typed.read(messageField(to))) !== undefined) return messageField(to);
  return (await typed.read(replyField(to))) === undefined ? messageField(to) : replyField(to);
}
