/**
 * The text of UTF-8 bytes, with its byte order marks. Throws `TypeError` for bytes that are not UTF-8.
 * A decoder of SpacetimeDB always keeps a mark and refuses the option `ignoreBOM`; everybody else's
 * drops one without it. So the marks at the beginning are read here, where both do the same.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let marks = 0;
  while (isMarkAt(bytes, marks * MARK_BYTES)) marks++;
  if (marks === 0) return decoder.decode(bytes);
  return MARK.repeat(marks) + decoder.decode(bytes.subarray(marks * MARK_BYTES));
}

function isMarkAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}

const MARK = '\ufeff';
const MARK_BYTES = 3;
const decoder = new TextDecoder('utf-8', { fatal: true });
