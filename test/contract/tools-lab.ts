import type { TestContext } from 'node:test';
import { MemoryRecord } from '../../src/agents/tools/agent-record.ts';
import { AgentTools } from '../../src/agents/tools/agent-tools.ts';
import type { Answer, Body, BodyOf } from '../../src/agents/tools/answer.ts';
import { renderAnswer } from '../../src/agents/tools/render-answer.ts';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { AGENT_RIGHTS } from '../../src/agents/join-agent.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

/** An agent with its tools, or a person who has the same at hand. */
export interface ToolUser {
  readonly agent: AgentSession;
  readonly tools: AgentTools;
  readonly session: WorldSession;
  readonly record: MemoryRecord;
}

export class ToolsLab {
  readonly lab: WorldLab;
  readonly #users: ToolUser[] = [];

  private constructor(lab: WorldLab) {
    this.lab = lab;
  }

  static async open(context: Pick<TestContext, 'after'>): Promise<ToolsLab> {
    return new ToolsLab(await WorldLab.open(context));
  }

  async join(
    kind: 'agent' | 'human' = 'agent',
    folders: readonly string[] = [],
  ): Promise<ToolUser> {
    // What an agent has that is set up, unless more is asked for.
    const rights = kind === 'agent' ? { rights: AGENT_RIGHTS.capabilities } : {};
    return this.#use(await this.lab.agent({ kind, ...rights }), folders);
  }

  async owner(): Promise<ToolUser> {
    const session = await this.lab.enter(this.lab.owner);
    return this.#use(new AgentSession({ session, randomBytes: systemRandomBytes }), []);
  }

  #use(agent: AgentSession, folders: readonly string[]): ToolUser {
    const record = new MemoryRecord();
    const tools = saysTheSame(new AgentTools({ agent, record, folders }));
    const user = { agent, tools, session: agent.session, record };
    this.#users.push(user);
    return user;
  }

  /** Makes a file that everybody knows of. */
  async file(by: ToolUser, path: string, text: string): Promise<void> {
    await by.agent.create(path, text);
    await this.caughtUp();
  }

  caughtUp(): Promise<void> {
    return caughtUp(...this.#users.map(({ session }) => session));
  }

  /** The file's text as the world has it. */
  async text(path: string): Promise<string> {
    const [someone] = this.#users;
    await this.caughtUp();
    const read = await someone!.agent.read(path);
    return read.tag === 'text' ? read.text.toString() : read.tag;
  }
}

/** Clients show a model the text or the data: whatever a test asks, both have to say the same. */
function saysTheSame(tools: AgentTools): AgentTools {
  return new Proxy(tools, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const answer = (await Reflect.apply(method, target, args)) as Answer | undefined;
        // What the agent is seen to do is shown to others, and answered by nothing.
        if (answer === undefined) return undefined;
        const text = renderAnswer(answer);
        const lacking = textLacks(text, answer);
        if (lacking !== undefined) {
          throw new Error(`${String(name)}: the text lacks ${lacking}:\n${text}`);
        }
        return answer;
      };
    },
  });
}

/** What an answer holds that its text does not say; undefined when it says all. */
export function textLacks(text: string, answer: unknown): string | undefined {
  return leavesOf(answer, '').find((said) => !text.includes(said));
}

/** What an answer holds, as its text would have it; by the program's names or those of the wire. */
function leavesOf(value: unknown, key: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => leavesOf(each, key));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, each]) => leavesOf(each, name));
  }
  if (typeof value === 'number') {
    if (value === 0) return [];
    return [/(?:Ms|_ms)$/.test(key) ? new Date(value).toISOString() : String(value)];
  }
  // What is as it should be needs no word.
  if (typeof value !== 'string' || UNSAID.has(`${key} ${value}`)) return [];
  return key === 'kind' && BODY_KINDS.has(value) ? [] : [value];
}

const UNSAID: ReadonlySet<string> = new Set([
  'outcome done',
  'outcome refused',
  'outcome ticket',
  'code ok',
]);
const BODY_KINDS: ReadonlySet<string> = new Set<Body['kind']>([
  'none',
  'files',
  'text',
  'outside',
  'binary',
  'matches',
  'changed',
  'ticket',
  'tickets',
  'places',
  'claims',
  'messages',
  'history',
  'blame',
  'checkpoints',
  'members',
  'snapshot',
  'export',
  'waited',
]);

/** The answer's body, which has to be of that kind. */
export function bodyOf<Kind extends Body['kind']>(answer: Answer, kind: Kind): BodyOf<Kind> {
  if (answer.body.kind !== kind) {
    throw new Error(`${answer.body.kind} in place of ${kind}: ${answer.code} ${answer.message}`);
  }
  return answer.body as BodyOf<Kind>;
}
