import { BsatnWriter } from '../host/bsatn/writer.ts';

/** What a client asks for, as bytes of the protocol. */
export function subscribeMessage(...queries: string[]): Buffer {
  const writer = new BsatnWriter().u8(0).u32(1).u32(1).u32(queries.length);
  for (const query of queries) writer.string(query);
  return writer.take();
}

/** Ends what `subscribeMessage` asked for. */
export function unsubscribeMessage(): Buffer {
  return new BsatnWriter().u8(1).u32(1).u32(1).u8(0).take();
}

export function queryMessage(query: string): Buffer {
  return new BsatnWriter().u8(2).u32(2).string(query).take();
}

/** A call of a reducer, or with tag 4 of a procedure. */
export function callMessage(name: string, args: Buffer, tag: 3 | 4 = 3): Buffer {
  return new BsatnWriter().u8(tag).u32(3).u8(0).string(name).bytes(args).take();
}
