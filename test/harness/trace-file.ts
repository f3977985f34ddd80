import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Changes, replace } from '../../src/core/change.ts';
import { compose } from '../../src/core/compose.ts';
import { endOfInserted } from '../../src/core/position.ts';

export type SequentialTraceName = 'automerge-paper' | 'seph-blog1' | 'sveltecomponent';
export type ConcurrentTraceName = 'friendsforever';

/**
 * One replacement: `deletedCount` characters from `position` on give way to `inserted`. Positions are
 * string indices; no trace here holds a surrogate pair.
 */
export interface TracePatch {
  readonly position: number;
  readonly deletedCount: number;
  readonly inserted: string;
}

/** Patches apply in order, each to the text that the one before it left. */
export interface TraceTransaction {
  readonly time: string;
  readonly patches: readonly TracePatch[];
}

export interface SequentialTrace {
  readonly name: SequentialTraceName;
  readonly startContent: string;
  readonly endContent: string;
  readonly transactions: readonly TraceTransaction[];
}

export interface ConcurrentTransaction extends TraceTransaction {
  /** Who typed it, from 0 to `agentCount` − 1. */
  readonly agent: number;
  /** Indices of the transactions on top of which this one was made; always smaller than its own. */
  readonly parents: readonly number[];
}

/** Several authors at once, starting from an empty text. */
export interface ConcurrentTrace {
  readonly name: ConcurrentTraceName;
  readonly agentCount: number;
  readonly endContent: string;
  readonly transactions: readonly ConcurrentTransaction[];
}

/** Reads a trace in which each transaction continues the text that the previous one left. */
export async function loadSequentialTrace(name: SequentialTraceName): Promise<SequentialTrace> {
  const raw = await readTrace<RawSequentialTrace>(`${name}.sequential.json.gz`);
  return {
    name,
    startContent: raw.startContent,
    endContent: raw.endContent,
    transactions: raw.txns.map(({ time, patches }) => ({ time, patches: patches.map(toPatch) })),
  };
}

/** Reads a trace whose transactions name the ones that their author had seen. */
export async function loadConcurrentTrace(name: ConcurrentTraceName): Promise<ConcurrentTrace> {
  const raw = await readTrace<RawConcurrentTrace>(`${name}.concurrent.json.gz`);
  return {
    name,
    agentCount: raw.numAgents,
    endContent: raw.endContent,
    transactions: raw.txns.map(({ time, patches, agent, parents }) => ({
      time,
      patches: patches.map(toPatch),
      agent,
      parents,
    })),
  };
}

/** The text after the patches, applied one after the other by plain string slicing. */
export function applyPatches(text: string, patches: readonly TracePatch[]): string {
  return patches.reduce(
    (before, { position, deletedCount, inserted }) =>
      before.slice(0, position) + inserted + before.slice(position + deletedCount),
    text,
  );
}

type RawPatch = readonly [position: number, deletedCount: number, inserted: string];

interface RawTransaction {
  readonly time: string;
  readonly patches: readonly RawPatch[];
}

interface RawSequentialTrace {
  readonly startContent: string;
  readonly endContent: string;
  readonly txns: readonly RawTransaction[];
}

interface RawConcurrentTrace {
  readonly numAgents: number;
  readonly endContent: string;
  readonly txns: readonly (RawTransaction & {
    readonly agent: number;
    readonly parents: readonly number[];
  })[];
}

const decompress = promisify(gunzip);

async function readTrace<Raw>(file: string): Promise<Raw> {
  const path = fileURLToPath(new URL(`../fixtures/traces/${file}`, import.meta.url));
  return JSON.parse((await decompress(await readFile(path))).toString('utf8')) as Raw;
}

function toPatch([position, deletedCount, inserted]: RawPatch): TracePatch {
  return { position, deletedCount, inserted };
}

/** A transaction's patches as one set of changes relative to `text`, and the text they leave. */
export function changesOf(
  { patches }: TraceTransaction,
  text: string,
): { changes: Changes; text: string } {
  let changes: Changes = [];
  let reached = text;
  for (const { position, deletedCount, inserted } of patches) {
    const start = endOfInserted(START, reached.slice(0, position));
    const end = endOfInserted(start, reached.slice(position, position + deletedCount));
    changes = compose(changes, [replace(start, end, inserted)]);
    reached = reached.slice(0, position) + inserted + reached.slice(position + deletedCount);
  }
  return { changes, text: reached };
}

const START = { line: 0, character: 0 };
