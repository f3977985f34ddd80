import { ContentHasher } from '../core/content-hash.ts';
import { sameBytes } from '../core/hash.ts';
import { Text } from '../core/text.ts';
import type { FileAt } from '../world/file-reader.ts';
import { nativeHash, nativeTextHash } from '../world/native-hash.ts';
import { detectContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { bytesInForm, formatOf, isFormatOf, type TextForm } from './file-format.ts';

const hasher = new ContentHasher(nativeHash, nativeTextHash);

/** A file's bytes on disk: text with the line ends and the mark that the world knows of it. */
export function bytesOf(form: TextForm, content: FileAt): Uint8Array {
  return content.kind === 'binary' ? content.bytes : bytesInForm(content.text.toString(), form);
}

/** True for bytes that are just what the world has of a file, without asking it for its content. */
export function isContentOf(head: FileHead, bytes: Uint8Array): boolean {
  // What could be a text by now may be kept as bytes.
  if (head.kind === 'binary') return sameBytes(hasher.binary(bytes), head.contentHash);
  return isFormatOf(head, formatOf(bytes)) && hasTextOf(head, bytes);
}

/** What the world takes for the hash of a text. */
export function textHashOf(text: Text): Uint8Array {
  return hasher.text(text);
}

/** What the world may take for the hash of these bytes: of a text, line ends and mark left aside. */
export function contentHashesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const content = detectContent(bytes);
  const asBytes = hasher.binary(bytes);
  return content.kind === 'binary' ? [asBytes] : [hasher.text(Text.of(content.text)), asBytes];
}

/** True for bytes whose text is the world's, whatever its line ends and its mark. */
export function hasTextOf(head: FileHead, bytes: Uint8Array): boolean {
  const content = detectContent(bytes);
  if (content.kind !== 'text' || head.kind !== 'text') return false;
  return sameBytes(hasher.text(Text.of(content.text)), head.contentHash);
}
