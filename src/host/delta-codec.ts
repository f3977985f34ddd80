import type { BsatnReader } from './bsatn/reader.ts';
import type { BsatnWriter } from './bsatn/writer.ts';
import type { Delta } from './journal.ts';

/** Writes a transaction's changes as the log keeps them. */
export function writeDelta(writer: BsatnWriter, { puts, deletes, sequences }: Delta): void {
  writer.u32(puts.length);
  for (const { id, tableId, bytes } of puts) writer.u64FromNumber(id).u32(tableId).bytes(bytes);
  writer.u32(deletes.length);
  for (const id of deletes) writer.u64FromNumber(id);
  writer.u32(sequences.length);
  for (const { tableId, column, next } of sequences) {
    // Nearly every sequence counts in 64 bits.
    const byteCount = BigInt.asIntN(64, next) === next ? 8 : 32;
    writer.u32(tableId).u16(column).u8(byteCount);
    if (byteCount === 8) writer.i64(next);
    else writer.integer(next, byteCount);
  }
}

export function readDelta(reader: BsatnReader): Delta {
  return {
    puts: reader.array(() => ({
      id: reader.u64AsNumber(),
      tableId: reader.u32(),
      bytes: Buffer.from(reader.bytes()),
    })),
    deletes: reader.array(() => reader.u64AsNumber()),
    sequences: reader.array(() => ({
      tableId: reader.u32(),
      column: reader.u16(),
      next: reader.integer(reader.u8(), true),
    })),
  };
}
