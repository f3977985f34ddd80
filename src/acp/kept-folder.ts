/**
 * Owns: that an agent's folder is kept in step with its world for as long as a window needs it. Does not know: who
 * works there.
 */
import path from 'node:path';
import { type AddedAgent, AddedAgents } from '../agents/clients/added-agents.ts';
import { KeptMirror } from '../mirror/kept-mirror.ts';
import { startMirror } from '../mirror/start-mirror.ts';
import type { RunMachine } from './run-place.ts';

type KeepingMachine = Pick<RunMachine, 'home' | 'installation' | 'clock'>;

export class KeptFolder {
  readonly #clock: RunMachine['clock'];
  readonly #mirror: KeptMirror;
  readonly #waiting = new Set<() => void>();

  /** `onChange`: whether it is kept has changed. */
  constructor(
    { home, installation, clock }: KeepingMachine,
    { folder, name, database, client }: AddedAgent,
    onChange: () => void = () => {},
  ) {
    this.#clock = clock;
    const added = new AddedAgents(home);
    const script = path.join(installation, 'dist', 'cli.cjs');
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    const of = { folder, name, database };
    this.#mirror = new KeptMirror({
      ...of,
      home,
      clock,
      as: 'window',
      start: async () => {
        // One that was taken out meanwhile needs its folder no more.
        if (await added.find(client, name)) startMirror(home, of, { script, env });
      },
      onChange: () => {
        for (const look of this.#waiting) look();
        onChange();
      },
    });
  }

  get isKept(): boolean {
    return this.#mirror.isKept;
  }

  /** Resolves when it is kept, or the time is over, or nobody waits any more. */
  whenKept(mostMs: number, signal: AbortSignal): Promise<'kept' | 'late' | 'aborted'> {
    return new Promise((resolve) => {
      const settle = (how: 'kept' | 'late' | 'aborted'): void => {
        cancel();
        this.#waiting.delete(look);
        signal.removeEventListener('abort', onAbort);
        resolve(how);
      };
      const look = (): void => {
        if (this.isKept) settle('kept');
      };
      const onAbort = (): void => settle('aborted');
      const cancel = this.#clock.after(mostMs, () => settle('late'));
      this.#waiting.add(look);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else look();
    });
  }

  dispose(): void {
    this.#mirror.dispose();
  }
}
