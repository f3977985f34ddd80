import type { Clock } from './clock.ts';
import type { HostLog } from './log.ts';
import { BadModuleError, type ModuleHooks, type ModuleProgram } from './module-loader.ts';
import { systemCalls, type ModuleHost, type SystemCalls } from './system-calls.ts';

/**
 * One running evaluation of a module, with its globals and the handles that it was given. An error
 * that the module did not mean for a caller ends it, as on SpacetimeDB: a new one takes its place.
 */
export class ModuleInstance {
  readonly #program: ModuleProgram;
  readonly #host: Omit<ModuleHost, 'errorFor'>;
  readonly #clock: Clock;
  readonly #log: HostLog;
  #current: Evaluation;
  #windowStartMicros = 0n;
  #replacedInWindow = 0;

  /** Evaluates the module. Throws {@link BadModuleError}. */
  constructor(
    program: ModuleProgram,
    host: Omit<ModuleHost, 'errorFor'>,
    { clock, log }: { readonly clock: Clock; readonly log: HostLog },
  ) {
    this.#program = program;
    this.#host = host;
    this.#clock = clock;
    this.#log = log;
    this.#current = evaluate(program, host);
  }

  get hooks(): ModuleHooks {
    return this.#current.hooks;
  }

  /** Forgets what a call left open. */
  endCall(): void {
    this.#current.calls.endCall();
  }

  /**
   * Begins anew after a fatal error, right away: so the time counts for whoever caused it. Somebody
   * who causes one after the other would keep the host busy with nothing else, so beyond a bound the
   * instance goes on.
   */
  replace(): void {
    if (!this.#mayReplace()) {
      this.#log.warn('module.kept', { reason: 'too many fatal errors' });
      return;
    }
    try {
      this.#current = evaluate(this.#program, this.#host);
    } catch (error) {
      if (!(error instanceof BadModuleError)) throw error;
      this.#log.error('module.kept', { reason: 'it does not load again' });
    }
  }

  #mayReplace(): boolean {
    const now = this.#clock.nowMicros();
    if (now - this.#windowStartMicros > WINDOW_MICROS) {
      this.#windowStartMicros = now;
      this.#replacedInWindow = 0;
    }
    return ++this.#replacedInWindow <= REPLACED_IN_WINDOW;
  }
}

interface Evaluation {
  readonly hooks: ModuleHooks;
  readonly calls: SystemCalls;
}

function evaluate(program: ModuleProgram, host: Omit<ModuleHost, 'errorFor'>): Evaluation {
  let hooks: ModuleHooks | null = null;
  const errorFor = (code: number, message: string): Error => {
    const ErrorOfModule = hooks?.__get_error_constructor__(code) ?? Error;
    return new ErrorOfModule(message);
  };
  const calls = systemCalls({ ...host, errorFor });
  hooks = program.instantiate(calls);
  return { hooks, calls };
}

const WINDOW_MICROS = 10_000_000n;
const REPLACED_IN_WINDOW = 20;
