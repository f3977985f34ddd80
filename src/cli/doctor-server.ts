import path from 'node:path';
import { WebSocket } from 'ws';
import { readProbeModules } from '../contract/probe-modules.ts';
import { hostStatus } from '../host/handover.ts';
import type { RuleFinding } from '../doctor/check-rules.ts';
import { checkServer, type ServerReport } from '../doctor/check-server.ts';
import type { Measured } from '../doctor/measure-server.ts';
import type { RecognizedServer } from '../doctor/recognize-server.ts';
import { EMBEDDED } from '../world/identities.ts';
import { serverAt } from '../world/server-address.ts';
import { describeServer } from '../world/server-request.ts';
import { WorldError } from '../world/world-error.ts';
import type { Context } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Machine } from './machine.ts';
import type { Terminal } from './terminal.ts';

/** `agent-world doctor --server`. */
export async function examineServer(
  { machine, terminal, signal }: Context,
  address: string,
  tokenFile: string | undefined,
): Promise<ExitCode> {
  const uri = await addressOf(machine, address);
  // The library brings no socket of its own, and Node has had one since version 22 only.
  globalThis.WebSocket ??= WebSocket as never;
  const report = await quietly(() =>
    checkServer({
      uri,
      tokenFile,
      modules: readProbeModules(path.join(machine.installation, 'dist')),
      bundle: () => machine.bundle(),
      signal,
      onServer: (server) => showServer(terminal, uri, server),
      onFinding: (finding) => showFinding(terminal, finding),
    }),
  );
  for (const measured of report.measured) showMeasured(terminal, measured);
  const code = showEnd(terminal, report);
  // What a broken server left open must not keep the command from ending.
  setTimeout(() => process.exit(code), LINGER_MS).unref();
  return code;
}

/** The library writes down every connection, also those that rules want to be refused. */
async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  const { error, log } = console;
  console.error = console.log = () => {};
  try {
    return await work();
  } finally {
    Object.assign(console, { error, log });
  }
}

async function addressOf(machine: Machine, address: string): Promise<string> {
  if (address !== EMBEDDED) return serverAt(address).uri();
  const status = await hostStatus({ home: machine.home });
  if (status.state === 'running') return status.uri;
  throw new WorldError('unreachable', 'No host runs on this machine: agent-world host start');
}

function showServer(terminal: Terminal, uri: string, { engine, version }: RecognizedServer): void {
  const origin = describeServer(uri);
  terminal.json({ server: origin, engine, version });
  const name = engine === 'embedded' ? "Agent World's own host" : 'SpacetimeDB';
  terminal.line(`${name}${version === undefined ? '' : ` ${version}`} at ${origin}\n`);
}

function showFinding(terminal: Terminal, { subject, rule, verdict, reason }: RuleFinding): void {
  terminal.json({ check: 'rule', subject, rule, verdict, ...(reason === '' ? {} : { reason }) });
  const sign = verdict === 'unchecked' ? '-' : verdict;
  const why =
    reason === '' ? '' : ` (${verdict === 'unchecked' ? 'not looked at: ' : ''}${reason})`;
  terminal.line(`${sign.padEnd(4)}  ${subject}: ${rule}${why}`);
}

function showMeasured(terminal: Terminal, { what, times, medianMs, slowMs }: Measured): void {
  const [half, most] = [medianMs, slowMs].map((ms) => Number(ms.toFixed(2)));
  terminal.json({ check: 'time', what, times, medianMs: half, p95Ms: most });
  terminal.line(
    `OK    time: ${what} takes ${half} ms, and ${most} ms at most in 95 of 100 (${times} times)`,
  );
}

function showEnd(terminal: Terminal, report: ServerReport): ExitCode {
  const { findings, unmeasured, missing, left } = report;
  const count = (verdict: RuleFinding['verdict']): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  for (const reason of unmeasured) {
    terminal.json({ check: 'time', verdict: 'FAIL', reason });
    terminal.line(`FAIL  time: it could not be measured (${reason})`);
  }
  const [holding, broken, unchecked] = [count('OK'), count('FAIL'), count('unchecked')];
  terminal.json({ holding, broken, unchecked, missing, left });
  const rest = missing === 0 ? '' : `, ${missing} were left out by the interruption`;
  terminal.line(
    `\n${holding} rules hold, ${broken} do not, ${unchecked} were not looked at${rest}.`,
  );
  terminal.line(
    left.length === 0
      ? 'All that was made there was removed.'
      : `These databases could not be removed: ${left.join(', ')}`,
  );
  const isWell = broken + missing + unmeasured.length + left.length === 0;
  return isWell ? EXIT.ok : EXIT.failed;
}

const LINGER_MS = 2_000;
