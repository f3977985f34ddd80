import type { BsatnWriter } from '../bsatn/writer.ts';
import type { Row } from '../datastore/row.ts';

/** Writes a list of rows as `BsatnRowList`: how to split the bytes, then all rows' bytes. */
export function writeRowList(
  writer: BsatnWriter,
  rows: readonly Row[],
  fixedRowSize: number | null,
): void {
  let byteLength = 0;
  for (const row of rows) byteLength += row.bytes.length;
  if (fixedRowSize !== null && fixedRowSize > 0 && fixedRowSize < 2 ** 16) {
    writer.u8(0).u16(fixedRowSize);
  } else {
    writer.u8(1).u32(rows.length);
    let offset = 0;
    for (const row of rows) {
      writer.u64FromNumber(offset);
      offset += row.bytes.length;
    }
  }
  writer.u32(byteLength);
  for (const row of rows) writer.raw(row.bytes);
}
