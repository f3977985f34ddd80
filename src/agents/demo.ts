import type { Server, Surroundings } from '../world/open-folder.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import { AgentSession } from './agent-session.ts';
import { joinAgent, type AgentProfile } from './join-agent.ts';
import { pause } from './pause.ts';
import { runProjectAgents } from './project-agents.ts';
import { typeAtEnd } from './typist.ts';

export interface DemoOptions {
  readonly surroundings: Surroundings;
  readonly owner: WorldSession;
  readonly server: Server;
  /** A copy: the demonstration types into it. */
  readonly folder: string;
  readonly installations: readonly string[];
  readonly durationMs: number;
  readonly signal: AbortSignal;
  readonly onNote: (note: string) => void;
}

export interface DemoSummary {
  /** Keys that the simulated people typed and that are in the texts. */
  readonly keys: number;
  readonly openTickets: number;
}

interface Script {
  readonly profile: AgentProfile;
  readonly matches: (file: FileHead) => boolean;
  /** `N` stands for the round: nothing is declared twice. */
  readonly texts: readonly string[];
}

const SCRIPTS: readonly Script[] = [
  {
    profile: { name: 'demo-anna', displayName: 'Anna', color: '#e5a13a', kind: 'human' },
    matches: ({ path }) => path === 'README.md',
    texts: [
      '\n## Two keyboards, N\n\nAnna types here while others work in the same file.\n',
      '\n### At the same time, N\n\nThe table of contents above follows by itself.\n',
      '\n### And again, N\n\n*  a list that the formatter will put right\n*  one item more\n',
    ],
  },
  {
    profile: { name: 'demo-ben', displayName: 'Ben', color: '#4a90d9', kind: 'human' },
    matches: ({ path }) => /\.(js|mjs|ts|jsx|tsx)$/.test(path) && !path.includes('.d.ts'),
    texts: [
      '\nexport function   greetN( name ){ return "Hello, "+name }\n',
      '\nexport const   twiceN = ( value )=>{ return value*2 }\n',
      '\nexport function lastN( list ){ return list[ list.length-1 ] }\n',
    ],
  },
];

const KEY_MS = 90;
/** Long enough for the agents to find the file quiet. */
const PAUSE_MS = 4_000;
/** How long the agents get at most to finish what the people left. */
const SETTLE_MS = 6_000;

/** People and agents at work in one world for a while, without an editor. */
export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const { surroundings, owner, durationMs, signal, onNote } = options;
  const { clock } = surroundings;
  const agentsEnd = new AbortController();
  const typingEnd = new AbortController();
  const stop = (): void => {
    typingEnd.abort();
    agentsEnd.abort();
  };
  signal.addEventListener('abort', stop);
  const agents = runProjectAgents({ ...options, signal: agentsEnd.signal });
  const people = SCRIPTS.map((script) => type(options, script, typingEnd.signal));
  const typed = Promise.all(people);
  // Until the time is over, or something failed.
  await Promise.race([pause(clock, durationMs, signal), agents, typed.then(() => forever)]);
  typingEnd.abort();
  const keys = (await typed).reduce((sum, count) => sum + count, 0);
  onNote('The people stop typing; the agents finish.');
  await Promise.race([pause(clock, Math.min(SETTLE_MS, durationMs), signal), agents]);
  stop();
  await agents;
  signal.removeEventListener('abort', stop);
  return { keys, openTickets: owner.view.tickets.size };
}

const forever = new Promise<never>(() => {});

/** Types the script's texts one after the other, beginning again when they are through. */
async function type(options: DemoOptions, script: Script, signal: AbortSignal): Promise<number> {
  const { surroundings, owner, server, onNote } = options;
  const { randomBytes, clock } = surroundings;
  const files = [...owner.view.files.values()].filter(
    (file) => file.kind === 'text' && !file.deleted && script.matches(file),
  );
  const file = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))[0];
  if (!file) return 0;
  const session = await joinAgent(surroundings, owner, server, script.profile);
  const agent = new AgentSession({ session, randomBytes });
  onNote(`${script.profile.displayName} types in ${file.path}`);
  let keys = 0;
  for (let round = 0; !signal.aborted; round++) {
    const text = script.texts[round % script.texts.length]!.replaceAll('N', `${round + 1}`);
    keys += await typeAtEnd({ agent, fileId: file.fileId, text, keyMs: KEY_MS, signal });
    await pause(clock, PAUSE_MS, signal);
  }
  session.close();
  return keys;
}
