/**
 * Owns: the turns that hooks tell of, from a prompt to its end, as the world keeps them. Whatever fails, the
 * agent works on: then its ops belong to no known turn. Does not know: the client, the folder's mirror.
 */
import { beginTurn, endTurn, hasTurns, readOpenTurns } from '../../world/turns.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { WorldError } from '../../world/world-error.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { OpenTurns } from '../open-turns.ts';
import { sessionName } from '../session-taker.ts';

export interface HookTurnsOptions {
  readonly session: WorldSession;
  readonly randomBytes: RandomBytes;
  /** Whether the world is to keep what the agent was asked for. */
  readonly keepsPrompts: boolean;
  /** True where another server of the agent runs for its folder: turns may be that one's. */
  readonly hasOthers: () => boolean;
  /** True while a window runs the client: then the turns are the window's, and none is begun here. */
  readonly isRun: () => boolean;
  /** Tells the folder's mirror, whose ops belong to turns too, and waits for it. */
  readonly changed: () => Promise<void>;
}

/** What a hook says of a turn. */
export interface BegunTurn {
  /** As the client calls its session. */
  readonly session: string;
  readonly client: string;
  /** As the client calls the turn; empty where it has no name for it. */
  readonly turn: string;
  /** What was asked for. */
  readonly prompt: string;
}

export class HookTurns {
  readonly #options: HookTurnsOptions;
  readonly #openTurns: OpenTurns;
  /** The client's sessions whose turns were begun here and have not ended. */
  readonly #begun = new Set<string>();
  /** Sessions that were heard of here, the newest last. */
  readonly #heard = new Set<string>();
  #hasLooked = false;

  constructor(options: HookTurnsOptions) {
    this.#options = options;
    this.#openTurns = new OpenTurns(options.session);
  }

  async begin({ session: named, client, turn: called, prompt }: BegunTurn): Promise<void> {
    const name = sessionName(named);
    if (name === '' || !this.#isPossible) return;
    this.#hears(name);
    await this.#trying(async (signal) => {
      const { session, randomBytes, keepsPrompts, isRun } = this.#options;
      if (isRun()) return this.#openTurns.look();
      await this.#endForgotten(client, signal);
      const turn = { session: name, name: sessionName(called), client, title: '' };
      const asked = keepsPrompts ? { prompt } : {};
      this.#begun.add(name);
      try {
        await beginTurn(session, { ...turn, ...asked }, randomBytes, signal);
      } catch (error) {
        // While the agent is paused the world begins none: it begins with what its tools do afterwards.
        if (error instanceof WorldError && error.code === 'refused') this.#forget(name);
        throw error;
      }
      await this.#changed();
    });
  }

  /** A tool is used: of a session that nothing was heard of, the prompt came before anybody listened. */
  async goOn(named: string, client: string): Promise<void> {
    if (this.#heard.has(sessionName(named))) return;
    await this.begin({ session: named, client, turn: '', prompt: '' });
  }

  async end(named: string): Promise<void> {
    const name = sessionName(named);
    if (!this.#begun.delete(name) || !this.#isPossible) return;
    await this.#trying(async (signal) => {
      const { session, randomBytes } = this.#options;
      await endTurn(session, name, randomBytes, signal);
      await this.#changed();
    });
  }

  /** The client is gone, and with it all that it was asked for. */
  async dispose(): Promise<void> {
    for (const session of this.#begun) await this.end(session);
    this.#openTurns.dispose();
  }

  #forget(name: string): void {
    this.#begun.delete(name);
    this.#heard.delete(name);
  }

  #hears(name: string): void {
    this.#heard.delete(name);
    this.#heard.add(name);
    const [oldest] = this.#heard;
    if (this.#heard.size > MOST_HEARD && oldest !== undefined) this.#heard.delete(oldest);
  }

  get #isPossible(): boolean {
    const { session } = this.#options;
    return session.state.tag === 'online' && hasTurns(session);
  }

  /** A server that was killed leaves the turns open that its client had. */
  async #endForgotten(client: string, signal: AbortSignal): Promise<void> {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    const { session, randomBytes, hasOthers } = this.#options;
    if (hasOthers()) return;
    const open = await readOpenTurns(session, session.identity);
    const forgotten = open.filter((turn) => turn.client === client);
    for (const turn of forgotten) {
      await endTurn(session, turn.session, randomBytes, signal);
    }
  }

  async #changed(): Promise<void> {
    await Promise.all([this.#openTurns.look(), this.#options.changed()]);
  }

  async #trying(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(AbortSignal.timeout(MOST_MS));
    } catch (error) {
      const { log } = this.#options.session;
      log.warn('agent.turn_not_told', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }
}

const MOST_HEARD = 64;
/** A client waits for its hook. */
const MOST_MS = 2_000;
