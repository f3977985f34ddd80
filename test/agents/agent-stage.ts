/**
 * Owns: a world with a person and another agent at work, and a throw-away home of the user who has one of the
 * clients. Does not know: what is tried there.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import type { AgentRun } from '../../src/acp/agent-run.ts';
import { type PastRun, PastRuns } from '../../src/acp/past-runs.ts';
import { runClientNamed } from '../../src/acp/run-clients.ts';
import type { startRun as StartRun } from '../../src/acp/start-run.ts';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { AddedAgents } from '../../src/agents/clients/added-agents.ts';
import { joinAgent } from '../../src/agents/join-agent.ts';
import { type ExtensionSurroundings, openSurroundings } from '../../src/editor/surroundings.ts';
import { readFile as readWorldFile } from '../../src/world/file-reader.ts';
import { silentLog } from '../../src/world/log.ts';
import { openFolder } from '../../src/world/open-folder.ts';
import { standingRestorations } from '../../src/world/restorations.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { BindingTypist } from '../harness/binding-typist.ts';
import { killHost } from '../harness/host-life.ts';
import { type Ended, ended, endMirrors } from '../harness/installed-command.ts';
import type { RealClient } from './clients/real-client.ts';
import type { Script } from './model/conversation.ts';
import { MODEL_NAME, ScriptedModel } from './model/scripted-model.ts';
import { endLeftovers, endStaying } from './processes.ts';
import { recordHooks, sortRecorded } from './recorded-hooks.ts';
import { lineOf, type FunctionName, sharedText, TYPED_AT, withoutKeys } from './shared-file.ts';

const CLI = path.join(projectRoot, 'dist', 'cli.cjs');
const RUN = path.join(projectRoot, 'dist', 'run.cjs');
/** As somebody who types fast. */
const KEY_MS = 120;
const PATIENCE_MS = 30_000;
const LOOK_MS = 50;
const RUN_MS = 180_000;
/** The mirror of an agent's folder goes on for ten minutes when its client is gone. */
const KEEPER = '--until-unused';
const NOT_THE_USERS =
  /^(?:XDG_|ANTHROPIC_|CLAUDE|OPENAI_|CODEX_|GEMINI_|GOOGLE_|OPENCODE_|COPILOT_|GITHUB_|GH_|QWEN_|CLINE_|AGENT_|IS_SANDBOX)/;

export interface StageOptions {
  readonly client: RealClient;
  /** The folders that have the client's program, and its adapter's. */
  readonly bins: readonly string[];
  /** Files that the world has from the beginning; all with the same text. */
  readonly files: readonly string[];
  /** Where what hooks are sent is written, if anywhere. */
  readonly recordFolder: string | undefined;
}

/** One run of a client. */
export interface ClientRun {
  readonly code: number | null;
  readonly output: string;
}

export class AgentStage {
  readonly client: RealClient;
  readonly model: ScriptedModel;
  readonly place: string;
  /** The home of the client's user. */
  readonly user: string;
  /** The person's folder. */
  readonly project: string;
  /** The agent's own folder. */
  readonly folder: string;
  readonly ada: WorldSession;
  /** The same person by calls, where nothing is typed. */
  readonly adaByCalls: AgentSession;
  readonly bob: AgentSession;
  /** All that the client has sent to its model. */
  readonly #requests: string[] = [];
  readonly #surroundings: ExtensionSurroundings;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #recordFolder: string | undefined;

