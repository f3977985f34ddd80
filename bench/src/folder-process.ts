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
import { openAsPerson, openFolder, type OpenedFolder } from '../../src/world/open-folder.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { answerRequests } from './child-process.ts';
import {
  type AskedQuestion,
  editEachFile,
  filesChanged,
  nextQuestion,
  takeAnswered,
  timeKeys,
} from './others-at-work.ts';

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
  /** Writes a line into each file of the world, as its owner. */
  | { readonly kind: 'edit' }
  /** Types until a folder asks. */
  | { readonly kind: 'await_question' }
  /** Answers that the folder's text is to be taken, and types until so many files are changed. */
  | { readonly kind: 'take'; readonly files: number }
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
  /** What a folder asked. */
  readonly asked?: AskedQuestion;
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
  const found = (await step(request)) ?? {};
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    ms: performance.now() - before.ms,
    cpuMs: (user + system) / 1000,
    hostCpuMs: hostCpuMs() - before.host,
    rssMb: process.memoryUsage.rss() / 1e6,
    hostRssMb: hostRssMb(),
    keyMs: [],
    ...found,
  };
});

function surroundings() {
  return openSurroundings({ installation, version, log: silentLog, home });
}

async function step(request: FolderRequest): Promise<Partial<FolderResponse> | undefined> {
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
    case 'type': {
      const { keys, files } = request;
      const over = files === 0 ? undefined : filesChanged(opened.session, files);
      return { keyMs: await type(keys, over) };
    }
    case 'edit':
      await editEachFile(opened.session);
      return undefined;
    case 'await_question': {
      const asked = nextQuestion(opened.session);
      return { keyMs: await type(0, asked), asked: await asked };
    }
    case 'take': {
      const taken = filesChanged(opened.session, request.files);
      await takeAnswered(opened.session);
      return { keyMs: await type(0, taken) };
    }
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
  const changed = filesChanged(opened.session, count);
  for (const name of names.slice(0, count)) {
    const file = join(folder, name);
    await writeFile(file, (await readFile(file, 'utf8')).replace('//', '// changed:'));
  }
  await changed;
}

/** Types so many keys, or until something is over, and tells what each took to another connection. */
async function type(keys: number, over?: Promise<unknown>): Promise<readonly number[]> {
  const reader = await openAsPerson(surroundings(), opened.world);
  try {
    return await timeKeys({ writer: opened.session, reader, keys, over });
  } finally {
    reader.close();
  }
}

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
