import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { longestClaimMs } from '../../world/claims.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { askSteps, type StepChoice } from '../steps.ts';
import { offeredDurations } from './claim-times.ts';

export interface ClaimWishes {
  readonly reason: string;
  readonly durationMs: number;
}

/**
 * Asks why something is claimed, and for how long; undefined when the user gave up. `known` is what they
 * should know first, such as who is there.
 */
export async function askWishes(
  { session, typed }: Pick<FolderWorld, 'session' | 'typed'>,
  place: string,
  known = '',
): Promise<ClaimWishes | undefined> {
  const field = reasonField(place);
  let text = (await typed.read(field))?.text ?? '';
  const first = { reason: '', durationMs: 0 };
  const rule = vscode.l10n.t('Agents are refused in what is claimed, people are told.');
  return askSteps<ClaimWishes>(vscode.l10n.t('Claim {0}', place), first, [
    (wishes) => ({
      placeholder: vscode.l10n.t('Why? Others read it beside the claim.'),
      choices: [
        {
          label: vscode.l10n.t('Without a reason'),
          detail: known === '' ? rule : known,
          answer: wishes,
        },
      ],
      typed: (reason) => reasonChoice(reason, wishes, known),
      written: {
        text,
        onTyped: (reason) => {
          text = reason;
          if (reason === '') typed.forget(field);
          else typed.keep(field, reason);
        },
      },
    }),
    (wishes) => ({
      placeholder: vscode.l10n.t('For how long?'),
      choices: durationChoices(session).map(({ durationMs, ...item }) => ({
        ...item,
        answer: { ...wishes, durationMs },
      })),
    }),
  ]);
}

/** Where the reason of a claim is kept until the world has it. */
export function reasonField(place: string): string {
  return `claim ${place}`;
}

export function durationChoices(
  session: WorldSession,
): readonly (vscode.QuickPickItem & { readonly durationMs: number })[] {
  return offeredDurations(longestClaimMs(session)).map((durationMs) => ({
    label: vscode.l10n.t('{0} minutes', Math.max(1, Math.round(durationMs / 60_000))),
    durationMs,
  }));
}

function reasonChoice(
  text: string,
  wishes: ClaimWishes,
  known: string,
): StepChoice<ClaimWishes> | undefined {
  const reason = text.trim();
  if (reason === '') return undefined;
  return { label: reason, answer: { ...wishes, reason }, ...(known !== '' && { detail: known }) };
}
