import { Text } from '../core/text.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { AgentSession } from './agent-session.ts';
import { planFormat, soundSteps } from './format-plan.ts';
import { editAtPace } from './paced-edit.ts';
import type { ProjectFormatter } from './prettier-source.ts';
import { workWhenQuiet } from './quiet-work.ts';
import { WatchedText } from './watched-text.ts';

export interface FormatterOptions {
  readonly agent: AgentSession;
  readonly formatter: ProjectFormatter;
  readonly signal: AbortSignal;
  /** Begin with the files as they are, not only with what changes from now on. */
  readonly beginsWithAll?: boolean;
  /** How long nobody may have touched a file before it is formatted. */
  readonly quietMs?: number;
  readonly stepMs?: number;
}

const MAX_STEPS = 12;
/** What is larger than this nobody wrote by hand. */
const LONGEST_FILE_BYTES = 512 * 1024;

/**
 * Formats what others change, by the project's own Prettier configuration: when a file was quiet
 * for a while, only lines that need it, and none where somebody's cursor is. Runs until the signal
 * aborts; rejects when the world is refused or closed.
 */
export async function runFormatter(options: FormatterOptions): Promise<void> {
  const { agent, signal, beginsWithAll = false, quietMs = 1500 } = options;
  const { session } = agent;
  await workWhenQuiet({
    session,
    signal,
    quietMs,
    atStart: () => (beginsWithAll ? [...session.view.files.keys()] : []),
    subjectOf: ({ before, after }) => {
      const isNews = after !== undefined && after.version !== before?.version;
      return isNews && after.updatedBy !== session.identity ? after.fileId : undefined;
    },
    act: (fileId) => formatFile(options, fileId),
  });
}

async function formatFile(options: FormatterOptions, fileId: number): Promise<'done' | 'later'> {
  const { agent, formatter, signal, stepMs = 400 } = options;
  const head = agent.session.view.files.get(fileId);
  if (!head || !canFormat(head)) return 'done';
  const watched = await WatchedText.open(agent.session, fileId);
  try {
    const { text, version } = watched;
    const format = (content: string): Promise<string | undefined> =>
      formatter.format(head.path, content);
    const formatted = await format(text.toString());
    if (formatted === undefined) return 'done';
    const plan = planFormat(text, Text.of(formatted), watched.occupied);
    const steps = await soundSteps(text, plan.changes, formatted, format, MAX_STEPS);
    if (watched.version !== version) return 'later';
    const activity = `formatting ${head.path}`;
    const result = await editAtPace({ agent, watched, steps, activity, stepMs, signal });
    if (steps.length > 0) await agent.leave();
    return plan.deferred > 0 || result.tag === 'interrupted' ? 'later' : 'done';
  } finally {
    watched.close();
  }
}

function canFormat({ kind, deleted, byteLength }: FileHead): boolean {
  return kind === 'text' && !deleted && byteLength <= LONGEST_FILE_BYTES;
}
