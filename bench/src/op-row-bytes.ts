import { BinaryWriter, ProductType, schema, t, table } from 'spacetimedb';
import { publicTables, worldTypes } from '../../spacetimedb/src/schema.ts';
import { tableOf, type Row } from '../../src/world/bindings.ts';
import type { Link } from '../../src/world/link.ts';

/** Mean size of the stored rows of ops that insert one character, as the engine encodes them. */
export async function meanRowBytes(link: Link, headSeq: number): Promise<number> {
  const newest = Math.max(0, headSeq - sampleSize);
  let sizes: number[] = [];
  const query = `SELECT * FROM file_op WHERE op_seq > ${newest}`;
  const subscription = await link.subscribe([query], () => {
    sizes = [...tableOf(link.connection, 'file_op').iter()].filter(isOneCharacter).map(rowBytes);
  });
  subscription.end();
  if (sizes.length === 0) throw new Error('there is no op of one character');
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

const sampleSize = 1000;
const kit = { t, table } as const;

/** The columns of an op's row, for the library's encoder. */
export const { rowType: opRowType } = schema(publicTables(kit, worldTypes(kit))).schemaType.tables
  .file_op;

const serialize = ProductType.makeSerializer(opRowType);

function isOneCharacter({ kind, changes }: Row<'file_op'>): boolean {
  return kind === 'edit' && changes.length === 1 && changes[0]?.text.length === 1;
}

function rowBytes(row: Row<'file_op'>): number {
  const writer = new BinaryWriter(1024);
  serialize(writer, row);
  return writer.getBuffer().length;
}
