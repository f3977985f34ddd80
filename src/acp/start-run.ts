import type { AgentRun } from './agent-run.ts';
import { LiveRun, type RunOptions } from './live-run.ts';

/**
 * Runs a client. It is returned at once; what fails is told by its state. Loaded only when an agent is run, with
 * all that this needs.
 */
export function startRun(options: RunOptions): AgentRun {
  const run = new LiveRun(options);
  run.start();
  return run;
}
