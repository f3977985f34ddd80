import assert from 'node:assert/strict';
import { BatchEnds } from '../../../src/core/batch-ends.ts';
import { ByteWriter } from '../../../src/core/byte-writer.ts';
import { CHAIN_START, ChainHasher } from '../../../src/core/chain.ts';
import { OpEncoder } from '../../../src/core/op-codec.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { type Arguments, type TableName, TestWorld } from './test-world.ts';

export type ImportCall = Arguments<'import_log'>;

const PROFILE = { displayName: 'Importer', gitName: '', gitEmail: '', color: '' };

/** A world's history as `import_log` takes it. */
export function logOf(world: TestWorld): ImportCall {
  const encoder = new OpEncoder();
  const ops = world.rows('file_op').map((row) => {
    const writer = new ByteWriter();
    encoder.write(writer, opRecordOf(row));
    return { bytes: writer.written.slice(), chainHash: row.chainHash };
  });
  const { opSeq, chainHash } = world.rows('log_head')[0]!;
  const parts = world.rows('content_chunk');
  return { ops, parts, expectedHead: { opSeq, chainHash }, ...PROFILE };
}

/** A log in which the payload of one op is another, linked anew from there on. */
export function forged(
  world: TestWorld,
  opSeq: number,
  change: (payload: string) => string,
): ImportCall {
  const log = logOf(world);
  const hasher = new ChainHasher(nativeHash);
  const encoder = new OpEncoder();
  let chainHash = CHAIN_START;
  const ops = world.rows('file_op').map((row) => {
    const op = opRecordOf(row);
    const payload = op.opSeq === opSeq ? change(op.payload) : op.payload;
    if (op.opSeq === opSeq && payload === op.payload) throw new Error('nothing was forged');
    const writer = new ByteWriter();
    encoder.write(writer, { ...op, payload });
    chainHash = hasher.link(chainHash, { ...op, payload });
    return { bytes: writer.written.slice(), chainHash };
  });
  return { ...log, ops, expectedHead: { opSeq: ops.length, chainHash } };
}

/** The calls that a log is imported with, cut where a batch ends and `isCut` says so. */
export function callsOf(world: TestWorld, isCut: () => boolean): ImportCall[] {
  const log = logOf(world);
  const ends = new BatchEnds();
  const begins = world.rows('file_op').map((row) => ends.beginsWith(opRecordOf(row)));
  const calls: ImportCall[] = [];
  let first = 0;
  for (let next = 1; next <= log.ops.length; next++) {
    const isEnd = next === log.ops.length;
    if (!isEnd && (!begins[next] || !isCut())) continue;
    const parts = first === 0 ? log.parts : [];
    const expectedHead = isEnd ? log.expectedHead : undefined;
    calls.push({ ...log, ops: log.ops.slice(first, next), parts, expectedHead });
    first = next;
  }
  return calls;
}

/** A world that was made of another's history, by its owner. */
export async function restored(
  world: TestWorld,
  isCut: () => boolean = () => false,
): Promise<TestWorld> {
  const copy = await TestWorld.published();
  copy.nowMicros = world.nowMicros + 3_600_000_000n;
  for (const call of callsOf(world, isCut)) copy.mustCall(copy.owner, 'import_log', call);
  return copy;
}

/** What every member sees must be the same, times included. Claims and presence are of the moment. */
export function assertSameWorld(copy: TestWorld, world: TestWorld): void {
  for (const name of COMPARED) {
    assert.deepEqual(rowsOf(copy, name), rowsOf(world, name), `table ${name}`);
  }
  const places = (each: TestWorld) =>
    each
      .rows('open_ticket_file')
      .map((row) => [
        row.ticketId,
        row.fileId,
        row.actor.toHexString(),
        row.firstLine,
        row.lastLine,
      ])
      .map((entry) => entry.join(' '))
      .sort();
  assert.deepEqual(places(copy), places(world));
}

function rowsOf(world: TestWorld, name: TableName): unknown[] {
  const rows = world.rows(name).map((row) => JSON.stringify(row, readable));
  return rows.sort().map((row) => JSON.parse(row));
}

function readable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString(16);
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

const COMPARED: readonly TableName[] = [
  'file_op',
  'log_head',
  'line_ends',
  'workspace',
  'world_format',
  'workspace_member',
  'member_origin',
  'member_pause',
  'quota',
  'restoration',
  'restoration_rule',
  'turn',
  'unreviewed_file',
  'export_rule',
  'world_usage',
  'member_usage',
  'file_head',
  'file_snapshot',
  'content_chunk',
  'conflict_ticket',
  'ticket_text',
  'note',
  'folder',
  'op_page',
  'paged_log',
  'op_weight',
];
