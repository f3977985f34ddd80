/**
 * Owns: sending what was planned, all of it or nothing, and saying what became of it. Does not know: how it
 * was planned.
 */
import type { Changes } from '../../core/change.ts';
import type { Link } from '../../world/link.ts';
import type { Refusal } from '../../world/refusal.ts';
import { readHeadSeq } from '../../world/read-head.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import type { AgentSession, AgentStep, EditResult } from '../agent-session.ts';
import { type ChangedFile, done, refused, type Reply } from './answer.ts';
import type { Grounds } from './grounds.ts';
import type { PlannedEdit, PlannedStep } from './planned-step.ts';
import { refusalReply } from './refusal-reply.ts';
import { type CallOutcome, callSingle } from './single-call.ts';
import { textAround } from './text-around.ts';
import type { TextShelf } from './text-shelf.ts';
import { ticketReply } from './ticket-reply.ts';
import { Text } from '../../core/text.ts';

export interface StepSender {
  readonly agent: AgentSession;
  readonly grounds: Grounds;
  readonly shelf: TextShelf;
  readonly randomBytes: RandomBytes;
  readonly signal: AbortSignal;
}

/** Throws `WorldError` and `LinkFailure`. */
export async function sendSteps(
  sender: StepSender,
  link: Link,
  steps: readonly PlannedStep[],
): Promise<Reply> {
  const [step, ...others] = steps;
  if (!step || others.length > 0) return sendTogether(sender, link, steps);
  return step.kind === 'edit' ? sendEdit(sender, link, step) : sendSingle(sender, link, step);
}

async function sendEdit(sender: StepSender, link: Link, edit: PlannedEdit): Promise<Reply> {
  const { agent, signal } = sender;
  const { ground, changes, quoted } = edit;
  const result = await agent.submit(ground, changes, 'patch', quoted, signal);
  if (result.tag !== 'applied') return notDone(sender, link, edit, outcomeOf(result));
  return done(...told([await edited(sender, link, edit, result)]));
}

/** Notes an edit that is in the text, and says how. */
async function edited(
  { agent, grounds, shelf }: StepSender,
  link: Link,
  edit: PlannedEdit,
  { version, rebased }: { readonly version: number; readonly rebased: boolean },
): Promise<ChangedFile> {
  const { view } = agent.session;
  const { ground, notes } = edit;
  const { fileId } = ground;
  const isNext = !rebased && version === ground.version + 1;
  const between = isNext
    ? []
    : await changesBetween(shelf, link, { fileId, after: ground.version, upTo: version - 1 });
  grounds.edited(edit, version, between);
  const path = view.files.get(fileId)?.path ?? ground.path;
  const around = rebased ? await textAround(link, view, shelf, { fileId, version }) : [];
  return { path, what: 'edited', version, rebased, notes, around };
}

/** What was done to a text after one version up to another; undefined where it was no text for a while. */
async function changesBetween(
  shelf: TextShelf,
  link: Link,
  {
    fileId,
    after,
    upTo,
  }: { readonly fileId: number; readonly after: number; readonly upTo: number },
): Promise<readonly Changes[] | undefined> {
  const ops = await shelf.opsBetween(link, fileId, after, upTo);
  return ops.some(({ changes }) => changes.length === 0)
    ? undefined
    : ops.map(({ changes }) => changes);
}

/** All of it is done, or nothing, or all of it waits in one ticket. */
async function sendTogether(
  sender: StepSender,
  link: Link,
  steps: readonly PlannedStep[],
): Promise<Reply> {
  const { agent, shelf, signal } = sender;
  const { view } = agent.session;
  const result = await agent.changeFiles(steps.map(agentStep), '', signal);
  const what = [...new Set(steps.map(pathOf))].join(', ');
  if (result.tag === 'ticketed')
    return ticketReply(link, { view, shelf, what, ticketId: result.ticketId });
  if (result.tag === 'refused') {
    const { refusal } = result;
    return refusal.code === 'upgrade_needed'
      ? upgradeNeeded(what)
      : refusalReply(view, what, refusal);
  }
  // Files that were just made are found by their paths.
  await readHeadSeq(link);
  const files: ChangedFile[] = [];
  for (const [index, step] of steps.entries()) {
    const outcome = result.steps[index]!;
    if (step.kind === 'edit') files.push(await edited(sender, link, step, outcome));
    else files.push(changedFile(sender, step, { ...outcome, tag: 'applied' }));
  }
  return done(...told(files));
}

