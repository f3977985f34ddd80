import type { LineEnd } from '../core/op-payload.ts';
import { decodeUtf8 } from '../core/utf8.ts';
import { isWorldText } from '../core/validate-changes.ts';

/** A file's bytes as a world keeps them. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: string; readonly eol: LineEnd; readonly bom: boolean }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array };

type TextContent = Extract<FileContent, { readonly kind: 'text' }>;

/**
 * Reads a file's bytes as text where they can be put back byte for byte from (text, eol, bom), and
 * as binary otherwise: other encodings, mixed line ends, lone CR and NUL.
 */
export function detectContent(bytes: Uint8Array): FileContent {
  const bom = startsWithBom(bytes);
  const decoded = decodeStrictly(bom ? bytes.subarray(BOM.length) : bytes);
  const eol = decoded === undefined ? undefined : eolOf(decoded);
  if (decoded === undefined || eol === undefined) return { kind: 'binary', bytes };
  const text = eol === 'crlf' ? decoded.replaceAll('\r\n', '\n') : decoded;
  return isWorldText(text) ? { kind: 'text', text, eol, bom } : { kind: 'binary', bytes };
}

/**
 * Reads bytes whose line ends are mixed as the text that they have with even ones; undefined for what is
 * no text all the same.
 */
export function readMixedText(bytes: Uint8Array): Omit<TextContent, 'eol'> | undefined {
  const bom = startsWithBom(bytes);
  const text = decodeStrictly(bom ? bytes.subarray(BOM.length) : bytes)?.replaceAll('\r\n', '\n');
  return text !== undefined && isWorldText(text) ? { kind: 'text', text, bom } : undefined;
}

/** The bytes of a file on disk; the inverse of `detectContent`. */
export function contentBytes(content: FileContent): Uint8Array {
  if (content.kind === 'binary') return content.bytes;
  const text = content.eol === 'crlf' ? content.text.replaceAll('\n', '\r\n') : content.text;
  const encoded = new TextEncoder().encode(text);
  if (!content.bom) return encoded;
  const bytes = new Uint8Array(BOM.length + encoded.length);
  bytes.set(BOM);
  bytes.set(encoded, BOM.length);
  return bytes;
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

/** Undefined for line ends that one setting cannot bring back. */
function eolOf(text: string): LineEnd | undefined {
  let crlf = 0;
  let lf = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text.charCodeAt(at - 1) === CR) crlf++;
    else lf++;
  }
  if (crlf > 0 && lf > 0) return undefined;
  return crlf > 0 ? 'crlf' : 'lf';
}

const CR = 0x0d;

/** As a world has a text: without a byte order mark, and with line feeds. */
export function evenText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}
