/**
 * A path as git has it: bytes, each a character of a string, since not every name is UTF-8. Such
 * strings sort and compare as git compares paths.
 */
export type BytePath = string;

export function toBytePath(path: string): BytePath {
  return ASCII.test(path) ? path : Buffer.from(path, 'utf8').toString('latin1');
}

/** Undefined for a name that is not UTF-8. */
export function fromBytePath(path: BytePath): string | undefined {
  if (ASCII.test(path)) return path;
  const bytes = Buffer.from(path, 'latin1');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

/** For people: what is not UTF-8 is shown by replacement characters. */
export function showBytePath(path: BytePath): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** In a list of paths, one a line: quoted like in C where it would end too early or read as quoted. */
export function quotedPath(path: BytePath): string {
  if (!/^"|[\n]/.test(path)) return path;
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;
