/**
 * Owns: who wrote the lines of an open document as its editor shows them, what is not sent yet
 * included. Does not know: how it is shown.
 */
import type { Share } from '../../core/authorship.ts';
import type { BoundDocument } from '../../editor/bound-document.ts';
import { isSettled } from '../../sync/document-state.ts';
import type { AuthorshipReader, VersionedAuthorship } from '../../world/file-authorship.ts';

/** Who wrote a line, most first; `unsent` is the user's own that the world does not have yet. */
export type LineAuthors = readonly Share[] | 'unsent';

/** What is known of a document's lines at one moment: use it in the same turn. */
export class DocumentAuthors {
  readonly #bound: BoundDocument;
  readonly #known: VersionedAuthorship;

  private constructor(bound: BoundDocument, known: VersionedAuthorship) {
    this.#bound = bound;
    this.#known = known;
  }

  /**
   * Reads what is missing; undefined for a document that is not bound. `later`: history and document
   * are at different versions for a moment.
   */
  static async read(
    reader: AuthorshipReader,
    bound: BoundDocument,
  ): Promise<DocumentAuthors | 'later' | undefined> {
    const { fileId } = bound;
    const known = fileId === undefined ? undefined : await reader.read(fileId);
    const confirmed = bound.binding?.state.confirmed;
    if (!known || !confirmed) return undefined;
    return known.version === confirmed.version ? new DocumentAuthors(bound, known) : 'later';
  }

  ofLine(line: number): LineAuthors | undefined {
    const { document, binding, positions } = this.#bound;
    if (!binding || !positions || line >= document.lineCount) return undefined;
    const { authorship } = this.#known;
    const shown = document.lineAt(line).text;
    const { confirmed } = binding.state;
    const there = positions.toWorld({ line, character: 0 }).line;
    if (there >= authorship.lineCount) return undefined;
    const text = isSettled(binding.state) ? shown : confirmed.text.line(there);
    return text === shown ? authorship.sharesOf(there, text.length) : 'unsent';
  }

  /** The runs of a line; none while it has something that is not sent. */
  runsOf(line: number) {
    const { document, positions } = this.#bound;
    const authors = this.ofLine(line);
    if (authors === undefined || authors === 'unsent' || !positions) return [];
    const there = positions.toWorld({ line, character: 0 }).line;
    return this.#known.authorship.runsOf(there, document.lineAt(line).text.length);
  }
}
