import type { LineEnd } from '../core/op-payload.ts';
import { LineRuns, linesOf, MOST_RUNS, type OtherEnds, otherLines } from '../core/other-ends.ts';
import { HIGHEST_LIMITS } from '../core/sizes.ts';
import { decodeUtf8 } from '../core/utf8.ts';
import { isWorldText } from '../core/validate-changes.ts';

/** A file's bytes as a world keeps them. */
export type FileContent = TextContent | { readonly kind: 'binary'; readonly bytes: Uint8Array };

export interface TextContent extends LineEndings {
  readonly kind: 'text';
  readonly text: string;
  readonly bom: boolean;
}

/** How the lines of a text end: as `eol` says, but for those that are named. */
export interface LineEndings {
  readonly eol: LineEnd;
  readonly otherEnds?: OtherEnds;
}

/**
 * Reads a file's bytes as text where they can be put back byte for byte from what is known of it, and as binary
 * otherwise: other encodings, lone CR and NUL, and line ends that change too often.
 */
export function detectContent(bytes: Uint8Array): FileContent {
  const bom = startsWithBom(bytes);
  const decoded = decodeStrictly(bom ? bytes.subarray(BOM.length) : bytes);
  const ends = decoded === undefined ? undefined : endingsOf(bytes);
  if (decoded === undefined || ends === undefined) return { kind: 'binary', bytes };
  const text = hasCrlf(ends) ? decoded.replaceAll('\r\n', '\n') : decoded;
  return isWorldText(text) ? { kind: 'text', text, ...ends, bom } : { kind: 'binary', bytes };
}

/**
 * Reads bytes whose line ends change too often as the text that they have with even ones; undefined for what is
 * no text all the same.
 */
export function readMixedText(bytes: Uint8Array): Pick<TextContent, 'text' | 'bom'> | undefined {
  const bom = startsWithBom(bytes);
  const text = decodeStrictly(bom ? bytes.subarray(BOM.length) : bytes)?.replaceAll('\r\n', '\n');
  return text !== undefined && isWorldText(text) ? { text, bom } : undefined;
}

/** The bytes of a file on disk; the inverse of `detectContent`. */
export function contentBytes(content: FileContent): Uint8Array {
  if (content.kind === 'binary') return content.bytes;
  const encoded = new TextEncoder().encode(withEndings(content.text, content));
  if (!content.bom) return encoded;
  const bytes = new Uint8Array(BOM.length + encoded.length);
  bytes.set(BOM);
  bytes.set(encoded, BOM.length);
  return bytes;
}

/**
 * How the lines of a file's bytes end; of bytes without line ends LF. Where they are mixed `eol` is what more of
 * them are. Undefined where they change too often.
 */
export function endingsOf(bytes: Uint8Array): LineEndings | undefined {
  // Most files have none, and to look for one byte is next to nothing.
  if (!bytes.includes(CR)) return LF_ONLY;
  let crlf = 0;
  let lf = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] === CR) crlf++;
    else lf++;
  }
  const eol = crlf > lf ? 'crlf' : 'lf';
  if (crlf === 0 || lf === 0) return { eol };
  // No world takes so long a text: as bytes it may be longer.
  if (bytes.length > MOST_TEXT_BYTES) return undefined;
  const others = new LineRuns();
  let line = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if ((bytes[at - 1] === CR) !== (eol === 'crlf')) others.add(line);
    line++;
  }
  return others.count <= MOST_RUNS ? { eol, otherEnds: others.toString() } : undefined;
}

/** The same, told by which lines end otherwise than `eol`; `ends`: how many line ends there are. */
export function endingsBy(eol: LineEnd, endings: LineEndings, ends: number): LineEndings {
  if (endings.eol === eol) return endings;
  const otherEnds = otherLines(endings.otherEnds ?? '', ends);
  return otherEnds === '' ? { eol } : { eol, otherEnds };
}

/** True for line ends that come to the same in a text with so many. */
export function sameEndings(one: LineEndings, other: LineEndings, ends: number): boolean {
  return (endingsBy(one.eol, other, ends).otherEnds ?? '') === (one.otherEnds ?? '');
}

function withEndings(text: string, { eol, otherEnds = '' }: LineEndings): string {
  if (otherEnds === '') return eol === 'crlf' ? text.replaceAll('\n', '\r\n') : text;
  const others = linesOf(otherEnds);
  let next = others.next();
  let line = 0;
  return text.replaceAll('\n', () => {
    const isOther = next.value === line;
    if (isOther) next = others.next();
    line++;
    return (eol === 'crlf') === isOther ? '\n' : '\r\n';
  });
}

function hasCrlf({ eol, otherEnds }: LineEndings): boolean {
  return eol === 'crlf' || otherEnds !== undefined;
}

const BOM: Uint8Array = Uint8Array.of(0xef, 0xbb, 0xbf);

function startsWithBom(bytes: Uint8Array): boolean {
  return BOM.every((byte, index) => bytes[index] === byte);
}

/** Undefined for bytes that are not UTF-8. */
function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const MOST_TEXT_BYTES = HIGHEST_LIMITS.textFileBytes ?? Infinity;
const LF = 0x0a;
const CR = 0x0d;
const LF_ONLY: LineEndings = { eol: 'lf' };

/** As a world has a text: without a byte order mark, and with line feeds. */
export function evenText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}
