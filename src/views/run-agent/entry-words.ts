/** Owns: in what words an entry of a run is shown and told. Does not know: when it is sent. */
import { l10n } from 'vscode';
import type {
  PermissionOption,
  PlanStep,
  RunEntry,
  ToolCall,
  ToolDiff,
  ToolLocation,
  TurnEnd,
} from '../../acp/agent-run.ts';
import { diffRows } from './diff-rows.ts';
import type { ShownDiff, ShownEntry } from './shown-run.ts';
import { textBlocks } from './text-blocks.ts';

/** `name`: the agent's. */
export function shownEntry(entry: RunEntry, name: string): ShownEntry {
  const frame = { ...EMPTY, id: entry.id };
  switch (entry.kind) {
    case 'prompt':
      return {
        ...frame,
        kind: 'prompt',
        heading: l10n.t('You'),
        blocks: plain(entry.text),
        links: entry.locations.map(placeLabel),
      };
    case 'answer':
    case 'thought': {
      const isThought = entry.kind === 'thought';
      const note = entry.isCut ? l10n.t('It was too long: its end is left out.') : '';
      return {
        ...frame,
        kind: entry.kind,
        heading: isThought ? l10n.t('{0} thinks', name) : name,
        look: entry.isOpen ? 'working' : '',
        blocks: textBlocks(entry.text),
        note,
      };
    }
    case 'plan':
      return { ...frame, kind: 'plan', ...planOf(entry.steps) };
    case 'tool':
      return { ...frame, kind: 'tool', ...toolOf(entry.tool) };
    case 'permission':
      return { ...frame, kind: 'permission', ...permissionOf(entry, name) };
    case 'file':
      return {
        ...frame,
        kind: 'notice',
        look: 'warning',
        heading:
          entry.wanted === 'read'
            ? l10n.t('{0} was not read', entry.path)
            : l10n.t('{0} was not written', entry.path),
        blocks: plain(entry.message),
      };
    case 'notice':
      return {
        ...frame,
        kind: 'notice',
        look: entry.level === 'info' ? '' : entry.level,
        heading: noticeHeading(entry.level),
        blocks: plain(entry.text),
      };
    case 'end':
      return {
        ...frame,
        kind: 'end',
        look: entry.reason === 'end_turn' ? 'done' : 'warning',
        heading: endWords(entry.reason),
      };
  }
}

/** What a screen reader says of one that is new, or other than it was before; empty for nothing. */
export function spokenEntry(entry: RunEntry, shown: ShownEntry): string {
  switch (entry.kind) {
    case 'answer':
      return entry.isOpen ? '' : `${shown.heading}: ${entry.text.slice(0, MOST_SPOKEN)}`;
    case 'tool':
      return entry.tool.status === 'pending' ? '' : shown.heading;
    case 'plan':
    case 'end':
      return shown.heading;
    case 'file':
    case 'notice':
      return `${shown.heading}. ${shown.blocks.map(({ text }) => text).join(' ')}`;
    case 'prompt':
    case 'thought':
    case 'permission':
      // What the person wrote they know, thoughts are read by who wants to, and a permission is told at once.
      return '';
  }
}

/** What is told at once of a permission that is asked for. */
export function spokenAsk({ heading, choices }: ShownEntry): string {
  const named = choices.map(({ label }, index) => l10n.t('Alt+{0}: {1}', index + 1, label));
  return [heading, ...named].join('. ');
}

export function placeLabel({ path, file, line }: ToolLocation): string {
  const where = path === '' ? file : path;
  return line === undefined ? where : l10n.t('{0}, line {1}', where, line);
}

/** For the tab of a diff. */
export function diffTitle({ path, file }: ToolDiff, name: string): string {
  return l10n.t('{0} (what {1} does)', path === '' ? file : path, name);
}

function planOf(steps: readonly PlanStep[]): Pick<ShownEntry, 'heading' | 'steps' | 'look'> {
  const done = steps.filter(({ status }) => status === 'completed').length;
  return {
    heading: l10n.t('Plan: {0} of {1} done', done, steps.length),
    look: done === steps.length ? 'done' : 'working',
    steps: steps.map(({ text, status }) => ({
      text,
      words: statusWords(status),
      look: lookOf(status),
    })),
  };
}