  static async open({ client, bins, files, recordFolder }: StageOptions): Promise<AgentStage> {
    const place = await realpath(await mkdtemp(path.join(tmpdir(), `agents-${client.id}-`)));
    const project = path.join(place, 'project');
    await mkdir(project);
    for (const file of files) await writeFile(path.join(project, file), sharedText());
    const surroundings = openSurroundings({
      installation: projectRoot,
      version: await projectVersion(),
      log: silentLog,
      home: path.join(place, 'home'),
    });
    const server = surroundings.defaultServer;
    const profile = { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' };
    const { session: ada } = await openFolder(surroundings, { folder: project, server, profile });
    const bob = await joinAgent(surroundings, ada, server, {
      name: 'bob',
      displayName: 'Bob',
      color: '',
    });
    const model = await ScriptedModel.start();
    const parts = { client, model, place, project, ada, surroundings, recordFolder };
    const { randomBytes } = surroundings;
    const stage = new AgentStage(parts, new AgentSession({ session: bob, randomBytes }), bins);
    await stage.#prepareUser();
    return stage;
  }

  private constructor(
    parts: Pick<AgentStage, 'client' | 'model' | 'place' | 'project' | 'ada'> & {
      readonly surroundings: ExtensionSurroundings;
      readonly recordFolder: string | undefined;
    },
    bob: AgentSession,
    bins: readonly string[],
  ) {
    const { client, model, place, project, ada } = parts;
    this.client = client;
    this.model = model;
    this.place = place;
    this.project = project;
    this.ada = ada;
    this.adaByCalls = new AgentSession({
      session: ada,
      randomBytes: parts.surroundings.randomBytes,
    });
    this.bob = bob;
    this.user = path.join(place, 'user');
    this.folder = `${project}-${client.id}`;
    this.#surroundings = parts.surroundings;
    const recorded = `${client.id}-${client.version}`;
    this.#recordFolder = parts.recordFolder && path.join(parts.recordFolder, recorded);
    const inherited = Object.entries(process.env).filter(([name]) => !NOT_THE_USERS.test(name));
    this.#environment = {
      ...Object.fromEntries(inherited),
      HOME: this.user,
      PATH: [...bins, path.dirname(process.execPath), process.env['PATH']].join(path.delimiter),
      ...client.environment(this.#address),
    };
    model.onStray = (what) => this.note(`The model was asked, and no script answers: ${what}`);
  }

  get #address() {
    return { address: this.model.address, modelName: MODEL_NAME };
  }

