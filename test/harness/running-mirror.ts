import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ended, type InstalledCommand } from './installed-command.ts';
import { until } from './until.ts';

export interface MirrorPlace {
  readonly installed: InstalledCommand;
  readonly home: string;
  /** A folder in the world. */
  readonly project: string;
}

/** `agent-world mirror` on a directory of its own. */
export class RunningMirror {
  readonly directory: string;
  readonly #child: ChildProcess;
  readonly #said: Record<string, unknown>[] = [];
  #read = 0;

  static start(
    { installed, home, project }: MirrorPlace,
    name: string,
    ...options: readonly string[]
  ): RunningMirror {
    const directory = path.join(installed.place, `of ${name}`);
    const args = ['mirror', directory, '--as', name, '--world', project, '--json', ...options];
    return new RunningMirror(directory, installed.start(home, ...args));
  }

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) =>
      this.#said.push(JSON.parse(line) as Record<string, unknown>),
    );
    child.stderr!.on('data', (text) => process.stderr.write(String(text)));
  }

  at(file: string): string {
    return path.join(this.directory, file);
  }

  read(file: string): string {
    return fs.readFileSync(this.at(file), 'utf8');
  }

  write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(this.at(file)), { recursive: true });
    fs.writeFileSync(this.at(file), text);
  }

  /** Resolves with the next event of that kind that was not asked for before. */
  async says(tag: string): Promise<Record<string, unknown>> {
    const next = (): number =>
      this.#said.findIndex((each, at) => at >= this.#read && each['tag'] === tag);
    await until(() => next() >= 0 || this.#child.exitCode !== null);
    const at = next();
    assert.ok(at >= 0, 'it ended');
    this.#read = at + 1;
    return this.#said[at]!;
  }

  /** All events of that kind until now. */
  saidOf(tag: string): readonly Record<string, unknown>[] {
    return this.#said.filter((each) => each['tag'] === tag);
  }

  async has(file: string, text: string): Promise<void> {
    const isFile = (): boolean =>
      fs.statSync(this.at(file), { throwIfNoEntry: false })?.isFile() ?? false;
    await until(() => isFile() && this.read(file) === text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const end = ended(this.#child);
    this.#child.kill('SIGINT');
    assert.equal((await end).code, 0);
  }
}
