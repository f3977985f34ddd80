/** Owns: what a patch comes to, file by file. Does not know: how it is sent. */
import { refused, type Reply } from './answer.ts';
import type { PatchRequest } from './change-request.ts';
import { groundOf, onEither } from './edit-file.ts';
import { fitHunks } from './fit-hunks.ts';
import { hunkMisfit } from './misfit.ts';
import { type FilePatch, parsePatch } from './patch.ts';
import { planCreate, planDelete, planMode, type Planner, planRename } from './plan-lifecycle.ts';
import { noChange, type Planned, plannedEdit, type PlannedStep, refuse } from './planned-step.ts';

export async function planPatch(planner: Planner, { patch }: PatchRequest): Promise<Planned> {
  const parsed = parsePatch(patch);
  if (parsed.tag === 'bad') {
    const message = `The patch cannot be read: ${parsed.why} (line ${parsed.line} of the patch). Nothing of it was done.`;
    return refuse(refused('bad_patch', message, [PATCH_FORMS]));
  }
  const steps: PlannedStep[] = [];
  let idle: Reply | undefined;
  for (const file of parsed.files) {
    const planned = await planFilePatch(planner, file);
    if (planned.tag === 'steps') steps.push(...planned.steps);
    else if (planned.reply.outcome === 'done') idle ??= planned.reply;
    else return planned;
  }
  return steps.length === 0 && idle ? refuse(idle) : { tag: 'steps', steps };
}

async function planFilePatch(planner: Planner, file: FilePatch): Promise<Planned> {
  if (file.kind === 'add') {
    const { path, text, isExecutable: executable } = file;
    return planCreate(planner, { path, text, executable });
  }
  if (file.kind === 'delete' && file.hunks.length === 0) return planDelete(planner, file);
  const { link, grounds } = planner;
  const on = await groundOf(link, grounds, file.path, {});
  if (on.tag === 'refused') return on;
  if (file.kind === 'delete') return planPatchedDelete(planner, file);
  const steps: PlannedStep[] = [];
  if (file.hunks.length > 0) {
    const planned = await onEither(link, grounds, on.ground, (ground) => {
      const found = fitHunks(ground.text, file.hunks);
      if (found.tag === 'found')
        return plannedEdit(ground, found.changes, found.notes, found.quoted);
      return {
        ...refuse(hunkMisfit(ground, found, file.hunks.length)),
        isNowhere: found.tag === 'misfit',
      };
    });
    if (planned.tag === 'refused' && planned.reply.outcome !== 'done') return planned;
    if (planned.tag === 'steps') steps.push(...planned.steps);
    else if (file.to === undefined) return planned;
  }
  if (file.to !== undefined) {
    const moved = await planRename(planner, { path: file.path, to: file.to });
    if (moved.tag === 'refused') return moved;
    steps.push(...moved.steps);
  }
  if (file.isExecutable !== undefined) {
    const mode = await planMode(planner, { path: file.path, executable: file.isExecutable });
    if (mode.tag === 'steps') steps.push(...mode.steps);
  }
  return steps.length === 0 ? refuse(noChange(file.path)) : { tag: 'steps', steps };
}

/** A diff that takes all lines out shows that its author knows them. */
async function planPatchedDelete(
  planner: Planner,
  { path, hunks }: Extract<FilePatch, { readonly kind: 'delete' }>,
): Promise<Planned> {
  const { link, grounds } = planner;
  const on = await groundOf(link, grounds, path, {});
  if (on.tag === 'refused') return on;
  return onEither(link, grounds, on.ground, (ground) => {
    const found = fitHunks(ground.text, hunks);
    if (found.tag !== 'found') {
      return {
        ...refuse(hunkMisfit(ground, found, hunks.length)),
        isNowhere: found.tag === 'misfit',
      };
    }
    if (ground.text.apply(found.changes).toString().trim() !== '') {
      return refuse(
        refused('patch_misfit', `The patch deletes ${path}, but not all of its lines.`, [
          `Read ${path} again.`,
        ]),
      );
    }
    return {
      tag: 'steps',
      steps: [{ kind: 'delete', head: ground.head, version: ground.version }],
    };
  });
}

const PATCH_FORMS =
  'Give a unified diff (--- a/path, +++ b/path, @@), or a patch from *** Begin Patch to *** End Patch.';
