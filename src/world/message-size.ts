/**
 * Owns: how long a call is as a message, before it is sent. Does not know: what is done about one that is too
 * long. A server ends the connection for it without a word.
 */
import { AlgebraicType, BinaryWriter } from 'spacetimedb';
import { SIZES } from '../core/sizes.ts';
import { argumentsType, type ReducerArguments, type ReducerName } from './bindings.ts';

/** The reducer's name and the numbers around its arguments. */
const ENVELOPE_BYTES = 1024;
/** The longest of the fixed ones is 32 bytes; lengths and tags are four and one. */
const FIXED_BYTES = 40;
const UTF8_BYTES_PER_UNIT = 3;

/** How long the message would be that is longer than a server takes; undefined for one that it takes. */
export function tooLongMessage<Name extends ReducerName>(
  name: Name,
  args: ReducerArguments<Name>,
): number | undefined {
  // To encode every call twice would cost each key; nearly all are far below.
  if (ENVELOPE_BYTES + mostBytes(args) <= SIZES.message) return undefined;
  const writer = new BinaryWriter(ENVELOPE_BYTES);
  AlgebraicType.makeSerializer(argumentsType(name))(writer, args);
  const bytes = ENVELOPE_BYTES + writer.offset;
  return bytes > SIZES.message ? bytes : undefined;
}

/** At most so many bytes does a value take. */
function mostBytes(value: unknown): number {
  if (typeof value === 'string') return FIXED_BYTES + UTF8_BYTES_PER_UNIT * value.length;
  if (typeof value !== 'object' || value === null) return FIXED_BYTES;
  if (value instanceof Uint8Array) return FIXED_BYTES + value.length;
  let bytes = FIXED_BYTES;
  for (const each of Object.values(value)) bytes += mostBytes(each);
  return bytes;
}
