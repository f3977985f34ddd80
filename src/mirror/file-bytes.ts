import { ContentHasher } from '../core/content-hash.ts';
import { sameBytes } from '../core/hash.ts';
import { Text } from '../core/text.ts';
import type { FileAt } from '../world/file-reader.ts';
import { nativeHash, nativeTextHash } from '../world/native-hash.ts';
import { contentBytes, detectContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';

const hasher = new ContentHasher(nativeHash, nativeTextHash);

/** A file's bytes on disk: text with the line ends and the mark that the world knows of it. */
export function bytesOf({ eol, bom }: Pick<FileHead, 'eol' | 'bom'>, content: FileAt): Uint8Array {
  return content.kind === 'binary'
    ? content.bytes
    : contentBytes({ kind: 'text', text: content.text.toString(), eol, bom });
}

/** True for bytes that are just what the world has of a file, without asking it for its content. */
export function isContentOf(head: FileHead, bytes: Uint8Array): boolean {
  const content = detectContent(bytes);
  if (content.kind !== head.kind) return false;
  if (content.kind === 'binary') return sameBytes(hasher.binary(bytes), head.contentHash);
  // A text without line ends says nothing about them.
  const hasFormat =
    content.bom === head.bom && (content.eol === head.eol || !content.text.includes('\n'));
  return hasFormat && sameBytes(hasher.text(Text.of(content.text)), head.contentHash);
}

/** What the world takes for the hash of a text. */
export function textHashOf(text: Text): Uint8Array {
  return hasher.text(text);
}

/** What the world takes for the hash of these bytes: of a text, line ends and mark left aside. */
export function contentHashOf(bytes: Uint8Array): Uint8Array {
  const content = detectContent(bytes);
  return content.kind === 'binary' ? hasher.binary(bytes) : hasher.text(Text.of(content.text));
}

/** True for bytes whose text is the world's, whatever its line ends and its mark. */
export function hasTextOf(head: FileHead, bytes: Uint8Array): boolean {
  const content = detectContent(bytes);
  if (content.kind !== 'text' || head.kind !== 'text') return false;
  return sameBytes(hasher.text(Text.of(content.text)), head.contentHash);
}
