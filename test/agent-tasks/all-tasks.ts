import { AMBIGUOUS_QUOTES } from './ambiguous-quotes.ts';
import { LINE_ENDS } from './line-ends.ts';
import { LINE_NUMBERS } from './line-numbers.ts';
import { MOVED_FILES } from './moved-files.ts';
import { PATCHES } from './patches.ts';
import { SENT_TWICE } from './sent-twice.ts';
import { STALE_READS } from './stale-reads.ts';
import type { AgentTask } from './task.ts';
import { UNSEEN_TASKS } from './unseen.ts';
import { WHITE_SPACE } from './white-space.ts';
import { WHOLE_WRITES } from './whole-writes.ts';

/** All tasks, by the kind of mistake. */
export const TASK_KINDS: Readonly<Record<string, readonly AgentTask[]>> = {
  'stale reads': STALE_READS,
  'wrong line numbers': LINE_NUMBERS,
  'ambiguous quotes': AMBIGUOUS_QUOTES,
  'white space and spelling': WHITE_SPACE,
  'line ends and marks': LINE_ENDS,
  'whole files from old copies': WHOLE_WRITES,
  'moved and deleted files': MOVED_FILES,
  'sent twice, and two on one task': SENT_TWICE,
  patches: PATCHES,
  'by a writer who had not seen the tools': UNSEEN_TASKS,
};
