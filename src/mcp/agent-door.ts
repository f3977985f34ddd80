/** Owns: the way from a client's calls to the world, which may not be reached yet, or not any more. */
import { type Answer, NO_NEWS, refused } from '../agents/tools/answer.ts';
import type { AgentTools } from '../agents/tools/agent-tools.ts';
import { WorldError } from '../world/world-error.ts';
import type { Clock } from '../world/clock.ts';

/** A world that was entered, and how it is left again. */
export interface Entered {
  readonly tools: AgentTools;
  /** Presence and claims end with it. */
  readonly leave: () => Promise<void> | void;
}

export interface AgentDoorOptions {
  /** Enters the world as the agent. Rejects with `WorldError`. */
  readonly enter: (signal: AbortSignal) => Promise<Entered>;
  readonly clock: Clock;
}

/** How long a call waits for a world that is being entered; then it says so. */
const ENTERING_MS = 20_000;

/**
 * Enters a world in the background, so that a client is answered at once, and again with the next call
 * after it could not be entered.
 */
export class AgentDoor {
  readonly #options: AgentDoorOptions;
  readonly #ending = new AbortController();
  #entering: Promise<Entered> | undefined;

  constructor(options: AgentDoorOptions) {
    this.#options = options;
  }

  /** Begins to enter the world, if that was not begun. */
  open(): void {
    this.#enter().catch(() => undefined);
  }

  /** Resolves when the world is entered, true, or cannot be, false. */
  async entered(): Promise<boolean> {
    return this.#enter().then(
      () => true,
      () => false,
    );
  }

  /** Does something with the world as soon as it is entered. Never rejects for what a world can do. */
  async use(work: (tools: AgentTools) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    let entered: Entered;
    try {
      entered = await this.#within(this.#enter(), signal);
    } catch (error) {
      return notEntered(error);
    }
    return work(entered.tools);
  }

  /** Leaves the world. Calls from then on are refused. */
  async close(): Promise<void> {
    this.#ending.abort();
    const entered = await this.#entering?.catch(() => undefined);
    await entered?.leave();
  }

  #enter(): Promise<Entered> {
    if (this.#ending.signal.aborted) {
      return Promise.reject(new WorldError('closed', 'The server has ended'));
    }
    if (this.#entering) return this.#entering;
    const entering = this.#options.enter(this.#ending.signal);
    this.#entering = entering;
    entering.catch(() => {
      if (this.#entering === entering) this.#entering = undefined;
    });
    return entering;
  }

  #within(entering: Promise<Entered>, signal: AbortSignal): Promise<Entered> {
    return new Promise((resolve, reject) => {
      const stop = (error: WorldError): void => {
        cancel();
        signal.removeEventListener('abort', onAbort);
        reject(error);
      };
      const onAbort = (): void => stop(new WorldError('cancelled', 'The call was cancelled'));
      const cancel = this.#options.clock.after(ENTERING_MS, () => {
        stop(new WorldError('unreachable', 'The world is still being reached'));
      });
      signal.addEventListener('abort', onAbort, { once: true });
      entering.then(resolve, reject).finally(() => {
        cancel();
        signal.removeEventListener('abort', onAbort);
      });
    });
  }
}

function notEntered(error: unknown): Answer {
  const code = error instanceof WorldError ? error.code : 'unreachable';
  const message = error instanceof Error ? error.message : String(error);
  const isPassing = code === 'unreachable' || code === 'closed';
  const next = isPassing
    ? 'Try again in a moment. If that does not help, tell the person whom you work for.'
    : 'Tell the person whom you work for.';
  const when = isPassing ? ' now' : '';
  const what = `The world cannot be entered${when}: ${message}. Nothing was done.`;
  const reply = refused('offline', what, [next]);
  return { ...reply, code: isPassing ? reply.code : code, world: undefined, news: NO_NEWS };
}
