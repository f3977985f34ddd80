/** A window that runs an agent in a process of its own, so that it can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSurroundings } from '../../src/editor/surroundings.ts';
import { runClientNamed } from '../../src/acp/run-clients.ts';
import type { AgentRun } from '../../src/acp/agent-run.ts';
import type { startRun as StartRun } from '../../src/acp/start-run.ts';
import type { AddedAgent } from '../../src/agents/clients/added-agents.ts';
import { silentLog } from '../../src/world/log.ts';
import type { AgentWay } from './acp-agent.ts';
import type { AcpStage } from './acp-stage.ts';

interface Given {
  readonly installation: string;
  readonly home: string;
  readonly agent: AddedAgent;
}

/** Resolves when it has given its agent a prompt that never ends. */
export async function startedWindow(stage: AcpStage, way: AgentWay): Promise<ChildProcess> {
  const { machine, agent } = stage;
  const given: Given = { installation: machine.installation, home: machine.home, agent };
  const file = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [file, JSON.stringify(given)], {
    env: stage.environment(way),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`The window ended with ${code}`)));
  });
  return child;
}

const [, script, text] = process.argv;
if (script === fileURLToPath(import.meta.url) && text !== undefined) {
  await run(JSON.parse(text) as Given);
}

async function run({ installation, home, agent }: Given): Promise<void> {
  const bundle = path.join(installation, 'dist', 'run.cjs');
  const { startRun } = (await import(bundle)) as { readonly startRun: typeof StartRun };
  const machine = openSurroundings({ installation, version: '0.0.0', log: silentLog, home });
  const client = runClientNamed(agent.client)!;
  const times = { graceMs: 300 };
  const started: AgentRun = startRun({ machine, agent, client, times });
  let isAsked = false;
  started.onChange(() => {
    if (started.state === 'failed') process.exit(1);
    if (started.state === 'ready') isAsked = started.prompt('[{"say":"so far"},{"hang":true}]');
    const isHeard = started.entries.some(({ kind }) => kind === 'answer');
    if (isAsked && isHeard) process.stdout.write('asked\n');
  });
}
