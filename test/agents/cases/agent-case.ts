import type { AgentStage } from '../agent-stage.ts';

export type Verdict =
  /** As it should be; a remark tells what a reader should know all the same. */
  | { readonly tag: 'ok'; readonly remark?: string }
  /** The client cannot do it, or not all of it; nothing is lost. */
  | { readonly tag: 'short'; readonly why: string }
  | { readonly tag: 'fail'; readonly why: string };

export interface AgentCase {
  readonly id: string;
  /** The head of its column. */
  readonly title: string;
  /** The file of the world in which it works, if it has one of its own. */
  readonly file?: string;
  /** Throws where something is wrong. */
  run(stage: AgentStage): Promise<Verdict>;
}

export const OK: Verdict = { tag: 'ok' };
