/**
 * Owns: the life of one run, from its start to its end: its states, what may be asked of it in which, its turns in the
 * world, and what is noted of it. Does not know: how the client is spoken with, or how the run is shown.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { newUuid } from '../world/uuid.ts';
import type { AddedAgent } from '../agents/clients/added-agents.ts';
import { isOnPath } from '../agents/clients/find-clients.ts';
import { hookForm } from '../agents/hooks/hook-forms.ts';
import type {
  AgentRun,
  PermissionOutcome,
  PromptFile,
  ResumeWay,
  RunAbout,
  RunChange,
  RunEntry,
  RunError,
  RunState,
  TurnEnd,
} from './agent-run.ts';
import type { PastRun } from './past-runs.ts';
import { PastRuns } from './past-runs.ts';
import { RunChanges } from './run-changes.ts';
import type { RunClient } from './run-clients.ts';
import { RunEntries } from './run-entries.ts';
import { faultOf, RunFault } from './run-fault.ts';
import { RunFiles } from './run-files.ts';
import { RunLink, type RunLinkOptions } from './run-link.ts';
import { RunPermissions } from './run-permissions.ts';
import { enterPlace, type RunMachine, type RunPlace } from './run-place.ts';
import { namedPlace } from './named-place.ts';
import { MOST_TEXT } from './cut-text.ts';
import { fittingPaths } from './fitting-paths.ts';
import { MOST_FILES, promptBlocks } from './prompt-blocks.ts';
import { holdFolder } from './folder-hold.ts';
import { missingServers } from './run-servers.ts';
import { RunStory } from './run-story.ts';

export interface RunOptions {
  readonly machine: RunMachine;
  /** One that was set up with a folder of its own. */
  readonly agent: AddedAgent;
  readonly client: RunClient;
  /** Whose session is to go on, where the client can do that. */
  readonly resume?: PastRun;
  /** Of the client; that of this process where nothing is said. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly times?: RunLinkOptions['times'];
}

export class LiveRun implements AgentRun {
  readonly id: string;
  readonly agent: AddedAgent;
  readonly client: RunClient;
  readonly over: Promise<void>;
  readonly #options: RunOptions;
  readonly #entries: RunEntries;
  readonly #story: RunStory;
  readonly #permissions: RunPermissions;
  readonly #past: PastRuns;
  readonly #changes: RunChanges;
  readonly #stopping = new AbortController();
  #setOver = (): void => {};
  #state: RunState = 'starting';
  #error: RunError | undefined;
  #session: { readonly name: string; readonly resume: ResumeWay } | undefined;
  #resumed: AgentRun['resumed'];
  #isReplaying = false;
  #place: RunPlace | undefined;
  #files: RunFiles | undefined;
  #link: RunLink | undefined;
  #releaseLock = (): void => {};
  readonly #startedMs: number;
  #isCancelled = false;
  /** Its window closes: nobody wanted the end of what it is at. */
  #isCutOff = false;
  #working: Promise<void> | undefined;
  #ending: Promise<void> | undefined;

  constructor(options: RunOptions) {
    const { agent, client, machine } = options;
    this.#options = options;
    this.agent = agent;
    this.client = client;
    this.id = newUuid(machine.clock.nowMs(), machine.randomBytes);
    this.#startedMs = machine.clock.nowMs();
    this.over = new Promise((resolve) => (this.#setOver = resolve));
    this.#past = new PastRuns(machine.home);
    const nowMs = (): number => machine.clock.nowMs();
    this.#entries = new RunEntries({ nowMs, onChange: () => this.#changes.tellSoon() });
    const takeChanged = (): ReadonlySet<string> => this.#entries.takeChanged();
    this.#changes = new RunChanges({ clock: machine.clock, takeChanged });
    this.#story = new RunStory({
      entries: this.#entries,
      placeOf: (file) => namedPlace(this.#place?.folder ?? agent.folder, file),
      onAbout: () => this.#changes.tellState(false),
      onDiff: (file, oldText, newText) => this.#files?.compared(file, oldText, newText),
    });
    this.#permissions = new RunPermissions({
      entries: this.#entries,
      onOpen: () => this.#askingChanged(),
    });
  }

  get state(): RunState {
    return this.#state;
  }

  get error(): RunError | undefined {
    return this.#error;
  }

  get entries(): readonly RunEntry[] {
    return this.#entries.all;
  }

  get leftOut(): number {
    return this.#entries.leftOut;
  }

  get about(): RunAbout {
    return this.#story.about;
  }

  get session(): AgentRun['session'] {
    return this.#session;
  }

  get resumed(): AgentRun['resumed'] {
    return this.#resumed;
  }

  start(): void {
    void this.#begin().catch(async (error: unknown) => {
      const link = error instanceof RunFault ? undefined : this.#link;
      // Why it went silent is told by who saw that.
      if (link?.isOver) return;
      await this.#fail(link ? link.refused(error) : faultOf(error));
    });
  }

  onChange(listener: (change: RunChange) => void): () => void {
    return this.#changes.listen(listener);
  }

  findFiles(query: string, most: number): readonly string[] {
    return this.#place ? fittingPaths(this.#place.session.view.files.values(), query, most) : [];
  }

  prompt(text: string, files: readonly PromptFile[] = []): boolean {
    if (this.#state !== 'ready') return false;
    this.#isCancelled = false;
    this.#setState('working');
    const { folder } = this.agent;
    const locations = files.slice(0, MOST_FILES).map((file) => ({
      path: file.path,
      file: path.join(folder, file.path),
      line: file.part?.first,
    }));
    this.#story.prompted(text, locations);
    this.#working = this.#work(text, files);
    return true;
  }

  cancel(): void {
    if (this.#state !== 'working' && this.#state !== 'asking') return;
    this.#isCancelled = true;
    this.#setState('cancelling');
    this.#permissions.cancel();
    void this.#link?.cancel(this.#session?.name ?? '');
  }

  answerPermission(entryId: string, optionId: string): boolean {
    return this.#permissions.answer(entryId, optionId);
  }

  setMode(modeId: string): void {
    const link = this.#link;
    if (this.#session === undefined || !link) return;
    link.setMode(this.#session.name, modeId).then(
      () => this.#story.setAbout({ mode: modeId }),
      (error: unknown) => this.#say('warning', link.refusal(error)),
    );
  }

  async stop(why: 'asked' | 'closing' = 'asked'): Promise<void> {
    this.#isCutOff = why === 'closing';
    await (this.#ending ??= this.#end());
  }

  async #begin(): Promise<void> {
    const { machine, agent, client, resume } = this.#options;
    const { signal } = this.#stopping;
    const environment = this.#options.environment ?? process.env;
    if (!isOnPath(client.program, environment)) {
      const next = `Install it by: npm install --global ${client.package}`;
      throw new RunFault('client_missing', `${client.program} is not on the path.`, next);
    }
    this.#releaseLock = await holdFolder(machine, agent, 'panel');
    // Whoever stopped it meanwhile had nothing to let go of.
    if (signal.aborted) return this.#releaseLock();
    const form = hookForm(client.id);
    const place = await enterPlace(machine, agent, form?.client ?? client.id, signal);
    // Whoever stopped it meanwhile had no place to leave.
    if (signal.aborted) return place.leave();
    this.#place = place;
    this.#files = new RunFiles({
      place,
      tellsReads: form?.tellsReads ?? false,
      missingIsEmpty: client.missingIsEmpty ?? false,
      needsStill: form?.needsStill ?? false,
    });
    const left = await this.#past.last(agent.folder);
    if (left) await place.turns.endLeft(left.session);
    if (signal.aborted) return;
    const link = this.#startClient(place.folder, environment);
    this.#story.setAbout({ version: await link.greet() });
    const servers = await missingServers(client, agent, environment);
    await this.#openSession(place, link, servers, resume);
  }

  #startClient(folder: string, environment: NodeJS.ProcessEnv): RunLink {
    const { machine, client, times } = this.#options;
    return (this.#link = new RunLink({
      machine,
      client,
      folder,
      environment,
      times,
      stopping: this.#stopping.signal,
      onUpdate: (session, update) => {
        if (this.#session !== undefined && session !== this.#session.name) return;
        this.#story.take(update, this.#isReplaying);
      },
      onPermission: (request, aborted) => this.#permitted(request, aborted),
      read: async (file, wanted) => this.#told(file, 'read', this.#filesOf().read(file, wanted)),
      write: async (file, text) => this.#told(file, 'write', this.#filesOf().write(file, text)),
      onFault: (fault) => void this.#fail(fault),
    }));
  }

  async #openSession(
    place: RunPlace,
    link: RunLink,
    servers: Awaited<ReturnType<typeof missingServers>>,
    resume: PastRun | undefined,
  ): Promise<void> {
    const how = link.resume;
    let why = 'This client cannot go on with an earlier session';
    if (resume !== undefined && how !== 'no') {
      this.#session = { name: resume.session, resume: how };
      this.#isReplaying = how === 'load';
      try {
        this.#story.setModes(await link.goOn(resume.session, servers));
        this.#resumed = how === 'load' ? 'replayed' : 'continued';
        if (resume.title !== '' && this.#story.about.title === '') {
          this.#story.setAbout({ title: resume.title });
        }
      } catch (error) {
        if (error instanceof RunFault) throw error;
        this.#session = undefined;
        why = link.refusal(error);
      }
      this.#story.ended();
      this.#isReplaying = false;
    }
    if (this.#session === undefined) {
      const opened = await link.open(servers);
      this.#session = { name: opened.session, resume: how };
      this.#story.setModes(opened.modes);
      if (resume !== undefined) {
        this.#resumed = 'anew';
        this.#say('warning', `${why}. A new one has begun, which does not know what was said.`);
      }
    }
    place.seat.record.follow(this.#session.name);
    await this.#note('cut-off');
    if (this.#state === 'starting') this.#setState('ready');
  }

  async #work(text: string, files: readonly PromptFile[]): Promise<void> {
    const { name } = this.#session!;
    const place = this.#place!;
    const link = this.#link!;
    await this.#note('cut-off');
    await place.turns.begin(name, text);
    let reason: TurnEnd = 'cancelled';
    if (!this.#isCancelled && !this.#isOver) {
      try {
        const { embeds } = link;
        const textOf = (file: string): Promise<string | undefined> => this.#textOf(file);
        const parts = { text, files, folder: place.folder, embeds, textOf };
        reason = await link.prompt(name, await promptBlocks(parts));
      } catch (error) {
        reason = 'error';
        // That it is gone is told once, by the run's own error.
        if (!this.#isOver && !link.isOver) this.#say('error', link.refusal(error));
      }
    }
    this.#permissions.cancel();
    this.#story.ended();
    this.#entries.add({ kind: 'end', reason });
    await place.turns.end(name);
    if (this.#isOver) return;
    this.#setState('ready');
    await this.#note('cut-off');
  }

  /** For a prompt: as the agent has it, and it counts as read by it. */
  async #textOf(file: string): Promise<string | undefined> {
    try {
      if ((await stat(file)).size > MOST_TEXT) return undefined;
      return await this.#filesOf().read(file, {});
    } catch {
      // The client is given its name, and finds out.
      return undefined;
    }
  }

  #filesOf(): RunFiles {
    if (this.#files) return this.#files;
    throw new RunFault('world_unreachable', 'The world was not entered.');
  }

  /** What is refused is shown, since a client may keep it to itself. */
  async #told<Result>(
    file: string,
    wanted: 'read' | 'write',
    work: Promise<Result>,
  ): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      const isMissing = error instanceof Error && 'tag' in error && error.tag === 'missing';
      if (!isMissing && error instanceof Error) {
        const place = namedPlace(this.#place?.folder ?? '', file);
        const named = place.path === '' ? file.slice(0, MOST_NAME) : place.path;
        this.#entries.add({ kind: 'file', path: named, wanted, message: error.message });
      }
      throw error;
    }
  }

  #permitted(
    request: { readonly tool: unknown; readonly options: unknown },
    aborted: AbortSignal,
  ): Promise<PermissionOutcome> {
    const tool = this.#story.tool(request.tool);
    if (this.#isOver || this.#isCancelled) return Promise.resolve({ tag: 'cancelled' });
    return this.#permissions.ask(tool, request.options, aborted);
  }

  #askingChanged(): void {
    if (this.#state !== 'working' && this.#state !== 'asking') return;
    this.#setState(this.#permissions.areOpen ? 'asking' : 'working');
  }

  /** True from the moment at which its end has begun. */
  get #isOver(): boolean {
    return this.#ending !== undefined;
  }

  async #fail(fault: RunFault): Promise<void> {
    await (this.#ending ??= this.#end(fault));
  }

  async #end(fault?: RunFault): Promise<void> {
    const wasWorking = BUSY.includes(this.#state);
    const isCutOff = fault !== undefined || (wasWorking && this.#isCutOff);
    if (fault) this.#error = fault.told;
    this.#setState('ending');
    this.#stopping.abort();
    this.#permissions.cancel();
    if (!fault && this.#session) {
      if (wasWorking) await this.#link?.cancel(this.#session.name);
      await this.#link?.close(this.#session.name);
    }
    await this.#link?.end();
    // Its end is told before the run's.
    await this.#working;
    this.#story.ended();
    if (this.#session) await this.#note(isCutOff ? 'cut-off' : 'ended', wasWorking);
    await this.#place?.leave();
    this.#releaseLock();
    this.#setState(fault ? 'failed' : 'ended');
    this.#setOver();
  }

  async #note(ending: PastRun['ending'], wasWorking = BUSY.includes(this.#state)): Promise<void> {
    const { machine, agent, client } = this.#options;
    const { log, clock } = machine;
    const { name, database, folder } = agent;
    const { name: session, resume } = this.#session!;
    const { title } = this.#story.about;
    const of = { client: client.id, name, database, folder, session, title, resume };
    const times = { startedMs: this.#startedMs, lastMs: clock.nowMs() };
    try {
      await this.#past.put({ ...of, ...times, ending, wasWorking });
    } catch (error) {
      log.warn('run.not_noted', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }

  #say(level: 'info' | 'warning' | 'error', text: string): void {
    this.#entries.add({ kind: 'notice', level, text });
  }

  #setState(state: RunState): void {
    this.#state = state;
    this.#changes.tellState(true);
  }
}

const BUSY: readonly RunState[] = ['working', 'asking', 'cancelling'];
const MOST_NAME = 300;
