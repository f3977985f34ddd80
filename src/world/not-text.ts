/** Owns: why a world keeps bytes as they are and not as a text. Does not know: what is done about them. */
import { isUtf8 } from 'node:buffer';
import { detectContent } from './text-format.ts';

export type NotText = 'binary' | 'mixed_line_ends' | 'other_encoding';

/**
 * Undefined for a text. Costs the length. One whose line ends are mixed was kept as bytes by an earlier version, and
 * is until somebody writes it.
 */
export function whyNotText(bytes: Uint8Array): NotText | undefined {
  const content = detectContent(bytes);
  if (content.kind === 'text') return content.otherEnds ? 'mixed_line_ends' : undefined;
  if (hasUtf16Mark(bytes)) return 'other_encoding';
  if (isPlainlyBinary(bytes) || bytes.includes(0)) return 'binary';
  if (!isUtf8(bytes)) return 'other_encoding';
  return bytes.includes(CR) ? 'mixed_line_ends' : 'binary';
}

/** True where the beginning of a file says that no encoding makes a text of it. */
export function isPlainlyBinary(beginning: Uint8Array): boolean {
  if (hasUtf16Mark(beginning)) return false;
  return beginning.subarray(0, LOOKED_AT).some((byte) => byte < SPACE && !IN_TEXTS.has(byte));
}

function hasUtf16Mark([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** So many bytes are enough for git, too. */
const LOOKED_AT = 8_000;
const SPACE = 0x20;
const CR = 0x0d;
/** Tab, line feed, form feed, carriage return; and escape, by which some encodings of Japanese shift. */
const IN_TEXTS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, CR, 0x1b]);
