/** Owns: what making, moving and removing a file come to. Does not know: how it is sent. */
import { pathKey } from '../../core/path.ts';
import type { Link } from '../../world/link.ts';
import type { WorldView } from '../../world/world-view.ts';
import { refused, type Reply } from './answer.ts';
import type { CreateRequest, DeleteRequest, ModeRequest, RenameRequest } from './change-request.ts';
import { noSuchFile, unseenReply } from './edit-file.ts';
import type { Grounds } from './grounds.ts';
import { noChange, type Planned, type PlannedStep, refuse } from './planned-step.ts';
import { withLineFeeds } from './quotes.ts';
import type { WorldPaths } from './world-paths.ts';

export interface Planner {
  readonly link: Link;
  readonly view: WorldView;
  readonly grounds: Grounds;
  readonly paths: WorldPaths;
}

export async function planCreate(planner: Planner, request: CreateRequest): Promise<Planned> {
  const found = await planner.paths.canonical(request.path);
  if (found.tag === 'bad') return refuse(found.reply);
  const { path } = found;
  const content = contentOf(request.text);
  const head = planner.view.fileAt(path);
  if (head) {
    const on = await planner.grounds.on(planner.link, head, {});
    const newest =
      on.tag === 'ground' ? await planner.grounds.newest(planner.link, on.ground) : undefined;
    if (newest?.text.toString() === content.text) return refuse(noChange(path));
    return refuse(
      refused(
        'path_taken',
        `${path} is there already (version ${head.version}), with another text.`,
        [`Read ${path}, and then edit it or write it anew.`],
      ),
    );
  }
  const taken = takenReply(planner.view, path);
  if (taken) return refuse(taken);
  const notes = /\r\n/.test(request.text) && content.eol === 'lf' ? [MIXED_ENDS] : [];
  const isExecutable = request.executable ?? false;
  return { tag: 'steps', steps: [{ kind: 'create', path, content, isExecutable, notes }] };
}

export async function planRename(planner: Planner, { path, to }: RenameRequest): Promise<Planned> {
  const target = await planner.paths.canonical(to);
  const source = await planner.paths.canonical(path);
  if (target.tag === 'bad') return refuse(target.reply);
  if (source.tag === 'bad') return refuse(source.reply);
  const file = await planner.grounds.find(path);
  if (file.tag === 'refused') return file;
  if (file.tag === 'none')
    return planFolderRename(planner, source.path, tidyTarget(to, target.path));
  const { head } = file;
  if (head.deleted) return refuse(noSuchFile(path));
  // Another case of the same path is a name of its own.
  const wanted =
    pathKey(target.path) === pathKey(head.path) ? tidyTarget(to, target.path) : target.path;
  if (wanted === head.path) return refuse(noChange(head.path));
  const taken =
    pathKey(wanted) === pathKey(head.path) ? undefined : takenReply(planner.view, wanted);
  if (taken) return refuse(taken);
  // Where the agent saw it: the world keeps two who rename a file to different names apart.
  const from = target.path === source.path ? head.path : source.path;
  return { tag: 'steps', steps: [{ kind: 'rename', head, from, to: wanted }] };
}

/** All files of a folder move together. */
function planFolderRename(planner: Planner, from: string, to: string): Planned {
  const below = [...planner.view.files.values()].filter(
    ({ deleted, path }) => !deleted && path.startsWith(`${from}/`),
  );
  if (below.length === 0) return refuse(noSuchFile(from));
  if (to === from || to.startsWith(`${from}/`)) {
    return refuse(refused('bad_path', `${from} cannot move into itself.`));
  }
  const steps: PlannedStep[] = [];
  for (const head of below) {
    const target = `${to}/${head.path.slice(from.length + 1)}`;
    const taken = takenReply(planner.view, target);
    if (taken) return refuse(taken);
    steps.push({ kind: 'rename', head, from: head.path, to: target });
  }
  return { tag: 'steps', steps };
}

export async function planDelete(
  planner: Planner,
  { path, baseVersion, contentHash }: DeleteRequest,
): Promise<Planned> {
  const file = await planner.grounds.find(path);
  if (file.tag === 'refused') return file;
  if (file.tag === 'none') return refuse(noSuchFile(file.path));
  const { head } = file;
  if (head.deleted)
    return refuse({ ...refused('no_change', `${file.path} is deleted already.`), outcome: 'done' });
  // Nobody reads bytes here, so nobody can have read them.
  if (head.kind === 'binary')
    return {
      tag: 'steps',
      steps: [{ kind: 'delete', head, version: baseVersion ?? head.version }],
    };
  const on = await planner.grounds.on(planner.link, head, { baseVersion, contentHash });
  if (on.tag === 'refused') return on;
  const unseen = unseenReply(on.ground);
  if (unseen)
    return refuse({ ...unseen, message: unseen.message.replace('replace all of it', 'delete it') });
  return { tag: 'steps', steps: [{ kind: 'delete', head, version: on.ground.version }] };
}

export async function planMode(
  planner: Planner,
  { path, executable }: ModeRequest,
): Promise<Planned> {
  const file = await planner.grounds.find(path);
  if (file.tag === 'refused') return file;
  if (file.tag === 'none' || file.head.deleted) return refuse(noSuchFile(file.path));
  const { head } = file;
  if ((head.mode === 'executable') === executable) return refuse(noChange(head.path));
  return { tag: 'steps', steps: [{ kind: 'mode', head, isExecutable: executable }] };
}

function takenReply(view: WorldView, path: string): Reply | undefined {
  if (view.fileAt(path))
    return refused('path_taken', `There is a file at ${path}.`, ['Choose another path.']);
  const way = view.inTheWay(path);
  if (!way) return undefined;
  const what =
    way.why === 'folder' ? `${path} is a folder` : `The file ${way.path} is in the way of ${path}`;
  return refused('path_taken', `${what}.`, ['Choose another path.']);
}

/** The name as it was spelled, of a path that differs from another by its case only. */
function tidyTarget(spelled: string, canonical: string): string {
  const plain = spelled
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  return pathKey(plain) === pathKey(canonical) ? plain : canonical;
}

/** A new text as the world keeps it: line ends that are all the same stay so on disk. */
function contentOf(text: string) {
  const bom = text.startsWith('\uFEFF');
  const body = bom ? text.slice(1) : text;
  const ends = body.match(/\r\n|\r|\n/g) ?? [];
  const eol = ends.length > 0 && ends.every((each) => each === '\r\n') ? 'crlf' : 'lf';
  return { kind: 'text', text: withLineFeeds(body), eol, bom } as const;
}

const MIXED_ENDS = 'Your text mixes line ends; the file has line feeds.';
