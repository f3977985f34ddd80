import type { IdentityHex } from '../core/op.ts';
import { UNATTRIBUTED } from '../core/unattributed.ts';
import type { GitPerson } from './git-person.ts';
import type { FileTrace, PlannedCommit, TracedLines } from './planned-commit.ts';

/** Where notes of this format are kept. */
export const TRACE_REF = 'refs/notes/agent-trace';

/** Of the format: https://agent-trace.dev; two numbers, as its schema has it. */
const TRACE_VERSION = '0.1';
/** Of the way in which we fill it: not ours, or machines with different ones would write different notes. */
const TOOL = { name: 'agent-world', version: '1' };

export interface TraceContext {
  readonly commit: string;
  readonly seconds: number;
  /** The world's epoch, and the chain hash at the end of what the commit holds. */
  readonly epoch: string;
  readonly chainHash: string;
  /** The world's folder in the repository. */
  readonly folder: string;
  readonly people: ReadonlyMap<IdentityHex, GitPerson>;
  /** Who kept what agents did; left out of records that do not tell of it. */
  readonly reviews?: PlannedCommit['reviews'];
  /** What agents did and nobody has looked at; left out where there is none. */
  readonly unreviewed?: PlannedCommit['unreviewed'];
}

/** Who wrote which lines of a commit, as a record of Agent Trace. The same history gives the same. */
export function agentTrace(traces: readonly FileTrace[], context: TraceContext): string {
  const { commit, seconds, epoch, chainHash, folder, people, reviews, unreviewed } = context;
  // Keys stand in the order of their letters, as in all that a world writes; there may be many files.
  const files = traces.map(({ path, lines }) => {
    const ranges = new Map<IdentityHex, { end_line: number; start_line: number }[]>();
    for (const run of lines) {
      const writer = writerOf(run);
      const own = ranges.get(writer) ?? [];
      own.push({ end_line: run.lastLine, start_line: run.firstLine });
      ranges.set(writer, own);
    }
    const conversations = [...ranges].map(([author, own]) => ({
      contributor: { type: contributorOf(author, people) },
      ranges: own,
      url: `agent-world://${epoch}/members/${author}`,
    }));
    return { conversations, path: `${folder}${path}` };
  });
  const told = [...(reviews?.people ?? []), ...(unreviewed?.by ?? [])];
  const others = new Map(told.map((person) => [person.identity, person]));
  const named = new Set(traces.flatMap(({ lines }) => lines.map(writerOf)));
  for (const identity of others.keys()) named.add(identity);
  named.delete(UNATTRIBUTED.identity);
  const members = [...named].sort().map((identity) => {
    const { name, email, isAgent } = people.get(identity) ?? others.get(identity)!;
    return { email, identity, kind: isAgent ? 'agent' : 'human', name };
  });
  const record = {
    files,
    id: recordId(chainHash, commit),
    metadata: {
      'dev.agent-world': {
        chain_hash: chainHash,
        members,
        ...(reviews &&
          reviews.paths.length > 0 && {
            reviewed: reviews.paths.map(({ path, by }) => ({ by, path: `${folder}${path}` })),
          }),
        ...(unreviewed && {
          unreviewed: {
            by: unreviewed.by.map(({ identity }) => identity),
            changes: unreviewed.changes,
            files: unreviewed.files,
            paths: unreviewed.paths.map((path) => `${folder}${path}`),
          },
        }),
        world_epoch: epoch,
      },
    },
    timestamp: new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
    tool: TOOL,
    vcs: { revision: commit, type: 'git' },
    version: TRACE_VERSION,
  };
  return `${JSON.stringify(record)}\n`;
}

/** Who wrote lines; somebody may answer for them without having done so. */
function writerOf({ author, isUnattributed }: TracedLines): IdentityHex {
  return isUnattributed ? UNATTRIBUTED.identity : author;
}

function contributorOf(
  writer: IdentityHex,
  people: TraceContext['people'],
): 'ai' | 'human' | 'unknown' {
  if (writer === UNATTRIBUTED.identity) return 'unknown';
  return people.get(writer)?.isAgent ? 'ai' : 'human';
}

/** A UUID of version 8: made of what the record is about, so that nobody draws another. */
function recordId(chainHash: string, commit: string): string {
  const digits = `${chainHash.slice(0, 16)}${commit.slice(0, 16)}`.padEnd(32, '0');
  const [a, b, c, d, e] = [0, 8, 12, 16, 20].map((at, index) =>
    digits.slice(at, [8, 12, 16, 20, 32][index]),
  );
  return `${a}-${b}-8${c!.slice(1)}-8${d!.slice(1)}-${e}`;
}
