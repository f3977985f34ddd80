/**
 * Owns: what a call is to do, file by file, found out before anything is sent: so all of it is done, or
 * nothing. Does not know: how it is sent.
 */
import { DEFAULT_LIMITS, parseLimits } from '../../core/limits.ts';
import { refused, type Reply } from './answer.ts';
import type { ChangeRequest } from './change-request.ts';
import { noSuchFile, planLines, planQuotes, planWhole } from './edit-file.ts';
import { planCreate, planDelete, planMode, type Planner, planRename } from './plan-lifecycle.ts';
import { planPatch } from './plan-patch.ts';
import { type Planned, type PlannedStep, refuse } from './planned-step.ts';

/** The steps of all changes; the first that does not fit refuses all. */
export async function planChanges(
  planner: Planner,
  changes: readonly ChangeRequest[],
): Promise<Planned> {
  if (changes.length === 0)
    return refuse(refused('bad_request', 'There is no change in the call.'));
  const steps: PlannedStep[] = [];
  let idle: Reply | undefined;
  for (const change of changes) {
    const planned = await planOne(planner, change);
    if (planned.tag === 'steps') steps.push(...planned.steps);
    // What is so already need not be done.
    else if (planned.reply.outcome === 'done') idle ??= planned.reply;
    else return refuse(inCall(planned.reply, changes.length));
  }
  if (steps.length === 0 && idle) return refuse(idle);
  const twice = editedTwice(steps);
  if (twice !== undefined) {
    return refuse(
      refused('bad_request', `The call edits ${twice} twice.`, [
        'Put all edits of a file into one change.',
      ]),
    );
  }
  return { tag: 'steps', steps };
}

function planOne(planner: Planner, change: ChangeRequest): Promise<Planned> {
  const { link, grounds, view } = planner;
  switch (change.kind) {
    case 'quotes':
      return planQuotes(link, grounds, change);
    case 'lines':
      return planLines(link, grounds, change);
    case 'write':
      return planWrite(planner, change);
    case 'create':
      return planCreate(planner, change);
    case 'rename':
      return planRename(planner, change);
    case 'delete':
      return planDelete(planner, change);
    case 'mode':
      return planMode(planner, change);
    case 'patch':
      return planPatch(planner, change);
    default:
      return Promise.resolve(
        refuse(
          refused(
            'bad_request',
            `There is no such change in ${view.workspace?.name ?? 'the world'}.`,
          ),
        ),
      );
  }
}

/** A file that is not there is made. */
async function planWrite(
  planner: Planner,
  change: Extract<ChangeRequest, { readonly kind: 'write' }>,
): Promise<Planned> {
  const file = await planner.grounds.find(change.path);
  if (file.tag === 'refused') return file;
  const isGone = file.tag === 'file' && file.head.deleted;
  if (file.tag === 'file' && !isGone) {
    const limits = parseLimits(planner.view.workspace?.limits ?? '') ?? DEFAULT_LIMITS;
    return planWhole(planner.link, planner.grounds, change, limits);
  }
  if (change.baseVersion !== undefined || change.contentHash !== undefined) {
    return refuse(noSuchFile(change.path));
  }
  if (file.tag === 'file' && planner.grounds.believesIn(file.head)) {
    return refuse(deletedByOthers(file.path));
  }
  return planCreate(planner, change);
}

/** Whoever deleted it meant that: it does not come back because somebody did not know. */
function deletedByOthers(path: string): Reply {
  return refused('no_such_file', `${path} was deleted by others after you read it.`, [
    `If it is to be there all the same, write it again: then ${path} is made anew.`,
  ]);
}

function inCall(reply: Reply, count: number): Reply {
  return count === 1
    ? reply
    : { ...reply, message: `${reply.message} Nothing of the call was done.` };
}

function editedTwice(steps: readonly PlannedStep[]): string | undefined {
  const seen = new Set<number>();
  for (const step of steps) {
    if (step.kind !== 'edit') continue;
    if (seen.has(step.ground.fileId)) return step.ground.path;
    seen.add(step.ground.fileId);
  }
  return undefined;
}
