/**
 * Owns: documents that got another encoding, such as by “Reopen with Encoding”: the text that they have in it comes
 * some time after. Does not know: which of them are live.
 */
import type * as vscode from 'vscode';
import type { DiskFiles } from '../mirror/disk-files.ts';
import { evenText } from '../world/text-format.ts';
import type { BoundDocument } from './bound-document.ts';
import { foreignEncoding } from './foreign-encoding.ts';

export class ReencodedDocuments {
  readonly #files: DiskFiles;
  /** What `foreignEncoding` said last. */
  readonly #encodings = new WeakMap<BoundDocument, string | undefined>();
  readonly #waiting = new WeakSet<BoundDocument>();

  constructor(files: DiskFiles) {
    this.#files = files;
  }

  added(bound: BoundDocument): void {
    this.#encodings.set(bound, foreignEncoding(bound.document));
  }

  /** Takes an event of a document that is not live. */
  observe(
    bound: BoundDocument,
    { contentChanges, document }: vscode.TextDocumentChangeEvent,
  ): void {
    const encoding = foreignEncoding(document);
    const isOther = contentChanges.length === 0 && encoding !== this.#encodings.get(bound);
    // In no other encoding is it live with what UTF-8 writes otherwise.
    if (encoding !== undefined) this.#waiting.delete(bound);
    else if (isOther) this.#waiting.add(bound);
    this.#encodings.set(bound, encoding);
  }

  /** True for one that may show its text in the new encoding by now. */
  mayBeReady(bound: BoundDocument): boolean {
    return this.#waiting.has(bound);
  }

  /** False while a document still shows what another encoding made of the bytes on disk. */
  async isReloaded(bound: BoundDocument): Promise<boolean> {
    if (!this.#waiting.has(bound)) return true;
    const disk = await this.#files.read(bound.path);
    const isSo = !disk || evenText(new TextDecoder().decode(disk.bytes)) === bound.port.text();
    if (isSo) this.#waiting.delete(bound);
    return isSo;
  }
}
