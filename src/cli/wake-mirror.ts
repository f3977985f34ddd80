/**
 * Owns: that a folder of an agent is kept in step where its client works in it without our server. Every hook of
 * such a client asks, so it is quick: it imports nothing but `node:`.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { knock } from '../mirror/knock.ts';
import { type MirrorOf, startMirror } from '../mirror/start-mirror.ts';
import { pathInside } from '../world/path-inside.ts';

/** What the agent is to know; empty where its folder is kept, or is no agent's. */
export async function wakeMirror(home: string, cwd: string): Promise<string> {
  const of = agentFolderAt(home, cwd);
  if (!of) return '';
  const state = stateAt(home, of);
  if (state !== undefined && (await isReached(state))) return '';
  startMirror(home, of);
  return `The folder ${of.folder} was not kept in step with its shared world; that begins now. Files may change in a moment: read again what you have read. The server agent-world does not run, so you are told of nobody, and have no tools of the world.`;
}

/** The folder of an agent that a working folder is in; undefined where it is in none. */
function agentFolderAt(home: string, cwd: string): MirrorOf | undefined {
  const agents = path.join(home, 'agents');
  try {
    const at = realpathSync(cwd);
    for (const name of readdirSync(agents)) {
      if (!name.endsWith('.json')) continue;
      const agent = JSON.parse(readFileSync(path.join(agents, name), 'utf8')) as MirrorOf & {
        readonly isOwnFolder: boolean;
      };
      if (agent.isOwnFolder && isIn(at, realpathSync(agent.folder))) return agent;
    }
  } catch {
    // There is no agent, or not this one any more.
  }
  return undefined;
}

/** As a mirror that ran there has written it down. */
function stateAt(home: string, { folder, database }: MirrorOf): string | undefined {
  const folders = path.join(home, 'folders');
  const real = realpathSync(folder);
  return readdirSync(folders)
    .filter((name) => name.endsWith(`-${database}`))
    .map((name) => path.join(folders, name))
    .find((state) => {
      try {
        return readFileSync(path.join(state, 'directory'), 'utf8') === real;
      } catch {
        return false;
      }
    });
}

/** It is held for a moment, so that it does not end. */
function isReached(state: string): Promise<boolean> {
  return new Promise((resolve) => {
    const hold = knock({
      state,
      as: 'hook',
      onServers: () => {
        hold.release();
        resolve(true);
      },
      onGone: () => resolve(false),
    });
  });
}

function isIn(inner: string, outer: string): boolean {
  return pathInside(outer, inner) !== undefined;
}