function toolOf(
  tool: ToolCall,
): Pick<ShownEntry, 'heading' | 'look' | 'blocks' | 'links' | 'diffs'> {
  return {
    heading: l10n.t('{0}, {1}', tool.title, statusWords(tool.status)),
    look: lookOf(tool.status),
    blocks: tool.text === '' ? [] : [{ isCode: true, text: tool.text }],
    links: tool.locations.slice(0, MOST_LINKS).map(placeLabel),
    diffs: tool.diffs.slice(0, MOST_DIFFS).map(diffOf),
  };
}

function permissionOf(
  { tool, options, outcome }: Extract<RunEntry, { kind: 'permission' }>,
  name: string,
): Partial<ShownEntry> & Pick<ShownEntry, 'heading'> {
  const isOpen = outcome.tag === 'open';
  const chosen =
    outcome.tag === 'selected'
      ? options.find(({ optionId }) => optionId === outcome.optionId)
      : undefined;
  return {
    ...toolOf(tool),
    heading: l10n.t('{0} asks: {1}', name, tool.title),
    look: isOpen ? 'waiting' : chosen && isAllow(chosen) ? 'done' : 'failed',
    note: isOpen
      ? ''
      : chosen
        ? l10n.t('Your answer: {0}', chosen.name)
        : l10n.t('It was cancelled before there was an answer.'),
    choices: isOpen
      ? options.slice(0, MOST_CHOICES).map((option) => ({
          optionId: option.optionId,
          label: option.name,
          isAllow: isAllow(option),
        }))
      : [],
  };
}

function diffOf(diff: ToolDiff): ShownDiff {
  const { rows, more } = diffRows(diff);
  const label = diff.path === '' ? diff.file : diff.path;
  return {
    label: diff.oldText === undefined ? l10n.t('{0} (new file)', label) : label,
    rows: rows.map((row) =>
      row.replace(/^@@ line (\d+)$/, (_, line: string) => `@${l10n.t('Line {0}', line)}`),
    ),
    note: diff.isCut
      ? l10n.t('The text was too long: its end is left out.')
      : more === undefined
        ? l10n.t('The texts are too long to be shown here.')
        : more > 0
          ? l10n.t('{0} more lines', more)
          : '',
  };
}

function isAllow({ kind }: PermissionOption): boolean {
  return kind === 'allow_once' || kind === 'allow_always';
}

function statusWords(status: ToolCall['status']): string {
  switch (status) {
    case 'pending':
      return l10n.t('waits');
    case 'in_progress':
      return l10n.t('at work');
    case 'completed':
      return l10n.t('done');
    case 'failed':
      return l10n.t('failed');
  }
}

function lookOf(status: ToolCall['status']): ShownEntry['look'] {
  switch (status) {
    case 'pending':
      return 'waiting';
    case 'in_progress':
      return 'working';
    case 'completed':
      return 'done';
    case 'failed':
      return 'failed';
  }
}

function noticeHeading(level: 'info' | 'warning' | 'error'): string {
  switch (level) {
    case 'info':
      return l10n.t('Note');
    case 'warning':
      return l10n.t('Warning');
    case 'error':
      return l10n.t('Error');
  }
}

function endWords(reason: TurnEnd): string {
  switch (reason) {
    case 'end_turn':
      return l10n.t('Done');
    case 'max_tokens':
      return l10n.t('It stopped: the answer reached the most that the model gives');
    case 'max_turn_requests':
      return l10n.t('It stopped: it asked the model as often as it may for one prompt');
    case 'refusal':
      return l10n.t('The model refused to go on');
    case 'cancelled':
      return l10n.t('Cancelled');
    case 'error':
      return l10n.t('It stopped by an error');
  }
}

function plain(text: string): ShownEntry['blocks'] {
  return text === '' ? [] : [{ isCode: false, text }];
}

const EMPTY = {
  heading: '',
  look: '',
  blocks: [],
  note: '',
  steps: [],
  links: [],
  diffs: [],
  choices: [],
} as const;
const MOST_SPOKEN = 1_000;
const MOST_LINKS = 20;
const MOST_DIFFS = 20;
/** As many as there are digits for. */
const MOST_CHOICES = 9;
