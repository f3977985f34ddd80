import { refusalText } from '../../world/claim-refusal.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { memberName } from '../../world/member-name.ts';
import { parseRefusal, type Refusal } from '../../world/refusal.ts';
import { WorldError } from '../../world/world-error.ts';
import type { WorldView } from '../../world/world-view.ts';
import { NO_BODY, refused, type Reply } from './answer.ts';

/** What a world's refusal means to an agent; `path` is empty where it is about no file. */
export function refusalReply(view: WorldView, path: string, refusal: Refusal): Reply {
  const { code } = refusal;
  const where = path === '' ? '' : ` of ${path}`;
  const message = `The world refused your call${where}; nothing was changed. ${whyOf(view, refusal)}`;
  return { outcome: 'refused', code, message, next: nextFor(view, path, refusal), body: NO_BODY };
}

/** A write on disk that the world refused. */
export interface RefusedWrite extends Pick<Refusal, 'code' | 'message'> {
  readonly details?: Refusal['details'];
  /** A file that has what was not taken; empty where that is still where it was written. */
  readonly copy?: string;
}

/** What the refusal of a write on disk means to the agent whose tool wrote. */
export function refusedWriteText(
  view: WorldView,
  path: string,
  { code, message, details = {}, copy = '' }: RefusedWrite,
): string {
  const refusal = { code, message, details };
  const kept =
    code === 'paused'
      ? 'It stays on this disk.'
      : copy === ''
        ? 'It is on this disk only.'
        : `What you wrote is kept in ${copy}.`;
  const head = `[refused: ${code}] Your write to ${path} is not in the world: ${whyOf(view, refusal)} ${kept}`;
  return [head, ...nextFor(view, path, refusal).map((each) => `- ${each}`)].join('\n');
}

function whyOf(view: WorldView, refusal: Refusal): string {
  const reason = reasonOf(view, refusal);
  const why = reason === '' ? '' : ` The reason: ${reason}.`;
  return refusalText(view, refusal).replace(/\.?$/, '.') + why;
}

/** Why somebody claimed what an edit met; empty where nothing is said. */
function reasonOf(view: WorldView, { code, details }: Refusal): string {
  if (code !== 'locked') return '';
  const { reason, lockId } = details;
  if (typeof reason === 'string') return reason;
  return (typeof lockId === 'number' && view.locks.get(lockId)?.reason) || '';
}

function nextFor(
  view: WorldView,
  path: string,
  { code, details: { holder: identity } }: Refusal,
): readonly string[] {
  const holder = typeof identity === 'string' ? memberName(view, identity) : 'its holder';
  switch (code) {
    case 'locked':
      return [
        `Work elsewhere, or wait for the end of the claim, and then read ${path} again.`,
        `If it is urgent, send ${holder} a message that asks for these lines.`,
      ];
    case 'paused':
      return [
        'You are paused: stop changing files, and tell the person whom you work for. What you write on disk now stays there and is judged when you may write again.',
        'The tool news, asked to wait, answers when you may write again.',
      ];
    case 'forbidden':
    case 'out_of_scope':
      return ['Tell the person whom you work for that you have no right to do this.'];
    case 'unreviewed':
      return ['Ask a person to look at what agents did; only people decide about it.'];
    case 'head_moved':
      return ['Look at the ticket again: others wrote there since.'];
    case 'too_many':
      return ['Wait a few seconds and try again.'];
    case 'too_large':
    case 'too_much_work':
      return ['Make the change in smaller parts.'];
    case 'no_such_file':
    case 'bad_range':
      return [path === '' ? 'List the files.' : `Read ${path} again.`];
    case 'quota_exceeded':
      return ['Tell the person whom you work for: an owner can give you more room.'];
    default:
      return [];
  }
}

/** An expected failure of a call as an answer; undefined for what is a fault of ours. */
export function failureReply(view: WorldView, error: unknown): Reply | undefined {
  if (error instanceof LinkFailure) return OFFLINE;
  if (!(error instanceof WorldError)) return undefined;
  switch (error.code) {
    case 'refused':
      return refusalReply(view, '', parseRefusal(error.message));
    case 'cancelled':
      return refused(
        'unanswered',
        `The call ended before the world had answered; what it asked for may still have been done.`,
        ['Look at what became of it before you try again.'],
      );
    case 'unreachable':
    case 'closed':
      return OFFLINE;
    case 'no_such_file':
    case 'not_text':
      return refused(error.code, `${error.message}.`);
    default:
      return {
        outcome: 'refused',
        code: error.code,
        message: `${error.message}.`,
        next: [],
        body: NO_BODY,
      };
  }
}

const OFFLINE = refused('offline', 'The world cannot be reached now.', [
  'Try again in a moment. If that does not help, tell the person whom you work for.',
]);
