// Brings a large folder into a world and keeps it in step, step by step, as it is asked.
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSurroundings } from '../../src/editor/surroundings.ts';
import { openFolderGit } from '../../src/git/folder-state.ts';
import { findLiveHost } from '../../src/host/discovery.ts';
import { stopHost } from '../../src/host/handover.ts';
import { openHome } from '../../src/host/home.ts';
import { DirectoryMirror } from '../../src/mirror/directory-mirror.ts';
import { systemClock } from '../../src/world/clock.ts';
import { silentLog } from '../../src/world/log.ts';
import { createFile, editFile } from '../../src/world/change-file.ts';
import { openAsPerson, openFolder, type OpenedFolder } from '../../src/world/open-folder.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { answerRequests } from './child-process.ts';

export type FolderRequest =
  | { readonly kind: 'import'; readonly folder: string; readonly home: string }
  /** Looks at every file, on disk and in the world; `idle` watches for so long; `rewrite` changes so many. */
  | { readonly kind: 'scan' }
  /** Puts all of the world into an empty directory, as an agent's of its own. */
  | { readonly kind: 'fill'; readonly folder: string }
  | { readonly kind: 'idle'; readonly ms: number }
  | { readonly kind: 'rewrite'; readonly files: number }
  /** Types until so many keys have come to another connection, or so many files are changed. */
  | { readonly kind: 'type'; readonly keys: number; readonly files: number }
  | { readonly kind: 'end' };

/** What one step took; the host is a process of its own. */
export interface FolderResponse {
  readonly ms: number;
  readonly cpuMs: number;
  readonly hostCpuMs: number;
  readonly rssMb: number;
  readonly hostRssMb: number;
  /** What each key took to another connection, where there was typing. */
  readonly keyMs: readonly number[];
}

const installation = fileURLToPath(new URL('../..', import.meta.url));
/** That of the commands that meet the same host: a newer one would take its place. */
const { version } = JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8')) as {
  readonly version: string;
};
let opened: OpenedFolder;
let home: string;
let folder: string;
let hostPid = 0;
let mirror: DirectoryMirror | undefined;

answerRequests(async (request: FolderRequest): Promise<FolderResponse> => {
  if (request.kind === 'import') {
    home = request.home;
    folder = await realpath(request.folder);
    await surroundings().hostUri();
    hostPid = (await findLiveHost(await openHome(home)))?.record.pid ?? 0;
  }
  globalThis.gc?.();
  const before = { ms: performance.now(), cpu: process.cpuUsage(), host: hostCpuMs() };
  const keyMs = (await step(request)) ?? [];
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    ms: performance.now() - before.ms,
    cpuMs: (user + system) / 1000,
    hostCpuMs: hostCpuMs() - before.host,
    rssMb: process.memoryUsage.rss() / 1e6,
    hostRssMb: hostRssMb(),
    keyMs,
  };
});

function surroundings() {
  return openSurroundings({ installation, version, log: silentLog, home });
}

async function step(request: FolderRequest): Promise<readonly number[] | undefined> {
  switch (request.kind) {
    case 'import':
      opened = await openFolder(surroundings(), {
        folder,
        server: surroundings().defaultServer,
        profile: { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' },
      });
      return undefined;
    case 'scan':
      mirror?.dispose();
      mirror = await openMirror(folder);
      return undefined;
    case 'fill':
      (await openMirror(request.folder)).dispose();
      return undefined;
    case 'idle':
      await delay(request.ms);
      return undefined;
    case 'rewrite':
      await rewrite(request.files);
      return undefined;
    case 'type':
      return type(request.keys, request.files);
    case 'end':
      mirror?.dispose();
      opened.session.close();
      await stopHost({ home });
      hostPid = 0;
      return undefined;
  }
}

async function openMirror(directory: string): Promise<DirectoryMirror> {
  const inStep = Promise.withResolvers<void>();
  const { session } = opened;
  const made = await DirectoryMirror.open({
    home,
    session,
    hostUri: (signal) => surroundings().hostUri(signal),
    clock: systemClock,
    directory,
    holds: false,
    newId: () => newUuid(Date.now(), systemRandomBytes),
    openGit: () => openFolderGit(directory, silentLog),
    tell: (event) => event.tag === 'pulled' && inStep.resolve(),
    output: silentLog,
  });
  await inStep.promise;
  return made;
}

/** Changes a line of so many files, and waits until the world has them all. */
async function rewrite(count: number): Promise<void> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const changed = filesChanged(count);
  for (const name of names.slice(0, count)) {
    const file = join(folder, name);
    await writeFile(file, (await readFile(file, 'utf8')).replace('//', '// changed:'));
  }
  await changed;
}

/** Resolves when so many files have another version in the world than when it was called. */
async function filesChanged(count: number): Promise<void> {
  const changed = new Set<number>();
  const done = Promise.withResolvers<void>();
  const stop = opened.session.view.files.onChange(({ before, after }) => {
    if (!before || !after || after.version === before.version) return;
    if (after.path !== TYPED_FILE) changed.add(after.fileId);
    if (changed.size === count) done.resolve();
  });
  await done.promise;
  stop();
}

async function type(keys: number, files: number): Promise<readonly number[]> {
  let isOver = false;
  const over =
    files === 0 ? Promise.resolve() : filesChanged(files).then(() => void (isOver = true));
  const { session } = opened;
  const reader = await openAsPerson(surroundings(), opened.world);
  const changer = { session, randomBytes: systemRandomBytes, author: '' };
  if (!session.view.fileAt(TYPED_FILE)) {
    const content = { kind: 'text', text: '', eol: 'lf', bom: false } as const;
    await createFile(changer, TYPED_FILE, { content, mode: 'regular' });
  }
  const { fileId } = session.view.fileAt(TYPED_FILE)!;
  const tookMs: number[] = [];
  while (files === 0 ? tookMs.length < keys : !isOver) {
    const { version } = session.view.files.get(fileId)!;
    const seen = Promise.withResolvers<void>();
    const stop = reader.view.files.onChange(({ after }) => {
      if (after?.fileId === fileId && after.version > version) seen.resolve();
    });
    const startedMs = performance.now();
    const place = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
    await editFile(changer, { fileId, version, changes: [{ ...place, text: 'k' }] });
    await seen.promise;
    tookMs.push(performance.now() - startedMs);
    stop();
    await delay(KEY_PAUSE_MS);
  }
  await over;
  reader.close();
  return tookMs;
}

const TYPED_FILE = 'typed.md';
const KEY_PAUSE_MS = 30;

function hostCpuMs(): number {
  if (hostPid === 0) return 0;
  const fields = readFileSync(`/proc/${hostPid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function hostRssMb(): number {
  if (hostPid === 0) return 0;
  const status = readFileSync(`/proc/${hostPid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1e3;
}
