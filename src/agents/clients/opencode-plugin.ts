/**
 * The plug-in that opencode loads: it passes on what opencode tells it to `agent-world hook opencode`, and says
 * nothing where that is gone. `launcher` is the command of this home, absolute.
 */
export function opencodePlugin(launcher: string): string {
  return `// Written by Agent World. It asks the server of the agent whose folder opencode works in;
// "agent-world agents remove opencode" takes this file out.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const launcher = ${JSON.stringify(launcher)};
const tools = ['read', 'edit', 'write', 'multiedit', 'patch', 'apply_patch'];

function ask(event, input) {
  return new Promise((resolve) => {
    if (!existsSync(launcher)) return resolve({});
    const options = { stdio: ['pipe', 'pipe', 'ignore'], shell: process.platform === 'win32' };
    const child = spawn(launcher, ['hook', 'opencode', event], options);
    let said = '';
    child.on('error', () => resolve({}));
    child.stdin.on('error', () => {});
    child.stdout.on('data', (text) => (said += text));
    child.on('close', () => {
      try {
        resolve(said.trim() === '' ? {} : JSON.parse(said));
      } catch {
        resolve({});
      }
    });
    child.stdin.end(JSON.stringify(input));
  });
}

export const AgentWorld = async ({ directory }) => {
  // What is told with a prompt goes to the model with the next result of a tool.
  const untold = new Map();
  const keep = (session, say) => {
    if (say) untold.set(session, [untold.get(session), say].filter(Boolean).join('\\n\\n'));
  };
  return {
    'chat.message': async ({ sessionID: session }, { parts }) => {
      const prompt = parts.flatMap(({ type, text }) => (type === 'text' ? [text] : [])).join('\\n');
      keep(session, (await ask('prompt', { session, cwd: directory, prompt })).say);
    },
    'tool.execute.before': async ({ tool, sessionID: session }, { args }) => {
      if (!tools.includes(tool)) return;
      const { deny } = await ask('before', { session, cwd: directory, tool, args });
      if (deny) throw new Error(deny);
    },
    'tool.execute.after': async ({ tool, sessionID: session, args }, output) => {
      if (tools.includes(tool)) {
        const isPart = output?.metadata?.truncated === true;
        const told = { session, cwd: directory, tool, args, isPart };
        keep(session, (await ask('after', told)).say);
      }
      const say = untold.get(session);
      if (!say || typeof output?.output !== 'string') return;
      untold.delete(session);
      output.output += '\\n\\n' + say;
    },
    event: async ({ event: { type, properties } }) => {
      if (type === 'session.idle') {
        await ask('idle', { session: properties.sessionID, cwd: directory });
      }
      if (type === 'session.deleted') {
        await ask('ended', { session: properties.info?.id ?? '', cwd: directory });
      }
    },
  };
};
`;
}