function agentStep(step: PlannedStep): AgentStep {
  switch (step.kind) {
    case 'edit': {
      const { ground: on, changes, quoted } = step;
      return { kind: 'edit', on, changes, quoted };
    }
    case 'create': {
      const { path, content, isExecutable } = step;
      return { kind: 'create', path, content, mode: isExecutable ? 'executable' : 'regular' };
    }
    case 'rename': {
      const { head, from, to } = step;
      return { kind: 'rename', fileId: head.fileId, version: head.version, from, to };
    }
    case 'delete':
      return { kind: 'delete', fileId: step.head.fileId, version: step.version };
    case 'mode': {
      const { fileId, version, eol, bom } = step.head;
      const mode = step.isExecutable ? 'executable' : 'regular';
      return { kind: 'mode', fileId, version, mode, eol, bom };
    }
  }
}

async function sendSingle(
  sender: StepSender,
  link: Link,
  step: Exclude<PlannedStep, PlannedEdit>,
): Promise<Reply> {
  const { agent, randomBytes, signal } = sender;
  const outcome = await callSingle({ session: agent.session, randomBytes, signal }, step);
  if (outcome.tag !== 'applied') return notDone(sender, link, step, outcome);
  const { view } = agent.session;
  // Who goes on at once with a file that was just made finds it.
  if (step.kind === 'create' && !view.fileAt(step.path)) await readHeadSeq(link);
  return done(...told([changedFile(sender, step, outcome)]));
}

function changedFile(
  { agent, grounds }: StepSender,
  step: Exclude<PlannedStep, PlannedEdit>,
  { fileId, version, unchanged }: Extract<CallOutcome, { readonly tag: 'applied' }>,
): ChangedFile {
  const base = { version, rebased: false, notes: [], around: [] };
  switch (step.kind) {
    case 'create': {
      const { path, content, notes } = step;
      const head = agent.session.view.fileAt(path);
      // Somebody else's file may have been there first: then it was an edit of that.
      if (head?.fileId === fileId && version > 0) {
        grounds.gave({ fileId, version, text: Text.of(content.text), path }, 'all');
      }
      return { ...base, path, what: unchanged ? 'unchanged' : 'created', notes };
    }
    case 'rename':
      grounds.moved(fileId, step.to);
      return { ...base, path: step.to, from: step.from, what: 'renamed' };
    case 'delete':
      grounds.deleted(fileId);
      return { ...base, path: step.head.path, what: 'deleted' };
    case 'mode':
      return { ...base, path: step.head.path, what: 'mode' };
  }
}

function told(files: readonly ChangedFile[]): Parameters<typeof done> {
  return [files.map(sentence).join(' '), { kind: 'changed', files }];
}

function sentence({ path, from, what, version, rebased, notes }: ChangedFile): string {
  const moved = rebased
    ? 'Others had changed it elsewhere, which stays; your edit was moved along, and below is the text around it as it is now.'
    : '';
  const first = {
    edited: `Edited ${path}: it is at version ${version} now.`,
    created: `Created ${path}.`,
    renamed: `Renamed ${from} to ${path}.`,
    deleted: `Deleted ${path}.`,
    mode: `Changed whether ${path} is executable.`,
    unchanged: `${path} reads so already.`,
  }[what];
  return [first, moved, ...notes].filter((each) => each !== '').join(' ');
}

async function notDone(
  { agent, shelf }: StepSender,
  link: Link,
  step: PlannedStep,
  outcome: Exclude<CallOutcome, { readonly tag: 'applied' }>,
): Promise<Reply> {
  const { view } = agent.session;
  const path = pathOf(step);
  if (outcome.tag === 'refused') return refusalReply(view, path, outcome.refusal);
  return ticketReply(link, { view, shelf, what: path, ticketId: outcome.ticketId });
}

function outcomeOf(
  result: Exclude<EditResult, { readonly tag: 'applied' }>,
): Exclude<CallOutcome, { readonly tag: 'applied' }> {
  if (result.tag === 'ticketed' || result.tag === 'refused') return result;
  const code = result.tag === 'bad_changes' ? result.code : result.tag;
  const refusal: Refusal = { code, message: 'The edit does not fit the text', details: {} };
  return { tag: 'refused', refusal };
}

export function pathOf(step: PlannedStep): string {
  if (step.kind === 'edit') return step.ground.path;
  return step.kind === 'create' ? step.path : step.head.path;
}

function upgradeNeeded(what: string): Reply {
  return refused(
    'upgrade_needed',
    `This world is of a version that cannot change several things in one call; nothing was done (${what}).`,
    [
      'Make the changes one by one.',
      'An owner can bring the world up to date: agent-world upgrade.',
    ],
  );
}
