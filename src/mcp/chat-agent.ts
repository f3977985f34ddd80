/**
 * Owns: the agent as which the chat of a window works in one world. Loaded with its first call. Does not
 * know: VS Code.
 */
import { enterAsAgent } from '../agents/agent-identity.ts';
import { takeSeat } from '../agents/agent-seat.ts';
import type { IdentityHex } from '../core/op.ts';
import type { Answer } from '../agents/tools/answer.ts';
import { renderAnswer } from '../agents/tools/render-answer.ts';
import type { Surroundings } from '../world/open-folder.ts';
import type { KnownWorld } from '../world/world-list.ts';
import { AgentDoor } from './agent-door.ts';
import { callTool } from './call-tool.ts';
import { TOOLS } from './tools.ts';

export { deletedPaths } from '../agents/tools/deleted-paths.ts';

export interface ChatAgentOptions {
  readonly surroundings: Surroundings & { readonly home: string };
  readonly world: Pick<KnownWorld, 'server' | 'database'>;
  /** As members see it. */
  readonly name: string;
  /** The folder of the window that shows the world. Absolute. */
  readonly folder: string;
}

/** What a call comes to: the code of the answer, and all of it as one text for a model. */
export interface ChatAnswer {
  readonly code: Answer['code'];
  readonly text: string;
}

export class ChatAgent {
  readonly #door: AgentDoor;
  #member: IdentityHex | undefined;

  constructor({ surroundings, world, name, folder }: ChatAgentOptions) {
    const { clock, home, randomBytes } = surroundings;
    this.#door = new AgentDoor({
      clock,
      enter: async (signal) => {
        const session = await enterAsAgent(surroundings, world, name, signal);
        this.#member = session.identity;
        // The conversations of a window are not told apart.
        return takeSeat({ session, home, randomBytes, folders: [folder], isShared: true });
      },
    });
  }

  /** Calls a tool by its name among `TOOLS`. */
  async call(name: string, input: unknown, signal: AbortSignal): Promise<ChatAnswer> {
    const tool = TOOLS.find((each) => each.name === name);
    if (!tool) throw new Error(`There is no tool ${name}`);
    const answer = await callTool(this.#door, tool, input, signal);
    return { code: answer.code, text: renderAnswer(answer) };
  }

  /** Who it is in the world, which it enters for this; undefined where it cannot. */
  async member(): Promise<IdentityHex | undefined> {
    return (await this.#door.entered()) ? this.#member : undefined;
  }

  /** Its place ends with it, and its claims half a minute later. */
  dispose(): void {
    void this.#door.close();
  }
}
