/**
 * Owns: showing others where an agent writes that only writes files: nobody but the mirror of its folder knows. Does
 * not know: the folder.
 */
import type { CancelTimer } from '../world/clock.ts';
import type { AgentSession } from './agent-session.ts';

/** A place in a version of a file; the line from 0. */
interface Place {
  readonly fileId: number;
  readonly version: number;
  readonly line: number;
}

/** So long after its last write an agent is still where it wrote. */
const STAYS_MS = 30_000;

export class ShownWrites {
  readonly #agent: AgentSession;
  #cancel: CancelTimer = () => {};

  constructor(agent: AgentSession) {
    this.#agent = agent;
  }

  wrote({ fileId, version, line }: Place): void {
    this.#agent.showPlace({ fileId, version }, { firstLine: line, lastLine: line }, 'editing');
    this.#cancel();
    const { clock } = this.#agent.session;
    this.#cancel = clock.after(STAYS_MS, () => void this.#agent.leave());
  }

  dispose(): void {
    this.#cancel();
  }
}
