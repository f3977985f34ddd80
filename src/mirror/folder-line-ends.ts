/**
 * Owns: which line ends of a text on disk are git's doing in this folder, and so no change that others get.
 * Does not know: how git is set up.
 */
import type { LineEnd } from '../core/op-payload.ts';
import type { FileContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { hasTextOf, isContentOf } from './file-bytes.ts';
import { formatOf, hasFormatOf } from './file-format.ts';
import { type FolderGit, NO_GIT } from './folder-git.ts';

export class FolderLineEnds {
  readonly #git: Pick<FolderGit, 'givesCrlf'>;

  constructor(git: Pick<FolderGit, 'givesCrlf'> = NO_GIT) {
    this.#git = git;
  }

  /** True for line ends that git gives a file here, whatever others have. */
  async areGits(path: string, eol: LineEnd | undefined): Promise<boolean> {
    // git stores LF: to leave that as it is converts nothing.
    return eol === 'crlf' && (await this.#git.givesCrlf(path));
  }

  /** What the world gets of a content that it has nothing of yet. */
  async forOthers(path: string, content: FileContent): Promise<FileContent> {
    if (content.kind !== 'text' || !(await this.areGits(path, content.eol))) return content;
    return { ...content, eol: 'lf' };
  }

  /** True for bytes whose form is the world's, but for line ends that are git's. */
  async areInForm(path: string, head: FileHead, bytes: Uint8Array): Promise<boolean> {
    return hasFormatOf(head, bytes) || hasFormatOf(await this.here(path, head, bytes), bytes);
  }

  /** True for bytes that are what the world has, but for line ends that are git's. */
  async haveContentOf(path: string, head: FileHead, bytes: Uint8Array): Promise<boolean> {
    if (isContentOf(head, bytes)) return true;
    return hasTextOf(head, bytes) && (await this.areInForm(path, head, bytes));
  }

  /** The file with the line ends that it is to have in this folder, where it has these bytes. */
  async here(path: string, head: FileHead, bytes: Uint8Array | undefined): Promise<FileHead> {
    if (bytes === undefined || head.kind !== 'text') return head;
    const { eol } = formatOf(bytes);
    if (eol === undefined || eol === head.eol) return head;
    return (await this.areGits(path, eol)) ? { ...head, eol } : head;
  }
}
