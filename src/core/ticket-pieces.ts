import { ByteReader } from './byte-reader.ts';
import { HASH_BYTES, sameBytes } from './hash.ts';
import {
  readFrame,
  readPart,
  type TicketFrame,
  type TicketPart,
  ticketTextKey,
  type TicketTextPlace,
} from './ticket-texts.ts';

/** A row of a ticket's texts. */
export interface TicketPiece {
  readonly pieceKey: string;
  readonly ticketId: number;
  readonly pieces: number;
  readonly valueHash: Uint8Array;
  readonly bytes: Uint8Array;
}

/** What was asked for, or the keys of the pieces that are missing for it. */
export type Assembled<Value> =
  | { readonly tag: 'whole'; readonly value: Value }
  | { readonly tag: 'missing'; readonly keys: readonly string[] };

/**
 * Pieces of a ticket's texts as they come, read at different moments: the ticket may have moved in
 * between. Those of an older state are forgotten, and are missing again.
 */
export class TicketPieces {
  readonly #ticketId: number;
  readonly #known = new Map<string, TicketPiece>();

  constructor(ticketId: number) {
    this.#ticketId = ticketId;
  }

  add(piece: TicketPiece): void {
    this.#known.set(piece.pieceKey, piece);
  }

  /** Forgets all: what there is by now is asked for anew. */
  clear(): void {
    this.#known.clear();
  }

  frame(): Assembled<TicketFrame> {
    const read = this.#value({ ticketId: this.#ticketId, fileId: 0, kind: 'frame' });
    if (read.tag === 'missing') return read;
    return { tag: 'whole', value: readFrame(new ByteReader(read.value)) };
  }

  part(fileId: number): Assembled<TicketPart> {
    const place = { ticketId: this.#ticketId, fileId };
    const fixed = this.#value({ ...place, kind: 'fixed' });
    const moving = this.#value({ ...place, kind: 'moving' });
    if (fixed.tag === 'missing' || moving.tag === 'missing') {
      return { tag: 'missing', keys: [...missingOf(fixed), ...missingOf(moving)] };
    }
    const reader = new ByteReader(moving.value);
    const first = this.#known.get(ticketTextKey({ ...place, kind: 'fixed' }, 0))!;
    if (sameBytes(reader.raw(HASH_BYTES), first.valueHash)) {
      return { tag: 'whole', value: readPart(fileId, new ByteReader(fixed.value), reader) };
    }
    // Its author added to the ticket in between.
    const keys = [
      this.#forget({ ...place, kind: 'fixed' }),
      this.#forget({ ...place, kind: 'moving' }),
    ];
    return { tag: 'missing', keys };
  }

  #value(place: TicketTextPlace): Assembled<Uint8Array> {
    const first = this.#known.get(ticketTextKey(place, 0));
    if (!first) return { tag: 'missing', keys: [ticketTextKey(place, 0)] };
    const keys = Array.from({ length: first.pieces }, (_, piece) => ticketTextKey(place, piece));
    const known = keys.map((key) => this.#known.get(key));
    if (known.some((piece) => piece && !sameBytes(piece.valueHash, first.valueHash))) {
      return { tag: 'missing', keys: [this.#forget(place)] };
    }
    const missing = keys.filter((_, index) => !known[index]);
    if (missing.length > 0) return { tag: 'missing', keys: missing };
    return { tag: 'whole', value: joinBytes(known.map((piece) => piece!.bytes)) };
  }

  /** Returns the key of the first piece, which says how many there are by now. */
  #forget(place: TicketTextPlace): string {
    const first = ticketTextKey(place, 0);
    const { pieces = 0 } = this.#known.get(first) ?? {};
    for (let piece = 0; piece < pieces; piece++) this.#known.delete(ticketTextKey(place, piece));
    return first;
  }
}

function missingOf(read: Assembled<unknown>): readonly string[] {
  return read.tag === 'missing' ? read.keys : [];
}

/** One after the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