  async #prepareUser(): Promise<void> {
    for (const [file, text] of Object.entries(this.client.settings(this.#address))) {
      const target = path.join(this.user, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
    }
    const { login, program } = this.client;
    if (login) await this.#spawned(program, login(this.#address), this.place);
  }

  /** Kept for whoever looks into a failure. */
  note(what: string): void {
    appendFileSync(path.join(this.place, 'said.txt'), `${what}\n`);
  }

  /** Where the agent's folder has a file. */
  at(file: string): string {
    return path.join(this.folder, file);
  }

  /** Runs `agent-world` as the user does. */
  command(...args: readonly string[]): Promise<Ended> {
    const { home } = this.#surroundings;
    const env = { ...this.#environment, AGENT_WORLD_HOME: home, PWD: this.project };
    return ended(spawn(process.execPath, [CLI, ...args], { cwd: this.project, env }));
  }

  /** The objects that a command tells with `--json`. */
  async asked(...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const { code, out, err } = await this.command(...args, '--json');
    assert.equal(code, 0, err);
    const lines = out.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** From now on what hooks are sent is also written down. */
  async recordHooks(): Promise<void> {
    if (this.#recordFolder === undefined) return;
    await recordHooks(path.join(this.#surroundings.home, 'bin', 'agent-world'), this.#recordFolder);
  }

  /** Whether the model was shown this, wherever the client puts it. */
  wasShown(what: string): boolean {
    return this.#requests.some((request) => request.includes(what));
  }

  /** The client works in its folder until the script is at its end, and what it leaves behind has ended. */
  async work(script: Script): Promise<ClientRun> {
    const [run] = await this.workTogether(script);
    return run!;
  }

  /** Several sessions of the client at once. */
  async workTogether(...scripts: readonly Script[]): Promise<readonly ClientRun[]> {
    const runs = await Promise.allSettled(scripts.map((script) => this.#oneRun(script)));
    const left = await endLeftovers(this.user, { program: CLI, stays: KEEPER });
    const values = runs.map((run) => {
      if (run.status === 'rejected') throw run.reason;
      return run.value;
    });
    assert.deepEqual(left, [], 'nothing of ours outlives the client');
    return values;
  }

  /** A window runs the client, and a person allows all that it asks for. Resolves when nothing of it is left. */
  async workInWindow(script: Script): Promise<AgentRun> {
    const conversation = this.model.converse(script);
    conversation.onTurn = (what) => this.note(what);
    conversation.onAsked = (request) => this.#requests.push(request);
    const run = await this.#inWindow(`Please do the next step. ${conversation.mark}`);
    conversation.clientEnded(run.error?.message ?? 'its prompt is over');
    await conversation.ended;
    return run;
  }

  /** The next window goes on with what the last one did. */
  async goOnInWindow(): Promise<AgentRun> {
    const resume = await new PastRuns(this.#surroundings.home).last(this.folder);
    assert.ok(resume, 'it is known what ran there');
    return this.#inWindow(undefined, resume);
  }

  /** Until its prompt is over; without one until it is ready for one. */
  async #inWindow(prompt: string | undefined, resume?: PastRun): Promise<AgentRun> {
    const { client } = this;
    const machine = this.#surroundings;
    const agents = await new AddedAgents(machine.home).all();
    const agent = agents.find((each) => each.client === client.id);
    const runClient = runClientNamed(client.id);
    assert.ok(agent && runClient, 'it is set up, and can be run');
    const { startRun } = (await import(RUN)) as { readonly startRun: typeof StartRun };
    const of = { machine, agent, client: runClient, environment: this.#environment };
    const run = startRun(resume ? { ...of, resume } : of);
    try {
      await this.#prompted(run, prompt);
    } finally {
      await run.stop();
      this.note(JSON.stringify(run.about));
      this.note(JSON.stringify(run.entries, undefined, 1));
    }
    assert.deepEqual(await endLeftovers(this.user, { program: CLI, stays: KEEPER }), []);
    return run;
  }

  async #prompted(run: AgentRun, prompt: string | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      let isAsked = prompt === undefined;
      const timer = setTimeout(() => reject(new Error(`The run is ${run.state}`)), RUN_MS);
      const stop = run.onChange(() => {
        allowAll(run);
        if (run.state === 'ready' && !isAsked) {
          isAsked = run.prompt(prompt ?? '');
        } else if (run.state === 'ready' || run.state === 'failed') {
          clearTimeout(timer);
          stop();
          resolve();
        }
      });
    });
  }

  async #oneRun(script: Script): Promise<ClientRun> {
    const conversation = this.model.converse(script);
    conversation.onTurn = (what) => this.note(what);
    conversation.onAsked = (request) => this.#requests.push(request);
    const { client } = this;
    const args = client.run(`Please do the next step. ${conversation.mark}`);
    const run = await this.#spawned(client.program, args, this.folder);
    conversation.clientEnded(`exit code ${run.code}`);
    await conversation.ended;
    return run;
  }

  async #spawned(program: string, args: readonly string[], cwd: string): Promise<ClientRun> {
    // opencode takes the folder that this names for its own, whatever folder it runs in.
    const env = { ...this.#environment, PWD: cwd };
    const child = spawn(program, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill(), RUN_MS);
    const { code, out, err } = await ended(child);
    clearTimeout(timer);
    const output = out + err;
    this.note(output);
    return { code, output };
  }

  /** The person types into a file until it is stopped. */
  async typeInto(file: string): Promise<PersonTyping> {
    const betweenKeys = (): Promise<unknown> => delay(KEY_MS);
    const options = { session: this.ada, file, mark: TYPED_AT, log: silentLog, betweenKeys };
    const typist = await BindingTypist.start(options);
    const working = typist.work();
    // A failure is told by `stopTyping`, which may come much later.
    working.catch(() => {});
    return { typist, working };
  }

  /** Somebody rewrites a function, wherever that is by now. */
  async rewrite(by: AgentSession, file: string, name: FunctionName, to: string): Promise<void> {
    await by.read(file);
    const search = lineOf(name).trimEnd();
    const replacement = lineOf(name, to).trimEnd();
    const result = await by.replace(file, [{ search, replacement }]);
    assert.equal(result.tag, 'applied', JSON.stringify(result));
  }

  /** The text as the world has it now. */
  async worldText(file: string): Promise<string> {
    const link = await this.ada.whenOnline();
    await readHeadSeq(link);
    const head = this.ada.view.fileAt(file);
    assert.ok(head, `the world has ${file}`);
    const content = await readWorldFile(link, this.ada.view, head.fileId);
    assert.equal(content.kind, 'text');
    return content.kind === 'text' ? content.text.toString() : '';
  }

  diskText(file: string): Promise<string> {
    return readFile(this.at(file), 'utf8');
  }

  /** Waits until the world's text is so. */
  untilWorld(file: string, isSo: (text: string) => boolean, what: string): Promise<void> {
    return until(async () => isSo(await this.worldText(file)), what);
  }

  /** Waits until the agent's folder has this. */
  untilDisk(file: string, has: string): Promise<void> {
    const look = async (): Promise<boolean> => (await this.diskText(file)).includes(has);
    return until(look, `the folder's ${file} has ${JSON.stringify(has)}`);
  }

  /** Waits until the folder has what the world has, but for what is being typed. */
  untilInStep(file: string): Promise<void> {
    return until(() => this.#isInStep(file), `the folder's ${file} is the world's`);
  }

  /** Waits until what is on disk is in the world, or somebody is asked about it; then it is true. */
  async untilInStepOrAsked(file: string): Promise<boolean> {
    const look = async (): Promise<boolean> => (await this.#isInStep(file)) || this.isAsked(file);
    await until(look, `the folder's ${file} is the world's, or somebody is asked`);
    return this.isAsked(file);
  }

  /** Whether somebody is asked if a write may put a file back. */
  isAsked(file: string): boolean {
    const { view } = this.ada;
    const head = view.fileAt(file);
    return standingRestorations(view).some(({ items }) =>
      items.some(({ fileId }) => fileId === head?.fileId),
    );
  }

  async #isInStep(file: string): Promise<boolean> {
    const [disk, world] = await Promise.all([this.diskText(file), this.worldText(file)]);
    return withoutKeys(disk) === withoutKeys(world);
  }

  async close(isKept: boolean): Promise<void> {
    await endStaying(this.user, KEEPER);
    await endLeftovers(this.user, { program: CLI, stays: undefined });
    this.bob.session.close();
    this.ada.close();
    await this.model.close();
    // What a window has started has not the home of the client's user.
    endMirrors(this.#surroundings.home);
    await killHost(this.#surroundings.home);
    if (this.#recordFolder !== undefined && existsSync(this.#recordFolder)) {
      const { folder, user, place } = this;
      await sortRecorded(this.#recordFolder, { folder, home: user, place });
    }
    if (!isKept) await rm(this.place, { recursive: true, force: true });
  }
}

function allowAll(run: AgentRun): void {
  for (const entry of run.entries) {
    if (entry.kind !== 'permission' || entry.outcome.tag !== 'open') continue;
    const option = entry.options.find(({ kind }) => kind === 'allow_once') ?? entry.options[0];
    if (option) run.answerPermission(entry.id, option.optionId);
  }
}

async function projectVersion(): Promise<string> {
  const manifest = await readFile(path.join(projectRoot, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

export interface PersonTyping {
  readonly typist: BindingTypist;
  readonly working: Promise<void>;
}

/** Resolves with all that was typed in the world. */
export async function stopTyping({ typist, working }: PersonTyping): Promise<void> {
  typist.stop();
  await working;
  await typist.whenSettled();
}

/** For what no event tells of. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs)
      throw new Error(`After ${PATIENCE_MS} ms it is not so: ${what}`);
    await delay(LOOK_MS);
  }
}
