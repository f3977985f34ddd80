import type { AutoLineEnds } from '../core/git-point.ts';

/** What `.gitattributes` say of a path; `unspecified`, `set`, `unset` or a value, as git writes it. */
export interface PathAttributes {
  readonly text: string;
  readonly crlf: string;
  readonly eol: string;
  readonly ident: string;
  readonly filter: string;
  readonly 'working-tree-encoding': string;
}

export const NO_ATTRIBUTES: PathAttributes = {
  text: 'unspecified',
  crlf: 'unspecified',
  eol: 'unspecified',
  ident: 'unspecified',
  filter: 'unspecified',
  'working-tree-encoding': 'unspecified',
};

/** How line ends go into the repository. */
export type LineEndAction = 'keep' | 'always' | 'auto';

/**
 * The bytes with line ends as git stores them, by the rules of its `convert.c`. `wasCrlf` tells
 * whether what is stored at the path has CRLF already: then `auto` leaves it alone.
 */
export async function cleanLineEnds(
  bytes: Uint8Array,
  attributes: PathAttributes,
  autoLineEnds: AutoLineEnds,
  wasCrlf: () => Promise<boolean>,
): Promise<Uint8Array> {
  const action = lineEndActionOf(attributes, autoLineEnds);
  if (action === 'keep' || !bytes.includes(CR)) return bytes;
  if (action === 'always') return withoutCrlf(bytes);
  const found = statisticsOf(bytes);
  if (found.crlf === 0 || isBinary(found) || (await wasCrlf())) return bytes;
  return withoutCrlf(bytes);
}

/** Whether git takes stored bytes for a text with CRLF in it. */
export function hasStoredCrlf(bytes: Uint8Array): boolean {
  if (!bytes.includes(CR)) return false;
  const found = statisticsOf(bytes);
  return found.crlf > 0 && !isBinary(found);
}

export function lineEndActionOf(
  { text, crlf, eol }: PathAttributes,
  auto: AutoLineEnds,
): LineEndAction {
  const named = textAction(text) ?? textAction(crlf);
  if (named === 'keep') return 'keep';
  if (eol === 'lf' || eol === 'crlf') return named === 'auto' ? 'auto' : 'always';
  return named ?? (auto === 'false' ? 'keep' : 'auto');
}

/** Undefined where the attribute says nothing. */
function textAction(value: string): LineEndAction | undefined {
  switch (value) {
    case 'set':
    case 'input':
      return 'always';
    case 'unset':
      return 'keep';
    case 'auto':
      return 'auto';
    default:
      return undefined;
  }
}

export interface Statistics {
  crlf: number;
  lonelyLf: number;
  lonelyCr: number;
  nul: number;
  printable: number;
  unprintable: number;
}

export function statisticsOf(bytes: Uint8Array): Statistics {
  const found = { crlf: 0, lonelyLf: 0, lonelyCr: 0, nul: 0, printable: 0, unprintable: 0 };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === CR) {
      if (bytes[at + 1] === LF) {
        found.crlf++;
        at++;
      } else {
        found.lonelyCr++;
      }
    } else if (byte === LF) {
      found.lonelyLf++;
    } else if (byte === 0x7f) {
      found.unprintable++;
    } else if (byte >= 0x20 || PRINTABLE_CONTROLS.has(byte)) {
      found.printable++;
    } else {
      if (byte === 0) found.nul++;
      found.unprintable++;
    }
  }
  // The end-of-file character of old systems.
  if (bytes.at(-1) === 0x1a) found.unprintable--;
  return found;
}

export function isBinary({ lonelyCr, nul, printable, unprintable }: Statistics): boolean {
  return lonelyCr > 0 || nul > 0 || Math.floor(printable / 128) < unprintable;
}

function withoutCrlf(bytes: Uint8Array): Uint8Array {
  const clean = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === CR && bytes[at + 1] === LF) continue;
    clean[length++] = bytes[at]!;
  }
  return clean.subarray(0, length);
}

const CR = 0x0d;
const LF = 0x0a;
/** Backspace, tab, escape and form feed. */
const PRINTABLE_CONTROLS: ReadonlySet<number> = new Set([0x08, 0x09, 0x1b, 0x0c]);
