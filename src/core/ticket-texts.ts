import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Changes } from './change.ts';
import { readChanges, writeChanges } from './op-codec.ts';
import { utf8Length } from './path.ts';

/** What a ticket proposes for one file; the meaning of each field is in the module's schema. */
export interface TicketPart {
  readonly fileId: number;
  readonly baseVersion: number;
  readonly headVersion: number;
  readonly proposed: Changes;
  readonly changes: Changes;
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly baseText: string;
  readonly proposedText: string;
  readonly headText: string;
}

/** What of a ticket takes room: texts of any length, and lists. */
export interface TicketContent {
  readonly parts: readonly TicketPart[];
  readonly payload: string;
  readonly overlapping: readonly number[];
}

/** True where what is proposed is longer than what a world shows in a ticket (`ticketTextBytes`). */
export function isLeftOut({ proposedText, proposed }: TicketPart): boolean {
  return proposedText === '' && proposed.some(({ text }) => text !== '');
}

/** What a ticket's texts are kept as, apart from its row. */
export const TICKET_TEXTS = {
  /** A row that everybody is sent is at most so long. */
  rowBytes: 16 * 1024,
  /** A row of texts has at most so many of them. */
  pieceBytes: 256 * 1024 - 512,
  /** Of a ticket of very many files the row names some; who reads the texts learns of all. */
  partsInRow: 64,
  overlappingInRow: 64,
} as const;

/** Bytes of the columns that a ticket has besides its content; ids and names in them are short. */
const OTHER_COLUMNS_BYTES = 512;
const PART_BYTES = 48;
const CHANGE_BYTES = 20;

/** Bytes that a row with this content takes, or a few more. */
export function ticketRowBytes({ parts, payload, overlapping }: TicketContent): number {
  let bytes = OTHER_COLUMNS_BYTES + utf8Length(payload) + 4 * overlapping.length;
  for (const part of parts) bytes += ticketPartBytes(part);
  return bytes;
}

/** Bytes that a part takes in a ticket's row. */
export function ticketPartBytes(part: TicketPart): number {
  const { baseText, proposedText, headText } = part;
  const texts = utf8Length(baseText) + utf8Length(proposedText) + utf8Length(headText);
  return PART_BYTES + texts + changesBytes(part.proposed) + changesBytes(part.changes);
}

function changesBytes(changes: Changes): number {
  return changes.reduce((sum, { text }) => sum + CHANGE_BYTES + utf8Length(text), 0);
}

/** What a ticket's row says in `payload` when its content is apart; `rowBytes` is what it would take. */
export function apartMark(rowBytes: number): string {
  return `${APART_START}${rowBytes}}`;
}

/** How long a ticket's row would be with its content in it; undefined when it is in the row. */
export function apartBytes(payload: string): number | undefined {
  if (!payload.startsWith(APART_START)) return undefined;
  return Number(payload.slice(APART_START.length, -1));
}

/** The same as a column has it when the content is apart: the places, without a text. */
export function withoutTexts(part: TicketPart): TicketPart {
  return { ...part, proposed: [], changes: [], baseText: '', proposedText: '', headText: '' };
}

/** The parts that such a row names: that of the ticket's own file is always among them. */
export function partsInRow(parts: readonly TicketPart[], ownFileId: number): TicketPart[] {
  const own = parts.findIndex(({ fileId }) => fileId === ownFileId);
  const shown =
    own < TICKET_TEXTS.partsInRow
      ? parts.slice(0, TICKET_TEXTS.partsInRow)
      : [parts[own]!, ...parts.slice(0, TICKET_TEXTS.partsInRow - 1)];
  return shown.map(withoutTexts);
}

/** What no op changes but one of the ticket's author: written once, read when somebody looks. */
export function writeFixed(writer: ByteWriter, part: TicketPart): void {
  writer.u32(part.baseVersion);
  writeChanges(writer, part.proposed);
  writer.text(part.baseText).text(part.proposedText);
}

/**
 * What moves as ops land, which is written often: texts that it shares with what was proposed are not
 * in it.
 */
export function writeMoving(writer: ByteWriter, part: TicketPart): void {
  const { proposed, changes } = part;
  const isShared =
    changes.length === proposed.length &&
    changes.every(({ text }, index) => text === proposed[index]!.text);
  writer.u8(isShared ? 1 : 0);
  writeChanges(writer, isShared ? changes.map((change) => ({ ...change, text: '' })) : changes);
  writer.u32(part.headVersion).u32(part.startLine).u32(part.startCharacter);
  writer.u32(part.endLine).u32(part.endCharacter).text(part.headText);
}

/** Puts together what `writeFixed` and `writeMoving` wrote. Throws RangeError for other bytes. */
export function readPart(fileId: number, fixed: ByteReader, moving: ByteReader): TicketPart {
  const baseVersion = fixed.u32();
  const proposed = readChanges(fixed);
  const baseText = fixed.text();
  const proposedText = fixed.text();
  const isShared = moving.u8() === 1;
  const written = readChanges(moving);
  const changes = isShared
    ? written.map((change, index) => ({ ...change, text: proposed[index]!.text }))
    : written;
  const headVersion = moving.u32();
  const startLine = moving.u32();
  const startCharacter = moving.u32();
  const endLine = moving.u32();
  const endCharacter = moving.u32();
  const headText = moving.text();
  return {
    fileId,
    baseVersion,
    headVersion,
    proposed,
    changes,
    startLine,
    startCharacter,
    endLine,
    endCharacter,
    baseText,
    proposedText,
    headText,
  };
}

/** What a ticket says besides its parts, and the files of those in order. */
export interface TicketFrame extends Pick<TicketContent, 'payload' | 'overlapping'> {
  readonly fileIds: readonly number[];
}

export function writeFrame(writer: ByteWriter, frame: TicketFrame): void {
  writer.u32s(frame.fileIds).u32s(frame.overlapping).text(frame.payload);
}

export function readFrame(reader: ByteReader): TicketFrame {
  return { fileIds: reader.u32s(), overlapping: reader.u32s(), payload: reader.text() };
}

const APART_START = '{"textsApart":';

/** One value of a ticket that is kept apart from its row; `fileId` is 0 for the frame. */
export interface TicketTextPlace {
  readonly ticketId: number;
  readonly fileId: number;
  readonly kind: 'frame' | 'fixed' | 'moving';
}

/** The key of one piece of such a value. */
export function ticketTextKey({ ticketId, fileId, kind }: TicketTextPlace, piece: number): string {
  return `${ticketId}/${fileId}/${kind}/${piece}`;
}
