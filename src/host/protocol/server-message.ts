import { BsatnWriter } from '../bsatn/writer.ts';
import type { Row } from '../datastore/row.ts';
import type { TableSchema } from '../datastore/table-schema.ts';
import { hexToBsatn, type IdentityHex } from '../identity.ts';
import { writeRowList } from './row-list.ts';

/** Rows of one table, in answer to a query. */
export interface TableRows {
  readonly schema: TableSchema;
  readonly rows: readonly Row[];
}

/** What happened to the rows of one query set, each update encoded by {@link encodeTableUpdate}. */
export interface QuerySetUpdate {
  readonly querySetId: number;
  readonly tableUpdates: readonly Buffer[];
}

export type ReducerOutcome =
  | { readonly kind: 'ok'; readonly updates: readonly QuerySetUpdate[] }
  /** The reducer refused, with a text for its caller. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

// One writer for all messages: they are encoded one at a time, and `take` copies.
const writer = new BsatnWriter(64 * 1024);

/** A frame begins with how it is compressed: 0, not at all. */
function begin(tag: number): BsatnWriter {
  return writer.u8(0).u8(tag);
}

/**
 * Several messages, each a frame of its own, as the one frame that version 3 of the protocol allows.
 */
export function joinFrames(frames: readonly Buffer[]): Buffer {
  const [first] = frames;
  if (first !== undefined && frames.length === 1) return first;
  return Buffer.concat(frames.map((frame, index) => (index === 0 ? frame : frame.subarray(1))));
}

/** All messages below are encoded as whole frames. */
export function initialConnection(
  identity: IdentityHex,
  connectionId: string,
  token: string,
): Buffer {
  return begin(0).raw(hexToBsatn(identity)).raw(hexToBsatn(connectionId)).string(token).take();
}

export function subscribeApplied(
  requestId: number,
  querySetId: number,
  tables: readonly TableRows[],
): Buffer {
  begin(1).u32(requestId).u32(querySetId);
  writeTables(tables);
  return writer.take();
}

export function unsubscribeApplied(
  requestId: number,
  querySetId: number,
  dropped: readonly TableRows[] | null,
): Buffer {
  begin(2).u32(requestId).u32(querySetId);
  if (dropped === null) return writer.u8(1).take();
  writer.u8(0);
  writeTables(dropped);
  return writer.take();
}

/** `requestId` is null where no request is answered: a subscription that was there ends. */
export function subscriptionError(
  requestId: number | null,
  querySetId: number,
  error: string,
): Buffer {
  begin(3);
  if (requestId === null) writer.u8(1);
  else writer.u8(0).u32(requestId);
  return writer.u32(querySetId).string(error).take();
}

export function transactionUpdate(updates: readonly QuerySetUpdate[]): Buffer {
  begin(4);
  writeUpdates(updates);
  return writer.take();
}

export function queryResult(requestId: number, tables: readonly TableRows[]): Buffer {
  begin(5).u32(requestId).u8(0);
  writeTables(tables);
  return writer.take();
}

export function queryFailed(requestId: number, error: string): Buffer {
  return begin(5).u32(requestId).u8(1).string(error).take();
}

export function reducerResult(
  requestId: number,
  timestampMicros: bigint,
  outcome: ReducerOutcome,
): Buffer {
  begin(6).u32(requestId).i64(timestampMicros);
  switch (outcome.kind) {
    case 'ok':
      if (outcome.updates.length === 0) return writer.u8(1).take();
      // Reducers return nothing, so the value returned is no bytes.
      writer.u8(0).u32(0);
      writeUpdates(outcome.updates);
      return writer.take();
    case 'refused':
      return writer.u8(2).bytes(new BsatnWriter().string(outcome.message).take()).take();
    case 'failed':
      return writer.u8(3).string(outcome.message).take();
  }
}

export function procedureResult(
  requestId: number,
  timestampMicros: bigint,
  durationMicros: bigint,
  outcome:
    | { readonly kind: 'returned'; readonly value: Uint8Array }
    | { readonly kind: 'failed'; readonly message: string },
): Buffer {
  begin(7);
  if (outcome.kind === 'returned') writer.u8(0).bytes(outcome.value);
  else writer.u8(1).string(outcome.message);
  return writer.i64(timestampMicros).i64(durationMicros).u32(requestId).take();
}

/** What a transaction did to the rows one query wants, ready to be put into any client's update. */
export function encodeTableUpdate(
  schema: TableSchema,
  inserted: readonly Row[],
  deleted: readonly Row[],
): Buffer {
  writer.string(schema.name).u32(1);
  if (schema.def.isEvent) {
    writer.u8(1);
    writeRowList(writer, inserted, schema.fixedRowSize);
  } else {
    writer.u8(0);
    writeRowList(writer, inserted, schema.fixedRowSize);
    writeRowList(writer, deleted, schema.fixedRowSize);
  }
  return writer.take();
}

function writeTables(tables: readonly TableRows[]): void {
  writer.u32(tables.length);
  for (const { schema, rows } of tables) {
    writer.string(schema.name);
    writeRowList(writer, rows, schema.fixedRowSize);
  }
}

function writeUpdates(updates: readonly QuerySetUpdate[]): void {
  writer.u32(updates.length);
  for (const { querySetId, tableUpdates } of updates) {
    writer.u32(querySetId).u32(tableUpdates.length);
    for (const update of tableUpdates) writer.raw(update);
  }
}
