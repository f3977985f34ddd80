/** Owns: what the head of an agent's page says: its state, what went wrong, and what can be done. */
import { l10n } from 'vscode';
import type { AgentRun, RunErrorCode, RunState } from '../../acp/agent-run.ts';
import type { PastRun } from '../../acp/past-runs.ts';
import type { ShownEntry, ShownOffer, ShownState } from './shown-run.ts';

/** What a page shows: an agent at work, or what became of its last run; undefined where there was none. */
export type RunSubject =
  | { readonly tag: 'run'; readonly run: AgentRun }
  | { readonly tag: 'past'; readonly past: PastRun | undefined };

export interface Shown {
  readonly name: string;
  /** The client's, as its makers write it. */
  readonly client: string;
  readonly color: number;
  readonly subject: RunSubject;
  /** The first permission that waits. */
  readonly ask: ShownEntry | undefined;
}

export function shownState({ name, client, color, subject, ask }: Shown): ShownState {
  const frame = { tag: 'state', name, color, ask } as const;
  if (subject.tag === 'past') return { ...frame, ...pastOf(subject.past, name, client) };
  const { run } = subject;
  const { about, leftOut } = run;
  return {
    ...frame,
    about: [client, about.version, about.title].filter((each) => each !== '').join(' · '),
    words: stateWords(run.state),
    look: stateLook(run.state),
    canPrompt: run.state === 'ready',
    canAttach: run.state === 'ready' || isBusy(run.state),
    placeholder: placeholderOf(run.state, name),
    fault: run.error ? `${faultWords(run)} (${run.error.code})` : '',
    offers: offersOf(run),
    modes: about.modes,
    mode: about.mode,
    usage: about.usage === undefined ? '' : usageWords(about.usage),
    leftOut: leftOut === 0 ? '' : l10n.t('{0} older entries are left out.', leftOut),
  };
}

/** True while the client does something that nobody should cut off by chance. */
export function isBusy(state: RunState): boolean {
  return state === 'working' || state === 'asking' || state === 'cancelling';
}

export function isOver(state: RunState): boolean {
  return state === 'ended' || state === 'failed';
}

function pastOf(
  past: PastRun | undefined,
  name: string,
  client: string,
): Omit<ShownState, 'tag' | 'name' | 'color' | 'ask'> {
  return {
    about: [client, past?.title ?? ''].filter((each) => each !== '').join(' · '),
    words: past === undefined ? l10n.t('does not run') : pastWords(past),
    look: past?.ending === 'cut-off' && past.wasWorking ? 'warning' : '',
    canPrompt: false,
    canAttach: false,
    placeholder: l10n.t('{0} does not run now.', name),
    fault: '',
    offers: [...(canResume(past) ? [resumeOffer()] : []), beginOffer(past !== undefined)],
    modes: [],
    mode: '',
    usage: '',
    leftOut: '',
  };
}

export function canResume(past: PastRun | undefined): past is PastRun {
  return past !== undefined && past.resume !== 'no';
}

export function pastWords({ ending, wasWorking }: PastRun): string {
  if (ending === 'ended') return l10n.t('has ended');
  return wasWorking ? l10n.t('was cut off in the middle of its work') : l10n.t('was cut off');
}

function stateWords(state: RunState): string {
  switch (state) {
    case 'starting':
      return l10n.t('starts');
    case 'ready':
      return l10n.t('waits for you');
    case 'working':
      return l10n.t('at work');
    case 'asking':
      return l10n.t('waits for your answer');
    case 'cancelling':
      return l10n.t('is being cancelled');
    case 'ending':
      return l10n.t('ends');
    case 'ended':
      return l10n.t('has ended');
    case 'failed':
      return l10n.t('stopped by a fault');
  }
}

function stateLook(state: RunState): ShownEntry['look'] {
  if (state === 'asking') return 'waiting';
  if (state === 'failed') return 'error';
  return isBusy(state) ? 'working' : '';
}

function placeholderOf(state: RunState, name: string): string {
  if (state === 'ready') return l10n.t('What is {0} to do?', name);
  if (state === 'starting') return l10n.t('{0} is about to begin.', name);
  return isBusy(state)
    ? l10n.t('{0} is at work. What you write here waits until you send it.', name)
    : l10n.t('{0} does not run now.', name);
}

function offersOf(run: AgentRun): readonly ShownOffer[] {
  const { state, error, session } = run;
  const stop: ShownOffer = {
    name: 'stop',
    label: l10n.t('Stop'),
    explanation: l10n.t('Ends the agent and its program.'),
  };
  if (isBusy(state)) {
    const cancel: ShownOffer = {
      name: 'cancel',
      label: l10n.t('Cancel'),
      explanation: l10n.t('Ends what it does now; it takes the next prompt then (Escape).'),
    };
    return state === 'cancelling' ? [stop] : [cancel, stop];
  }
  if (!isOver(state)) return [stop];
  const isResumable = session !== undefined && session.resume !== 'no';
  return [
    ...(isResumable ? [resumeOffer()] : []),
    ...(error ? faultOffers(error.code) : []),
    beginOffer(isResumable),
  ];
}

function faultOffers(code: RunErrorCode): readonly ShownOffer[] {
  if (code === 'client_missing') {
    return [
      {
        name: 'install',
        label: l10n.t('How to Install It'),
        explanation: l10n.t('Shows the command that installs it.'),
      },
    ];
  }
  if (code === 'folder_busy') {
    return [
      {
        name: 'another',
        label: l10n.t('Run Another Agent…'),
        explanation: l10n.t('Its folder takes one client at a time.'),
      },
    ];
  }
  if (code !== 'sign_in') return [];
  return [
    {
      name: 'terminal',
      label: l10n.t('Run It in a Terminal'),
      explanation: l10n.t('There its client asks you to sign in.'),
    },
  ];
}

function resumeOffer(): ShownOffer {
  return {
    name: 'resume',
    label: l10n.t('Go On'),
    explanation: l10n.t('Goes on with what was said before.'),
  };
}

function beginOffer(isAgain: boolean): ShownOffer {
  return {
    name: 'begin',
    label: isAgain ? l10n.t('Begin Anew') : l10n.t('Begin'),
    explanation: l10n.t('Starts it without what was said before.'),
  };
}

function faultWords({ error }: AgentRun): string {
  return [error?.message ?? '', error?.next ?? ''].filter((each) => each !== '').join(' ');
}

function usageWords({ used, size }: { readonly used: number; readonly size: number }): string {
  return size > 0 ? l10n.t('{0} % of its memory used', Math.round((100 * used) / size)) : '';
}
