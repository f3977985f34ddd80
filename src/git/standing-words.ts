import { listed } from '../core/listed.ts';
import type { GitOperation } from '../mirror/folder-git.ts';
import type { StandingLock, StandingWork } from './standing-work.ts';

/** What git left unfinished, and what to do next, in sentences. */
export function standingWords(work: StandingWork): readonly string[] {
  const sentences: string[] = [];
  if (work.operation) {
    const { name, next } = OPERATIONS[work.operation];
    const step = work.step ? ` at step ${work.step.at} of ${work.step.of}` : '';
    sentences.push(`git ${name} stands still${step}. ${next}.`);
  }
  if (work.inConflict.length > 0) {
    const names = namesOf(work.inConflict);
    sentences.push(`In conflict, and not taken in until git add says it is resolved: ${names}.`);
  }
  if (work.lock) sentences.push(lockWords(work.lock));
  return sentences;
}

function lockWords({ file, ageMs, owner, holder }: StandingLock): string {
  const made = `${file} of ${owner} is ${ageWords(ageMs)} old`;
  return holder
    ? `${made}; process ${holder.pid} (${holder.command}) holds it: wait for it, or end it.`
    : `${made} and held by no process that can be seen: if no git runs there, remove it.`;
}

/** So many names are told; of the others, how many they are. */
const MOST_NAMES = 10;

export function namesOf(names: readonly string[]): string {
  return listed(names, MOST_NAMES);
}

const OPERATIONS: Readonly<Record<GitOperation, { readonly name: string; readonly next: string }>> =
  {
    rebase: going('rebase'),
    merge: going('merge'),
    cherry_pick: going('cherry-pick'),
    revert: going('revert'),
    apply_mailbox: going('am'),
    bisect: {
      name: 'bisect',
      next: 'Go on with git bisect good or git bisect bad, or end it with git bisect reset',
    },
  };

function going(name: string): { readonly name: string; readonly next: string } {
  const next = `Finish it with git ${name} --continue, or give it up with git ${name} --abort`;
  return { name, next };
}

function ageWords(ms: number): string {
  const [amount, unit] =
    ms < 120_000
      ? [ms / 1000, 'second']
      : ms < 7_200_000
        ? [ms / 60_000, 'minute']
        : ms < 172_800_000
          ? [ms / 3_600_000, 'hour']
          : [ms / 86_400_000, 'day'];
  const whole = Math.floor(amount);
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}
