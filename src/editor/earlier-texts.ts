/**
 * Owns: which texts of a file a document may show that was seen before it was bound, and what was typed on which of
 * them. Does not know: VS Code, how the world is asked.
 */
import type { Changes } from '../core/change.ts';
import type { OpRecord } from '../core/op.ts';
import { contentOf } from '../core/op-payload.ts';
import { rebase } from '../core/rebase.ts';
import { Text } from '../core/text.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import type { VersionedText } from '../sync/ports.ts';
import { type FileAt, versionMakers } from '../world/file-reader.ts';
import { withLf } from './document-changes.ts';
import type { UnboundEdits } from './unbound-edits.ts';

/** How many versions back the text may be that the user began to type on before it was bound. */
const EARLIER_VERSIONS = 200;

/** The past of one file. Both reject when the connection ends. */
export interface PastReader {
  /** The ops after one version up to another, in order. */
  ops(afterVersion: number, upToVersion: number): Promise<readonly OpRecord[]>;
  at(version: number): Promise<FileAt>;
}

/** What a file was lately. */
export interface EarlierTexts {
  /** The texts since the last whole new content, the newest first: what was typed on one of them is judged by ops. */
  readonly versions: readonly VersionedText[];
  /** What an editor shows of the newest bytes, and texts from before a whole new content, the newest first. */
  readonly others: readonly Text[];
  /** For a time it was no text. */
  readonly wasBinary: boolean;
}

export const NO_EARLIER_TEXTS: EarlierTexts = { versions: [], others: [], wasBinary: false };

/** What was typed, as changes of one version of the file. */
export interface TypedOnVersion {
  readonly base: VersionedText;
  readonly changes: Changes;
  /** As in `TypedEdits`. */
  readonly doubt?: number | undefined;
}

/** The texts before a version that is a text; of those between two whole new contents none. */
export async function readEarlier(reader: PastReader, version: number): Promise<EarlierTexts> {
  const oldest = Math.max(1, version - EARLIER_VERSIONS);
  if (oldest >= version) return NO_EARLIER_TEXTS;
  const first = await reader.at(oldest);
  const ops = versionMakers(await reader.ops(oldest, version));
  const wholes = ops.filter((op) => contentOf(op) !== undefined);
  const [firstWhole] = wholes;
  const lastWhole = wholes.at(-1);
  const binary = wholes.findLast((op) => contentOf(op)?.kind === 'binary');
  const bytes = binary ? await reader.at(binary.version) : first;
  const start = lastWhole ? await reader.at(lastWhole.version) : first;
  const former = firstWhole ? fold(first, ops.slice(0, ops.indexOf(firstWhole))) : [];
  const later = fold(start, lastWhole ? ops.slice(ops.indexOf(lastWhole) + 1) : ops);
  return {
    versions: later.slice(0, -1).toReversed(),
    others: [...shownOf(bytes), ...former.toReversed().map(({ text }) => text)],
    wasBinary: bytes.kind === 'binary',
  };
}

/**
 * Ends collecting what was typed before a document was bound, and says on which version: on `newest`, or an earlier
 * one that ops lead on from. What was typed on one of `others`, which no version of those is, goes on top of `newest`.
 */
export function typedOnVersion(
  unbound: UnboundEdits,
  newest: VersionedText,
  versions: readonly VersionedText[],
  others: readonly Text[],
): TypedOnVersion {
  const worlds = [newest, ...versions];
  const texts = worlds.map(({ text }) => text);
  const { world, changes, doubt } = unbound.finish(texts, others);
  const base = worlds[world];
  if (base) return { base, changes, doubt };
  const since = minimalChanges(others[world - worlds.length]!, newest.text.toString());
  return { base: newest, changes: rebase(changes, since, 'after'), doubt };
}

function fold(start: FileAt, ops: readonly OpRecord[]): readonly VersionedText[] {
  if (start.kind !== 'text') return [];
  const texts: VersionedText[] = [{ version: start.version, text: start.text }];
  for (const { version, changes } of ops) {
    texts.push({ version, text: texts.at(-1)!.text.apply(changes) });
  }
  return texts;
}

/** Bytes as an editor shows them, with U+FFFD for what is no text. */
function shownOf(file: FileAt): readonly Text[] {
  if (file.kind === 'text') return [];
  return [Text.of(withLf(new TextDecoder().decode(file.bytes)))];
}
