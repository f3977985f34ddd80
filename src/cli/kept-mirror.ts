/**
 * Owns: that a mirror runs on an agent's folder for as long as its server does, and is started again when it
 * ends. Does not know: what a mirror does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { CancelTimer } from '../world/clock.ts';
import { WorldError } from '../world/world-error.ts';
import type { KnownWorld } from '../world/world-list.ts';
import { directoryState } from '../mirror/directory-mirror.ts';
import { forgetPuts } from '../mirror/folder-log.ts';
import type { Machine } from './machine.ts';
import { isMirrorRunning } from './running-mirrors.ts';

/** How soon it is looked whether somebody has to start a mirror again. */
const AGAIN_MS = 3_000;

/** Whose folder it is. */
export interface AgentFolder {
  readonly world: KnownWorld;
  /** Absolute, and there. */
  readonly folder: string;
  /** The agent's name. */
  readonly name: string;
}

export interface KeptMirrorOptions extends AgentFolder {
  readonly machine: Machine;
}

export class KeptMirror {
  readonly #options: KeptMirrorOptions;
  #child: ChildProcess | undefined;
  #cancel: CancelTimer | undefined;
  #isOver = false;

  constructor(options: KeptMirrorOptions) {
    this.#options = options;
    void this.#look();
  }

  /** Ends the mirror, if it is ours. */
  dispose(): void {
    this.#isOver = true;
    this.#cancel?.();
    // It ends with its input, and puts down first what it has taken up.
    this.#child?.stdin?.end();
  }

  async #look(): Promise<void> {
    const state = await stateOf(this.#options.machine, this.#options);
    if (this.#isOver) return;
    // Another session of the same agent may keep it: whoever is left does so after that one.
    if (!(await isMirrorRunning(state)) && !this.#isOver) this.#start();
    else this.#lookAgain();
  }

  #start(): void {
    const { machine } = this.#options;
    const args = mirrorArguments(machine, this.#options);
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    this.#child = child;
    child.once('error', () => this.#ended(child));
    child.once('exit', () => this.#ended(child));
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (!this.#isOver) this.#lookAgain();
  }

  #lookAgain(): void {
    this.#cancel?.();
    this.#cancel = this.#options.machine.clock.after(AGAIN_MS, () => void this.#look());
  }
}

/**
 * Puts the world's files into an agent's folder once. One that is empty is begun anew: whatever was in it
 * before is not missing. Rejects with `WorldError`.
 */
export async function fillFolder(machine: Machine, of: AgentFolder): Promise<void> {
  await mkdir(of.folder, { recursive: true });
  const state = await stateOf(machine, of);
  const isEmpty = (await readdir(of.folder)).length === 0;
  if (isEmpty && !(await isMirrorRunning(state))) await forgetPuts(state);
  const args = [...mirrorArguments(machine, of), '--json'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said = String(text)));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const isPulled = (line: string): boolean => line.includes('"tag":"pulled"');
  for await (const line of createInterface({ input: child.stdout })) {
    if (isPulled(line)) child.stdin.end();
  }
  const [code] = await ended;
  if (code !== 0) throw new WorldError('unreachable', `The folder cannot be kept: ${said.trim()}`);
}

async function stateOf(machine: Machine, { world, folder }: AgentFolder): Promise<string> {
  const directory = await realpath(folder).catch(() => folder);
  return directoryState(machine.home, directory, world.database);
}

function mirrorArguments(machine: Machine, { world, folder, name }: AgentFolder): string[] {
  const whose = [...asWhom(name), '--world', world.database, '--home', machine.home];
  return [process.argv[1] ?? '', 'mirror', folder, ...whose, '--until-input-ends'];
}

/** A name that begins like an option is none. */
export function asWhom(name: string): readonly string[] {
  return name.startsWith('-') ? [`--as=${name}`] : ['--as', name];
}
