/**
 * Owns: which line ends of a text on disk are git's doing in this folder, and so no change that others get.
 * Does not know: how git is set up.
 */
import type { LineEnd } from '../core/op-payload.ts';
import type { FileContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { hasTextOf, isContentOf } from './file-bytes.ts';
import { type FileFormat, formatOf, isFormatOf } from './file-format.ts';
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
    if (content.kind !== 'text' || content.otherEnds) return content;
    if (!(await this.areGits(path, content.eol))) return content;
    return { ...content, eol: 'lf' };
  }

  /** True for a form that is the world's, but for line ends that are git's. */
  async areInForm(path: string, head: FileHead, format: FileFormat): Promise<boolean> {
    return isFormatOf(head, format) || isFormatOf(await this.#here(path, head, format), format);
  }

  /** True for bytes that are what the world has, but for line ends that are git's. */
  async haveContentOf(path: string, head: FileHead, bytes: Uint8Array): Promise<boolean> {
    if (isContentOf(head, bytes)) return true;
    return hasTextOf(head, bytes) && (await this.areInForm(path, head, formatOf(bytes)));
  }

  /** The file with the line ends that it is to have in this folder, where it has these bytes. */
  async here(path: string, head: FileHead, bytes: Uint8Array | undefined): Promise<FileHead> {
    return bytes === undefined ? head : this.#here(path, head, formatOf(bytes));
  }

  async #here(path: string, head: FileHead, { eol, otherEnds }: FileFormat): Promise<FileHead> {
    // git writes them all alike.
    if (head.kind !== 'text' || eol !== 'crlf' || otherEnds !== '') return head;
    if (head.eol === eol && head.otherEnds === '') return head;
    return (await this.areGits(path, eol)) ? { ...head, eol, otherEnds } : head;
  }
}
