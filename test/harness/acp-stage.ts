/**
 * Owns: a world with a person and an agent that has a folder of its own, and the scripted client on a path of its own.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import type { AgentRun, RunState } from '../../src/acp/agent-run.ts';
import type { RunOptions } from '../../src/acp/live-run.ts';
import type { PastRun } from '../../src/acp/past-runs.ts';
import { runClientNamed } from '../../src/acp/run-clients.ts';
import type { startRun as StartRun } from '../../src/acp/start-run.ts';
import { type AddedAgent, AddedAgents } from '../../src/agents/clients/added-agents.ts';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { type ExtensionSurroundings, openSurroundings } from '../../src/editor/surroundings.ts';
import { silentLog } from '../../src/world/log.ts';
import { openFolder } from '../../src/world/open-folder.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { readTurnsOf, type Turn } from '../../src/world/turns.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import type { AgentStep, AgentWay } from './acp-agent.ts';
import { InstalledCommand } from './installed-command.ts';

export interface RunTerms {
  readonly way?: AgentWay;
  readonly resume?: PastRun;
  readonly times?: RunOptions['times'];
  readonly client?: string;
}

export class AcpStage {
  readonly installed: InstalledCommand;
  readonly machine: ExtensionSurroundings;
  readonly ada: WorldSession;
  /** The same person, by calls. */
  readonly person: AgentSession;
  readonly agent: AddedAgent;
  readonly #startRun: typeof StartRun;
  readonly #bin: string;
  readonly #runs: AgentRun[] = [];

  private constructor(
    installed: InstalledCommand,
    machine: ExtensionSurroundings,
    ada: WorldSession,
    startRun: typeof StartRun,
  ) {
    this.installed = installed;
    this.machine = machine;
    this.ada = ada;
    this.person = new AgentSession({ session: ada, randomBytes: machine.randomBytes });
    this.#startRun = startRun;
    const folder = path.join(installed.place, 'own');
    fs.mkdirSync(folder);
    this.agent = {
      client: 'gemini',
      name: 'Gem',
      database: ada.database,
      worldName: 'project',
      folder,
      isOwnFolder: true,
      serverName: 'agent-world',
      entry: { command: process.execPath, args: ['-e', ''] },
    };
    this.#bin = path.join(installed.place, 'bin');
    fs.mkdirSync(this.#bin);
    const program = path.join(this.#bin, 'gemini');
    const agent = path.join(projectRoot, 'test/harness/acp-agent.ts');
    fs.writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${agent}' "$@"\n`);
    fs.chmodSync(program, 0o755);
  }

  static async open(files: Readonly<Record<string, string>>): Promise<AcpStage> {
    const installed = await InstalledCommand.install();
    const bundle = path.join(installed.dist, 'run.cjs');
    const { startRun } = (await import(bundle)) as { readonly startRun: typeof StartRun };
    const machine = openSurroundings({
      installation: path.dirname(installed.dist),
      version: '0.0.0',
      log: silentLog,
      home: installed.home('home'),
    });
    const project = path.join(installed.place, 'project');
    fs.mkdirSync(project);
    for (const [name, text] of Object.entries(files)) {
      fs.writeFileSync(path.join(project, name), text);
    }
    const { session } = await openFolder(machine, {
      folder: project,
      server: machine.defaultServer,
      profile: { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' },
    });
    const stage = new AcpStage(installed, machine, session, startRun);
    const added = new AddedAgents(machine.home);
    await added.alone(() => added.put(stage.agent));
    return stage;
  }

  /** The person's folder. */
  get project(): string {
    return path.join(this.installed.place, 'project');
  }

  /** The person changes a part of a file. */
  async changes(file: string, search: string, replacement: string): Promise<void> {
    await this.person.read(file);
    const { tag } = await this.person.replace(file, [{ search, replacement }]);
    assert.equal(tag, 'applied');
  }

  /** The person claims the first line of a file. */
  async claims(file: string): Promise<void> {
    await this.person.read(file);
    const { tag } = await this.person.claim(file, { firstLine: 0, lastLine: 0 }, 'mine', 60_000);
    assert.equal(tag, 'claimed');
  }

  /** The text of a file as the world has it. */
  async text(file: string): Promise<string> {
    await readHeadSeq(await this.ada.whenOnline());
    const read = await this.person.read(file);
    return read.tag === 'text' ? read.text.toString() : read.tag;
  }

  /** Of the agent, the newest first. */
  turns(): Promise<readonly Turn[]> {
    const members = [...this.ada.view.members.values()];
    const member = members.find(({ displayName }) => displayName === this.agent.name);
    assert.ok(member);
    return readTurnsOf(this.ada, member.identity);
  }

  /** A file of the agent's folder. */
  at(name: string): string {
    return path.join(this.agent.folder, name);
  }

  start({ way = {}, resume, times, client = 'gemini' }: RunTerms = {}): AgentRun {
    const run = this.#startRun({
      machine: this.machine,
      agent: this.agent,
      client: runClientNamed(client)!,
      environment: this.environment(way),
      ...(resume && { resume }),
      times: { graceMs: 300, ...times },
    });
    this.#runs.push(run);
    return run;
  }

  /** Of a window in which the scripted client is found. */
  environment(way: AgentWay): NodeJS.ProcessEnv {
    const searched = [this.#bin, process.env['PATH'] ?? ''].join(path.delimiter);
    return { ...process.env, PATH: searched, ACP_AGENT: JSON.stringify(way) };
  }

  /** A run that takes a prompt. */
  async ready(terms?: RunTerms): Promise<AgentRun> {
    const run = this.start(terms);
    await this.until(run, () => run.state !== 'starting' && run.state !== 'ending');
    assert.equal(run.state, 'ready', run.error?.message);
    return run;
  }

  /** Has it do something, to the end. */
  async ask(run: AgentRun, steps: readonly AgentStep[], end: RunState = 'ready'): Promise<void> {
    assert.ok(run.prompt(JSON.stringify(steps)), run.state);
    await this.until(run, () => run.state === end);
  }

  /** What it said in the last prompt, joined. */
  said(run: AgentRun): string {
    const from = run.entries.findLastIndex(({ kind }) => kind === 'prompt');
    const answers = run.entries
      .slice(from)
      .flatMap((entry) => (entry.kind === 'answer' ? [entry.text] : []));
    return answers.join('\n');
  }

  /** Has it do one thing, and resolves with what it says of it. */
  async does(run: AgentRun, step: AgentStep): Promise<string> {
    await this.ask(run, [step]);
    return this.said(run);
  }

  /** Looks at each change of it. */
  async until(run: AgentRun, isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const stop = run.onChange(() => {
        if (!isSo()) return;
        stop();
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    for (const run of this.#runs) await run.stop();
    this.ada.close();
    await this.installed.dispose();
  }
}
