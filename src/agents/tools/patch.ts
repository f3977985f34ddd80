/**
 * Owns: what a patch says, in whichever form: files, and in each of them lines that go, come and stay. Does
 * not know: the texts that it is for.
 */
import { parseUnifiedDiff } from './unified-diff.ts';
import { parseV4a } from './v4a-patch.ts';
import { withLineFeeds } from './quotes.ts';

/** A row of a hunk; `text` is without its mark and line end. */
export interface PatchRow {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

export interface Hunk {
  readonly rows: readonly PatchRow[];
  /** Where its first old line should be, from 1; undefined where the form has no numbers. */
  readonly line: number | undefined;
  /** Lines above it, the outermost first, behind which it is to be looked for. */
  readonly anchors: readonly string[];
  /** Its last old line is the file's last one. */
  readonly isAtEnd: boolean;
  /** What the patch says of a line end at the end of the old and of the new text. */
  readonly oldLacksNewline: boolean;
  readonly newLacksNewline: boolean;
}

export type FilePatch =
  | {
      readonly kind: 'add';
      readonly path: string;
      readonly text: string;
      readonly isExecutable: boolean;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly hunks: readonly Hunk[] }
  | {
      readonly kind: 'update';
      readonly path: string;
      /** Where it moves; undefined when it stays. */
      readonly to: string | undefined;
      readonly hunks: readonly Hunk[];
      readonly isExecutable: boolean | undefined;
    };

export type ParsedPatch =
  | { readonly tag: 'patch'; readonly files: readonly FilePatch[] }
  /** `line` is that of the patch, from 1. */
  | { readonly tag: 'bad'; readonly line: number; readonly why: string };

/** Reads a unified diff, as git and `diff -u` write it, or a patch between `*** Begin Patch` and its end. */
export function parsePatch(patch: string): ParsedPatch {
  const rows = withLineFeeds(patch).split('\n');
  const begin = rows.findIndex((row) => row.trimEnd() === '*** Begin Patch');
  const parsed =
    begin < 0 && !rows.some(isV4aHeader) ? parseUnifiedDiff(rows) : parseV4a(rows, begin + 1);
  if (parsed.tag === 'bad' || parsed.files.length > 0) return parsed;
  return { tag: 'bad', line: 1, why: 'it names no file' };
}

function isV4aHeader(row: string): boolean {
  return /^\*\*\* (?:Add|Update|Delete) File: /.test(row);
}
