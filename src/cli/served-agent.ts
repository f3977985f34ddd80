import type { AgentDoor } from '../mcp/agent-door.ts';

/** One agent, for however many sessions of its clients. */
export interface ServedAgent {
  readonly name: string;
  readonly worldName: string;
  /** A way into the world for one session; `isShared` where conversations of its client cannot be told apart. */
  readonly doorFor: (terms?: { readonly isShared?: boolean }) => AgentDoor;
}
