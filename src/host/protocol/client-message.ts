import type { BsatnReader } from '../bsatn/reader.ts';

/** What a client of protocol version 2 may say. Byte fields are views of what was received. */
export type ClientMessage =
  | {
      readonly kind: 'subscribe';
      readonly requestId: number;
      readonly querySetId: number;
      readonly queries: readonly string[];
    }
  | {
      readonly kind: 'unsubscribe';
      readonly requestId: number;
      readonly querySetId: number;
      readonly sendDroppedRows: boolean;
    }
  | { readonly kind: 'query'; readonly requestId: number; readonly query: string }
  | ({ readonly kind: 'call_reducer' } & Call)
  | ({ readonly kind: 'call_procedure' } & Call);

interface Call {
  readonly requestId: number;
  readonly name: string;
  readonly args: Buffer;
}

/** Reads one message; frames of version 3 hold several. Throws a `RangeError`. */
export function readClientMessage(reader: BsatnReader): ClientMessage {
  const tag = reader.u8();
  const requestId = reader.u32();
  switch (tag) {
    case 0: {
      const querySetId = reader.u32();
      const queries = reader.array(() => reader.string());
      return { kind: 'subscribe', requestId, querySetId, queries };
    }
    case 1: {
      const querySetId = reader.u32();
      return { kind: 'unsubscribe', requestId, querySetId, sendDroppedRows: reader.u8() === 1 };
    }
    case 2:
      return { kind: 'query', requestId, query: reader.string() };
    case 3:
    case 4: {
      reader.u8();
      const name = reader.string();
      const kind = tag === 3 ? 'call_reducer' : 'call_procedure';
      return { kind, requestId, name, args: reader.bytes() };
    }
    default:
      throw new RangeError(`message tag ${tag}`);
  }
}
