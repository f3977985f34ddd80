/** Runs the real clients against the product: `npm run agents`. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { say } from '../../scripts/setup/progress.mjs';
import { AgentStage } from './agent-stage.ts';
import type { AgentCase, Verdict } from './cases/agent-case.ts';
import { AGENT_CASES } from './cases/all-cases.ts';
import { REAL_CLIENTS } from './clients/all-clients.ts';
import type { RealClient } from './clients/real-client.ts';
import { installClient } from './install-client.ts';
import { type ClientResult, withResults } from './results-table.ts';

const USAGE = `Usage: npm run agents -- [options]

  --only CLIENT,…   only these: ${REAL_CLIENTS.map(({ id }) => id).join(', ')}
  --cases CASE,…    only these, after add: ${AGENT_CASES.map(({ id }) => id).join(', ')}
  --keep            leaves the throw-away folders
  --write           writes into the table also what only some cases have shown
  --record DIR      writes down what the clients send to hooks

The clients are installed once into AGENT_CLIENTS_CACHE (~/.cache/agent-world/agents); about 2 GB for all.
A run of all cases writes the table of docs/agents.md anew for its clients.
`;

interface Options {
  readonly clients: readonly RealClient[];
  readonly cases: readonly AgentCase[];
  readonly isKept: boolean;
  readonly isWritten: boolean;
  readonly recordFolder: string | undefined;
}

await main();

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) {
    say(USAGE);
    process.exitCode = 2;
    return;
  }
  const results: ClientResult[] = [];
  for (const client of options.clients) {
    const result = await tryClient(client, options);
    results.push(result);
    // A run that is broken off has told what it knows.
    if (options.isWritten) await writeTable([result]);
  }
  const failed = results.flatMap(({ verdicts }) =>
    [...verdicts.values()].filter(({ tag }) => tag === 'fail'),
  );
  say(failed.length === 0 ? 'No case failed.' : `${failed.length} failed.`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      cases: { type: 'string' },
      keep: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      record: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const clients = chosen(REAL_CLIENTS, values.only);
  const cases = chosen(AGENT_CASES, values.cases && `add,${values.cases}`);
  if (values.help || !clients || !cases) return undefined;
  const recordFolder = values.record === undefined ? undefined : path.resolve(values.record);
  const isWritten = values.write || cases.length === AGENT_CASES.length;
  return { clients, cases, isKept: values.keep, isWritten, recordFolder };
}

/** Undefined where one is named that is not there. */
function chosen<Each extends { readonly id: string }>(
  all: readonly Each[],
  names: string | undefined,
): readonly Each[] | undefined {
  if (names === undefined) return all;
  const wanted = names.split(',');
  const found = all.filter(({ id }) => wanted.includes(id));
  return found.length === new Set(wanted).size ? found : undefined;
}

async function tryClient(client: RealClient, options: Options): Promise<ClientResult> {
  say(`\n${client.title} ${client.version}`);
  const verdicts = new Map<string, Verdict>();
  const { adapter } = client;
  const bins = [await installClient(client, say)];
  if (adapter) bins.push(await installClient(adapter, say));
  const files = AGENT_CASES.flatMap(({ file }) => file ?? []);
  const { recordFolder } = options;
  const stage = await AgentStage.open({ client, bins, files, recordFolder });
  const stop = (): void => void stage.close(options.isKept).then(() => process.exit(130));
  process.once('SIGINT', stop);
  try {
    for (const each of options.cases) {
      const verdict = await verdictOf(each, stage);
      verdicts.set(each.id, verdict);
      say(`  ${each.id.padEnd(10)} ${verdict.tag.padEnd(6)} ${sentenceOf(verdict)}`);
      if (each.id === 'add' && verdict.tag === 'fail') break;
    }
  } finally {
    process.off('SIGINT', stop);
    await stage.close(options.isKept);
    if (options.isKept) say(`  ${stage.place} stays; what the client said is in said.txt`);
  }
  return { client, verdicts };
}

async function verdictOf(each: AgentCase, stage: AgentStage): Promise<Verdict> {
  try {
    return await each.run(stage);
  } catch (error) {
    return { tag: 'fail', why: error instanceof Error ? error.message : String(error) };
  }
}

function sentenceOf(verdict: Verdict): string {
  return verdict.tag === 'ok' ? (verdict.remark ?? '') : verdict.why;
}

async function writeTable(results: readonly ClientResult[]): Promise<void> {
  const page = path.join(projectRoot, 'docs', 'agents.md');
  await writeFile(page, withResults(await readFile(page, 'utf8'), results));
}
