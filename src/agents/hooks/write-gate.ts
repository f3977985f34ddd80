/**
 * Owns: which writes of an agent's client are stopped before they happen: while the agent is paused, where
 * somebody else has a claim, and where a whole text would replace one that the agent has not read. Does not know: who asks, how a write is prepared.
 */
import { readHeadSeq } from '../../world/read-head.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { pauseSentence } from '../own-pause.ts';
import type { AgentTools } from '../tools/agent-tools.ts';
import { claimOnWrite, claimReason } from './hook-claims.ts';
import type { FileToWrite } from './hook-event.ts';
import type { HookWrites } from './hook-writes.ts';

/** A file that is about to be written, and its path in the world. */
export type PlacedWrite = FileToWrite & { readonly path: string };

interface WriteGateOptions {
  /** Of the agent. */
  readonly session: WorldSession;
  readonly tools: AgentTools;
  readonly writes: HookWrites;
}

export class WriteGate {
  readonly #session: WorldSession;
  readonly #tools: AgentTools;
  readonly #writes: HookWrites;

  constructor({ session, tools, writes }: WriteGateOptions) {
    this.#session = session;
    this.#tools = tools;
    this.#writes = writes;
  }

  /**
   * Why one of them may not be written, and so none; undefined where all may. `tellsReads`: it is known what the
   * agent's client has read.
   */
  async reasonAgainst(
    files: readonly PlacedWrite[],
    tellsReads: boolean,
  ): Promise<string | undefined> {
    if (files.length === 0) return undefined;
    await this.#hearClaims();
    const paused = pauseSentence(this.#session);
    if (paused !== undefined) return `Nothing was written. ${paused}`;
    for (const written of files) {
      const { path, file, write } = written;
      const ground =
        write.kind === 'whole' ? await this.#tools.native.wholeGround(file) : undefined;
      const made = ground?.tag === 'version' ? ground.text.toString() : undefined;
      const claim = await claimOnWrite(this.#session, path, written, made);
      if (claim) return claimReason(claim);
      if (write.kind !== 'whole' || !this.#session.view.fileAt(path)) continue;
      const reason = await this.#writes.reasonAgainst(written, ground, tellsReads);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** What somebody has claimed just now counts, whether or not that was told here yet. */
  async #hearClaims(): Promise<void> {
    const { link, log } = this.#session;
    if (!link) return;
    try {
      await readHeadSeq(link);
    } catch (error) {
      // The connection ended: what is known stands.
      log.warn('agent.claims_not_asked', {
        error: error instanceof Error ? error.name : 'unknown',
      });
    }
  }
}
