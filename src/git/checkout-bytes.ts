import type { AutoLineEnds } from '../core/git-point.ts';
import { isBinary, lineEndActionOf, type PathAttributes, statisticsOf } from './clean-bytes.ts';

export interface CheckoutSettings {
  readonly autoLineEnds: AutoLineEnds;
  /** `core.eol`; empty where nothing is said. */
  readonly eol: string;
  /** The system's own line ends are CRLF. */
  readonly isCrlfSystem: boolean;
}

/** Stored bytes with the line ends that a checkout gives them, by the rules of git's `convert.c`. */
export function checkoutLineEnds(
  bytes: Uint8Array,
  attributes: PathAttributes,
  settings: CheckoutSettings,
): Uint8Array {
  const action = lineEndActionOf(attributes, settings.autoLineEnds);
  if (!givesCrlf(attributes, settings)) return bytes;
  const found = statisticsOf(bytes);
  if (found.lonelyLf === 0) return bytes;
  const isMixed = found.crlf > 0 || found.lonelyCr > 0;
  if (action === 'auto' && (isMixed || isBinary(found))) return bytes;
  return withCrlf(bytes, found.lonelyLf);
}

/** Whether a checkout makes CRLF of a text's LF at a path with these attributes. */
export function givesCrlf(attributes: PathAttributes, settings: CheckoutSettings): boolean {
  const { text, crlf, eol } = attributes;
  const { autoLineEnds, eol: named, isCrlfSystem } = settings;
  if (lineEndActionOf(attributes, autoLineEnds) === 'keep') return false;
  if (eol === 'lf' || eol === 'crlf') return eol === 'crlf';
  if (text === 'input' || (text === 'unspecified' && crlf === 'input')) return false;
  if (autoLineEnds !== 'false') return autoLineEnds === 'true';
  return named === 'crlf' || (named !== 'lf' && isCrlfSystem);
}

function withCrlf(bytes: Uint8Array, lonelyLfs: number): Uint8Array {
  const converted = new Uint8Array(bytes.length + lonelyLfs);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === LF && bytes[at - 1] !== CR) converted[length++] = CR;
    converted[length++] = bytes[at]!;
  }
  return converted.subarray(0, length);
}

const CR = 0x0d;
const LF = 0x0a;
