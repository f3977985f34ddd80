import type { RenameProposal } from './op-payload.ts';

/** What a ticket proposes to move: one file, or the files of a folder together. */
export interface MovesProposed {
  readonly files: number;
  /** Of one file its paths; of several what their paths do not share, as of a folder that gets another name. */
  readonly from: string;
  readonly to: string;
}

/** Undefined for a ticket about anything else. */
export function movesProposed(ticket: {
  readonly kind: string;
  readonly payload: string;
}): MovesProposed | undefined {
  if (ticket.kind !== 'rename' || ticket.payload === '') return undefined;
  const { from, to, moves = [] } = JSON.parse(ticket.payload) as RenameProposal;
  if (moves.length < 2) return { files: 1, from, to };
  return { files: moves.length, ...pathsApart(from, to) };
}

/** What is left of two paths without the names at their ends that are the same. */
export function pathsApart(
  from: string,
  to: string,
): { readonly from: string; readonly to: string } {
  const [one, other] = [from.split('/'), to.split('/')];
  while (one.length > 0 && other.length > 0 && one.at(-1) === other.at(-1)) {
    one.pop();
    other.pop();
  }
  return { from: one.join('/'), to: other.join('/') };
}
