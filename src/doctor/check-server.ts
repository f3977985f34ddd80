import { setTimeout as delay } from 'node:timers/promises';
import type { ProbeSite } from '../contract/engine-probe.ts';
import type { ProbeModules } from '../contract/probe-modules.ts';
import { ENGINE_RULES } from '../contract/rules.ts';
import { checkRules, reasonOf, type RuleFinding } from './check-rules.ts';
import { measureCalls, measureKeys, type Measured } from './measure-server.ts';
import { probeIdentity } from './probe-identity.ts';
import { recognizeServer, type RecognizedServer } from './recognize-server.ts';
import { tryServer } from './try-server.ts';
import { within } from './within.ts';

export interface ServerCheckOptions {
  readonly uri: string;
  /** Holds the identity to use; without it one is made that nobody keeps. */
  readonly tokenFile: string | undefined;
  readonly modules: ProbeModules;
  /** The world module. */
  readonly bundle: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly signal: AbortSignal;
  readonly onServer: (server: RecognizedServer) => void;
  readonly onFinding: (finding: RuleFinding) => void;
}

export interface ServerReport {
  readonly findings: readonly RuleFinding[];
  readonly measured: readonly Measured[];
  /** Why something could not be measured. */
  readonly unmeasured: readonly string[];
  /** How many rules an interruption left out. */
  readonly missing: number;
  /** Databases that could not be removed. */
  readonly left: readonly string[];
}

/**
 * Checks at a server what we rely on of an engine, measures it, and takes away what that made there.
 * Throws `WorldError` where no server of ours can be looked at, before anything is made.
 */
export async function checkServer(options: ServerCheckOptions): Promise<ServerReport> {
  const { uri, tokenFile, modules, bundle, signal, onServer, onFinding } = options;
  const server = await recognizeServer(uri, signal);
  const owner = await probeIdentity(uri, tokenFile, signal);
  const site: ProbeSite = { uri, engine: server.engine, owner, modules };
  await within(MEASURE_MS, signal, () => tryServer(site));
  onServer(server);
  const { findings, missing, left } = await checkRules(site, ENGINE_RULES, { signal, onFinding });
  const measured: Measured[] = [];
  const unmeasured: string[] = [];
  const measures = [
    async () => measureCalls(site),
    async () => measureKeys(site, await bundle(), signal),
  ];
  for (const measure of measures) {
    if (signal.aborted) continue;
    const attempt = measure();
    try {
      measured.push(await within(MEASURE_MS, signal, () => attempt));
    } catch (error) {
      unmeasured.push(reasonOf(error, site));
      // It removes what it made, whatever became of it.
      await Promise.race([Promise.allSettled([attempt]), delay(REMOVAL_MS)]);
    }
  }
  return { findings, measured, unmeasured, missing, left };
}

const MEASURE_MS = 60_000;
const REMOVAL_MS = 15_000;
