import { readFile } from 'node:fs/promises';
import { writeFileAtomically, type Home } from './home.ts';
import { HostError, systemCode, type HostErrorCode } from './host-error.ts';

/** Left by a host that could not start, for whoever started it. */
export interface StartupReport {
  readonly pid: number;
  readonly code: HostErrorCode;
  readonly message: string;
}

export async function writeStartupReport(home: Home, error: unknown): Promise<void> {
  const report: StartupReport = {
    pid: process.pid,
    code: error instanceof HostError ? error.code : 'start_failed',
    message: error instanceof Error ? error.message : String(error),
  };
  await writeFileAtomically(home.startupReport, `${JSON.stringify(report)}\n`);
}

/** The report of the host that ran as `pid`, if it left one. */
export async function readStartupReport(
  home: Home,
  pid: number,
): Promise<StartupReport | undefined> {
  try {
    const report: unknown = JSON.parse(await readFile(home.startupReport, 'utf8'));
    return isReport(report) && report.pid === pid ? report : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isReport(value: unknown): value is StartupReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
