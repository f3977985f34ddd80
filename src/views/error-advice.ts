import type { WorldErrorCode } from '../world/world-error.ts';

/** What can be done about an error: `again` is the same command once more. */
export type NextStep =
  | { readonly tag: 'nothing' }
  | { readonly tag: 'again' }
  | { readonly tag: 'command'; readonly id: NextCommand };

export type NextCommand =
  | 'agentWorld.join'
  | 'agentWorld.verifyHistory'
  | 'agentWorld.leave'
  | 'workbench.extensions.action.checkForUpdates'
  | 'vscode.openFolder';

/** The next step after an expected failure; undefined where only the output may help. */
export function nextStepAfter(error: unknown): NextStep | undefined {
  const code = codeOf(error);
  return code === undefined ? undefined : STEPS[code];
}

const AGAIN = { tag: 'again' } as const;
const JOIN = { tag: 'command', id: 'agentWorld.join' } as const;
const UPDATE = { tag: 'command', id: 'workbench.extensions.action.checkForUpdates' } as const;

const STEPS: Readonly<Partial<Record<WorldErrorCode, NextStep>>> = {
  // They gave it up themselves.
  cancelled: { tag: 'nothing' },
  unreachable: AGAIN,
  bad_answer: AGAIN,
  closed: AGAIN,
  importing: AGAIN,
  query_refused: AGAIN,
  bad_invite: JOIN,
  not_a_member: JOIN,
  removed: JOIN,
  bad_token: JOIN,
  no_such_world: { tag: 'command', id: 'agentWorld.leave' },
  protocol_mismatch: UPDATE,
  unreadable: UPDATE,
  nested_folder: { tag: 'command', id: 'vscode.openFolder' },
  damaged: { tag: 'command', id: 'agentWorld.verifyHistory' },
};

/** By its code alone: the class is loaded only with what needs a world. */
function codeOf(error: unknown): WorldErrorCode | undefined {
  if (!(error instanceof Error) || error.name !== 'WorldError') return undefined;
  return (error as Error & { readonly code?: WorldErrorCode }).code;
}
