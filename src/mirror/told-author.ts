import { OWN_AGENTS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { may } from '../world/rights.ts';
import { readMixedText } from '../world/text-format.ts';
import { textHashOf, type ToolWord } from '../world/tool-word.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { DiskFiles } from './disk-files.ts';
import type { FolderLog } from './folder-log.ts';

/** A word for a file, and whose it is; undefined where there is none. */
export type ReadWord = (
  path: string,
) => Promise<(ToolWord & { readonly author: IdentityHex }) | undefined>;

interface ToldAuthorParts {
  readonly session: WorldSession;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly readWord: ReadWord;
}

/**
 * The agent whose tool wrote what stands at a path on disk, by its own word. That holds for just this text, made
 * of bytes that were put there by us: a word that is wrong, or for something else, changes nothing. And the
 * member of the folder must be one who may name this agent. Undefined where nobody has said so.
 */
export async function toldAuthor(
  { session, files, folderLog, readWord }: ToldAuthorParts,
  path: string,
): Promise<IdentityHex | undefined> {
  const word = await readWord(path);
  if (!word || !mayName(session, word.author)) return undefined;
  const isOnOurs =
    word.before === ''
      ? folderLog.lastPut(path) === undefined
      : folderLog.putOf(path, word.before) !== undefined;
  if (!isOnOurs) return undefined;
  const disk = await files.read(path);
  const text = disk && readMixedText(disk.bytes)?.text;
  return text !== undefined && textHashOf(text) === word.after ? word.author : undefined;
}

/** Whether a session's member may say that something is an agent's work; as the world's module decides it. */
export function mayName(
  { view, identity, moduleLevel }: WorldSession,
  author: IdentityHex,
): boolean {
  const agent = view.members.get(author);
  if (agent?.kind !== 'agent' || agent.removed) return false;
  const isOwn = view.origins.get(author)?.invitedBy === identity;
  return (isOwn && moduleLevel >= OWN_AGENTS_LEVEL) || may(view.members.get(identity), 'attribute');
}
