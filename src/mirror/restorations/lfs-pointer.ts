/** The pointer of a file that git LFS keeps: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const FIRST_LINE = 'version https://git-lfs.github.com/spec/v1\n';
const MAX_POINTER_BYTES = 1024;

/** True for the text that git LFS leaves in the place of a file's content. */
export function isLfsPointer(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_POINTER_BYTES) return false;
  const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
  return text.startsWith(FIRST_LINE) && /^oid sha256:[0-9a-f]{64}$/m.test(text);
}
