/**
 * Owns: text that is proposed but not in the file, and how it moves along. Does not know: tickets,
 * drafts, who proposed it.
 */
import type { Changes } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { rebase } from '../core/rebase.ts';

/** What a ticket holds of a refused edit, and what was added that the ticket does not know yet. */
export interface Proposal {
  readonly held: Changes;
  /** Relative to the result of `held`. */
  readonly further: Changes;
}

/** All of a proposal as one set of changes. */
export function wholeProposal({ held, further }: Proposal): Changes {
  return compose(held, further);
}

/** Moves a proposal over a change that was made to the text it would be applied to. */
export function moveProposal({ held, further }: Proposal, changes: Changes): Proposal {
  return {
    held: rebase(held, changes, 'after'),
    further: rebase(further, rebase(changes, held, 'before'), 'after'),
  };
}
