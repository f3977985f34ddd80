/**
 * Owns: the life of one run, from its start to its end: what may be asked of the client when, and what it means that
 * it answers, is silent or dies. Does not know: how it is shown.
 */
import { newUuid } from '../world/uuid.ts';
import type { AddedAgent } from '../agents/clients/added-agents.ts';
import { isOnPath } from '../agents/clients/find-clients.ts';
import { hookForm } from '../agents/hooks/hook-forms.ts';
import { at, textAt } from '../agents/hooks/input-fields.ts';
import { lockRun } from '../agents/run-lock.ts';
import type {
  AgentRun,
  PermissionOutcome,
  ResumeWay,
  RunAbout,
  RunChange,
  RunEntry,
  RunError,
  RunState,
  TurnEnd,
} from './agent-run.ts';
import { ClientProcess } from './client-process.ts';
import { ClientTalk } from './client-talk.ts';
import { oneLine } from './cut-text.ts';
import type { PastRun } from './past-runs.ts';
import { PastRuns } from './past-runs.ts';
import { type RunClient, titleOf } from './run-clients.ts';
import { RunEntries } from './run-entries.ts';
import { faultOf, RunFault } from './run-fault.ts';
import { RunFiles } from './run-files.ts';
import { RunPermissions } from './run-permissions.ts';
import { enterPlace, type RunMachine, type RunPlace } from './run-place.ts';
import { namedPlace } from './named-place.ts';
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
  /** How long a client is waited for while it starts, and at each step of its end. */
  readonly times?: { readonly startMs?: number; readonly graceMs?: number };
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
  readonly #listeners = new Set<(change: RunChange) => void>();
  readonly #stopping = new AbortController();
  #setOver = (): void => {};
  #state: RunState = 'starting';
  #error: RunError | undefined;
  #session: { readonly name: string; readonly resume: ResumeWay } | undefined;
  #resumed: AgentRun['resumed'];
  #isReplaying = false;
  #place: RunPlace | undefined;
  #files: RunFiles | undefined;
  #process: ClientProcess | undefined;
  #talk: ClientTalk | undefined;
  #releaseLock = (): void => {};
  readonly #startedMs: number;
  #cancelTell: (() => void) | undefined;
  #isStateChanged = false;
  #isCancelled = false;
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
    this.#entries = new RunEntries({ nowMs, onChange: () => this.#tellSoon() });
    this.#story = new RunStory({
      entries: this.#entries,
      placeOf: (file) => namedPlace(this.#place?.folder ?? agent.folder, file),
      onAbout: () => this.#tellState(false),
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
      const isOfClient = this.#talk !== undefined && !(error instanceof RunFault);
      // Why it went silent is told by who saw that.
      if (isOfClient && this.#talk?.isOver) return;
      await this.#fail(isOfClient ? this.#refused(error) : faultOf(error));
    });
  }

  onChange(listener: (change: RunChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  prompt(text: string, paths: readonly string[] = []): boolean {
    if (this.#state !== 'ready') return false;
    this.#isCancelled = false;
    this.#setState('working');
    this.#story.prompted(text);
    void this.#work(text, paths);
    return true;
  }

  cancel(): void {
    if (this.#state !== 'working' && this.#state !== 'asking') return;
    this.#isCancelled = true;
    this.#setState('cancelling');
    this.#permissions.cancel();
    void this.#briefly(this.#talk?.cancel(this.#session?.name ?? ''));
  }

  answerPermission(entryId: string, optionId: string): boolean {
    return this.#permissions.answer(entryId, optionId);
  }

  setMode(modeId: string): void {
    if (this.#session === undefined || !this.#talk) return;
    const { name } = this.#session;
    this.#talk.setMode(name, modeId).then(
      () => this.#story.setAbout({ mode: modeId }),
      (error: unknown) => this.#say('warning', this.#refusal(error)),
    );
  }

  async stop(): Promise<void> {
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
    await this.#lock();
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
    await this.#startClient(place.folder, environment);
    await this.#greet();
    const servers = await missingServers(client, agent, environment);
    await this.#openSession(place, servers, resume);
  }

  async #lock(): Promise<void> {
    const { machine, agent } = this.#options;
    const { signal } = this.#stopping;
    for (let tries = 1; !signal.aborted; tries++) {
      const lock = lockRun(machine.home, agent.folder);
      if (lock.kind === 'held') this.#releaseLock = () => lock.release();
      if (lock.kind !== 'busy') return;
      if (tries === LOCK_TRIES) {
        const next = 'Use the window that runs it, or stop it there.';
        throw new RunFault('folder_busy', `${agent.name} is run by another window.`, next);
      }
      // Who only looks whether it is held has it for a moment, too.
      await new Promise<void>((resolve) => {
        machine.clock.after(LOCK_MS, resolve);
      });
    }
  }

  async #startClient(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
    const { machine, client, times } = this.#options;
    const { installation, clock, version } = machine;
    const graceMs = times?.graceMs ?? GRACE_MS;
    const { program, args } = client;
    const started = new ClientProcess({
      program,
      args,
      folder,
      environment,
      installation,
      graceMs,
    });
    this.#process = started;
    void started.gone.then((code) => this.#died(code));
    this.#talk = new ClientTalk({
      input: started.input,
      output: started.output,
      clock,
      version,
      onUpdate: (session, update) => {
        if (this.#session !== undefined && session !== this.#session.name) return;
        this.#story.take(update, this.#isReplaying);
      },
      onPermission: (request, aborted) => this.#permitted(request, aborted),
      read: async (file, wanted) => this.#told(file, 'read', this.#filesOf().read(file, wanted)),
      write: async (file, text) => this.#told(file, 'write', this.#filesOf().write(file, text)),
      onEnd: (code) => void this.#silenced(code),
    });
  }

  async #greet(): Promise<void> {
    const talk = this.#talk!;
    const hello = await this.#inTime(talk.greet());
    if (hello.protocolVersion !== talk.protocolVersion) {
      const why = `${titleOf(this.client)} speaks version ${hello.protocolVersion} of the protocol.`;
      throw new RunFault('protocol_version', why, 'Use another version of it.');
    }
    this.#story.setAbout({ version: hello.version });
  }

  async #openSession(
    place: RunPlace,
    servers: Awaited<ReturnType<typeof missingServers>>,
    resume: PastRun | undefined,
  ): Promise<void> {
    const talk = this.#talk!;
    const how = talk.resume;
    const cwd = place.folder;
    let why = 'This client cannot go on with an earlier session';
    if (resume !== undefined && how !== 'no') {
      this.#session = { name: resume.session, resume: how };
      this.#isReplaying = how === 'load';
      try {
        this.#story.setModes(await this.#inTime(talk.goOn(resume.session, cwd, servers)));
        this.#resumed = how === 'load' ? 'replayed' : 'continued';
        if (resume.title !== '' && this.#story.about.title === '') {
          this.#story.setAbout({ title: resume.title });
        }
      } catch (error) {
        if (error instanceof RunFault) throw error;
        this.#session = undefined;
        why = this.#refusal(error);
      }
      this.#story.ended();
      this.#isReplaying = false;
    }
    if (this.#session === undefined) {
      const opened = await this.#inTime(talk.open(cwd, servers)).catch((error: unknown) => {
        throw error instanceof RunFault ? error : this.#refused(error);
      });
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

  async #work(text: string, paths: readonly string[]): Promise<void> {
    const { name } = this.#session!;
    const place = this.#place!;
    await this.#note('cut-off');
    await place.turns.begin(name, text);
    let reason: TurnEnd = 'cancelled';
    if (!this.#isCancelled) {
      try {
        reason = await this.#talk!.prompt(name, text, place.folder, paths);
      } catch (error) {
        reason = 'error';
        // That it is gone is told once, by the run's own error.
        if (!this.#isOver) this.#say('error', this.#refusal(error));
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
        const { path } = namedPlace(this.#place?.folder ?? '', file);
        const named = path === '' ? file.slice(0, MOST_NAME) : path;
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

  /** Rejects where the client does not answer in time, or the run is stopped. */
  #inTime<Result>(answer: Promise<Result>): Promise<Result> {
    const { machine, times } = this.#options;
    const { signal } = this.#stopping;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(new RunFault('client_silent', 'It was stopped.'));
      const mostMs = times?.startMs ?? START_MS;
      const cancel = machine.clock.after(mostMs, () => {
        const why = `${titleOf(this.client)} has not answered for ${Math.round(mostMs / 1000)} seconds.`;
        const next = `Start ${this.client.program} in a terminal once, to see what it waits for.`;
        reject(new RunFault('client_silent', why, next));
      });
      signal.addEventListener('abort', onAbort, { once: true });
      answer.then(resolve, reject).finally(() => {
        cancel();
        signal.removeEventListener('abort', onAbort);
      });
    });
  }

  #refused(error: unknown): RunFault {
    if (codeOf(error) === AUTH_REQUIRED) {
      const next = `Start ${this.client.program} in a terminal once, and sign in there.`;
      return new RunFault('sign_in', `${titleOf(this.client)} wants you to sign in.`, next);
    }
    return new RunFault('client_refused', this.#refusal(error));
  }

  #refusal(error: unknown): string {
    const words = error instanceof Error ? error.message : String(error);
    // “Internal error” alone helps nobody.
    const more = textAt(at(error, 'data'), 'details') ?? textAt(at(error, 'data'), 'message') ?? '';
    const said = oneLine((more === '' ? words : `${words}: ${more}`).slice(0, MOST_WORDS));
    return `${titleOf(this.client)} answered: ${said.replace(/\.$/, '')}`;
  }

  /** It says nothing any more, or nothing that is understood. */
  async #silenced(code: 'client_garbled' | 'client_too_long' | undefined): Promise<void> {
    if (this.#isOver) return;
    const title = titleOf(this.client);
    if (code === undefined) {
      // What ends its output is nearly always its end, which says more.
      await this.#briefly(this.#process?.gone);
      const why = `${title} has closed its output, and can say nothing any more.`;
      return this.#fail(new RunFault('client_died', why, AGAIN));
    }
    const why =
      code === 'client_garbled'
        ? `What ${title} says is not the Agent Client Protocol.`
        : `${title} sent a message that is too long to be taken.`;
    await this.#fail(new RunFault(code, why, 'Look whether another version of it does better.'));
  }

  #died(code: number | null): void {
    if (this.#isOver) return;
    const words = this.#process?.lastWords ?? '';
    const said = words === '' ? '' : ` Its last words: ${words}`;
    const why = `${titleOf(this.client)} ended by itself (exit code ${code ?? 'unknown'}).${said}`;
    void this.#fail(new RunFault('client_died', why, AGAIN));
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
    if (fault) this.#error = fault.told;
    this.#setState('ending');
    this.#stopping.abort();
    this.#permissions.cancel();
    if (!fault && this.#session) {
      if (wasWorking) await this.#briefly(this.#talk?.cancel(this.#session.name));
      await this.#briefly(this.#talk?.close(this.#session.name));
    }
    await this.#process?.end();
    this.#talk?.dispose();
    this.#story.ended();
    if (this.#session) await this.#note(fault ? 'cut-off' : 'ended', wasWorking);
    await this.#place?.leave();
    this.#releaseLock();
    this.#setState(fault ? 'failed' : 'ended');
    this.#setOver();
  }

  /** What a client that hangs does not answer is not waited for. */
  async #briefly(work: Promise<unknown> | undefined): Promise<void> {
    if (!work) return;
    const { clock } = this.#options.machine;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(BRIEF_MS, resolve);
      void work
        .catch(() => undefined)
        .finally(() => {
          cancel();
          resolve();
        });
    });
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
    this.#tellState(true);
  }

  #tellState(isUrgent: boolean): void {
    this.#isStateChanged = true;
    if (isUrgent) this.#tell();
    else this.#tellSoon();
  }

  #tellSoon(): void {
    this.#cancelTell ??= this.#options.machine.clock.after(TELL_MS, () => this.#tell());
  }

  #tell(): void {
    this.#cancelTell?.();
    this.#cancelTell = undefined;
    const change = { entries: this.#entries.takeChanged(), isState: this.#isStateChanged };
    this.#isStateChanged = false;
    for (const listener of this.#listeners) listener(change);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

const AGAIN = 'Start it again; its session may go on.';
const BUSY: readonly RunState[] = ['working', 'asking', 'cancelling'];
/** Of the protocol. */
const AUTH_REQUIRED = -32_000;
/** Some clients take a quarter of a minute for their first start. */
const START_MS = 60_000;
const GRACE_MS = 1_000;
const BRIEF_MS = 500;
const LOCK_TRIES = 5;
const LOCK_MS = 20;
const TELL_MS = 50;
const MOST_WORDS = 500;
const MOST_NAME = 300;
