import { hostStatus, stopHost } from '../host/handover.ts';
import { EMBEDDED } from '../world/identities.ts';
import type { Command, Context } from './command.ts';
import { EXIT, UsageError, type ExitCode } from './exit-code.ts';

export const hostCommand: Command = {
  name: 'host',
  usage: 'status | start | stop',
  summary: "this machine's own host: is it running, start it, end it",
  explanation: `
The host keeps your worlds on this machine. Editors and commands start it when they need it, and it
ends by itself when nobody was connected for a while.

  status   says whether it runs; exit code 3 when it does not
  start    starts it, if it does not run
  stop     ends it in order; what was acknowledged is on disk`,
  options: [],
  positionals: [1, 1],
  run(context, line) {
    switch (line.positionals[0]) {
      case 'status':
        return showStatus(context);
      case 'start':
        return start(context);
      case 'stop':
        return stop(context);
      default:
        throw new UsageError(`Usage: agent-world host ${hostCommand.usage}`);
    }
  },
};

async function showStatus({ machine, terminal }: Context): Promise<ExitCode> {
  const status = await hostStatus({ home: machine.home });
  if (status.state !== 'running') {
    terminal.json({ state: status.state });
    terminal.line(status.state === 'stopped' ? 'Not running.' : 'Running, but it does not answer.');
    return EXIT.unreachable;
  }
  const { state, version, pid, uptimeMs, databases, connections } = status;
  terminal.json({ state, version, pid, uptimeMs, databases, connections });
  terminal.line(
    `Running: version ${version}, process ${pid}, ${databases} worlds, ${connections} connections, ` +
      `up ${Math.round(uptimeMs / 1000)} s.`,
  );
  return EXIT.ok;
}

async function start(context: Context): Promise<ExitCode> {
  await context.machine.serverFor(EMBEDDED).uri(context.signal);
  return showStatus(context);
}

async function stop({ machine, terminal }: Context): Promise<ExitCode> {
  const wasRunning = await stopHost({ home: machine.home });
  terminal.json({ stopped: wasRunning });
  terminal.line(wasRunning ? 'Stopped.' : 'It was not running.');
  return EXIT.ok;
}
