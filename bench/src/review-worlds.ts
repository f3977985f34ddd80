// Worlds in which agents did something that nobody has looked at, after a short or a long history.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { enterAsAgent } from '../../src/agents/agent-identity.ts';
import { findWorld } from '../../src/cli/known-world.ts';
import { type Machine, openMachine } from '../../src/cli/machine.ts';
import type { Changes } from '../../src/core/change.ts';
import { openAsPerson } from '../../src/world/open-folder.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { ended } from './program-runs.ts';
import { AGENTS } from './agents-at-work.ts';
import { sendPatches } from './send-patches.ts';

export const UNREVIEWED = { files: 50, hunks: 200, ops: 2_000, linesPerFile: 1_000 } as const;

/** So many ops of a person, to and fro, are in each file before the agents come. */
export interface HistoryLength {
  readonly opsPerFile: number;
}

export interface ReviewWorld {
  /** A person's, by which the review is read. */
  readonly person: WorldSession;
  readonly agents: readonly WorldSession[];
  close(): void;
}

export async function openReviewWorld(
  home: string,
  folder: string,
  { opsPerFile }: HistoryLength,
): Promise<ReviewWorld> {
  await mkdir(folder, { recursive: true });
  for (let file = 0; file < UNREVIEWED.files; file++) {
    await writeFile(path.join(folder, nameOf(file)), text(file));
  }
  const cli = path.join(projectRoot, 'dist', 'cli.cjs');
  await ended([cli, 'open', folder, '--home', home]);
  const machine = await openMachine(home);
  const world = await findWorld(machine, folder);
  const person = await openAsPerson(machine, world);
  for (let file = 0; file < UNREVIEWED.files; file++) await writeHistory(person, file, opsPerFile);
  const agents = await Promise.all(
    Array.from({ length: AGENTS }, (_, agent) => enter(machine, world, agent)),
  );
  return {
    person,
    agents,
    close() {
      for (const session of [person, ...agents]) session.close();
    },
  };
}

function enter(
  machine: Machine,
  world: Awaited<ReturnType<typeof findWorld>>,
  agent: number,
): Promise<WorldSession> {
  return enterAsAgent(machine, world, `worker ${agent}`);
}

/** One turn of the first agent: as many ops as hunks are wanted, and each of them written over and over. */
export async function takeTurn({ agents, person }: ReviewWorld): Promise<void> {
  const [agent] = agents;
  if (!agent) throw new Error('there are agents');
  const asked = { session: 'bench', name: '', client: 'bench', title: 'two thousand edits' };
  await beginTurn(agent, asked, systemRandomBytes);
  const { files, hunks, ops } = UNREVIEWED;
  const versions = new Map<number, number>();
  for (let op = 0; op < ops; op++) {
    const file = op % files;
    const hunk = Math.floor(op / files) % (hunks / files);
    await rewrite(agent, versions, { file, line: lineOf(hunk), text: `${op}`.padStart(6, '0') });
  }
  await endTurn(agent, 'bench', systemRandomBytes);
  await seen(person, versions);
}

/** Each agent writes once in a file of its own. */
export async function workOnce({ agents, person }: ReviewWorld, round: number): Promise<void> {
  const versions = new Map<number, number>();
  const texts = `${round}`.padStart(6, '0');
  await Promise.all(
    agents.map((agent, file) => {
      return rewrite(agent, versions, { file: file * 5, line: lineOf(round % 4), text: texts });
    }),
  );
  await seen(person, versions);
}

/** Where a hunk of a file stands: far enough from the others to be one of its own. */
function lineOf(hunk: number): number {
  return 37 + 231 * hunk;
}

async function rewrite(
  session: WorldSession,
  versions: Map<number, number>,
  {
    file,
    line,
    text: written,
  }: { readonly file: number; readonly line: number; readonly text: string },
): Promise<void> {
  const { fileId, version: known } = headOf(session, file);
  const version = versions.get(fileId) ?? known;
  await sendPatches(session, fileId, version, changeAt(line, written));
  versions.set(fileId, version + 1);
}

/** A number of six digits at the start of a line is another one now. */
function changeAt(line: number, written: string): Changes {
  return [{ startLine: line, startCharacter: 0, endLine: line, endCharacter: 6, text: written }];
}

async function writeHistory(person: WorldSession, file: number, ops: number): Promise<void> {
  for (let done = 0; done < ops; done += OPS_PER_CALL) {
    const { fileId, version } = headOf(person, file);
    const some = Array.from({ length: Math.min(OPS_PER_CALL, ops - done) }, (_, at) => {
      const op = done + at;
      return changeAt((op * 7) % UNREVIEWED.linesPerFile, `${op}`.padStart(6, '0'));
    });
    await sendPatches(person, fileId, version, ...some);
    await seen(person, new Map([[fileId, version + some.length]]));
  }
}

const OPS_PER_CALL = 500;

/** Resolves when a session has heard of these versions. */
async function seen({ view }: WorldSession, versions: ReadonlyMap<number, number>): Promise<void> {
  const isSeen = (): boolean =>
    [...versions].every(([fileId, version]) => (view.files.get(fileId)?.version ?? 0) >= version);
  const done = Promise.withResolvers<void>();
  const stop = view.files.onChange(() => {
    if (isSeen()) done.resolve();
  });
  if (!isSeen()) await done.promise;
  stop();
}

function headOf({ view }: WorldSession, file: number) {
  const head = view.fileAt(nameOf(file));
  if (!head) throw new Error(`the world has no ${nameOf(file)}`);
  return head;
}

function nameOf(file: number): string {
  return `file-${file}.txt`;
}

function text(file: number): string {
  const { linesPerFile } = UNREVIEWED;
  const line = (at: number): string => `${String(at).padStart(6, '0')} is a line of file ${file}\n`;
  return Array.from({ length: linesPerFile }, (_, at) => line(at)).join('');
}
