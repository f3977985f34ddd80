import { AlgebraicType, BinaryWriter, RowBuilder, t, table } from 'spacetimedb';
import { reducerArguments, worldTypes } from '../../spacetimedb/src/schema.ts';
import { callMessage } from '../../src/contract/client-messages.ts';

const kit = { t, table };
const reducers = reducerArguments(kit, worldTypes(kit));

/** A call of a reducer as bytes, for clients that do without the library. */
export function encodedCall(name: 'apply_file_ops' | 'update_presence', args: object): Buffer {
  const serialize = AlgebraicType.makeSerializer(
    new RowBuilder(reducers[name] as never).algebraicType,
  );
  const writer = new BinaryWriter(1024);
  serialize(writer, args);
  return callMessage(name, Buffer.from(writer.getBuffer()));
}
