/**
 * Owns: knowing which bytes on disk an editor's save wrote, although typing goes on while it is
 * written. Does not know: who else writes files.
 */
import { Text } from '../core/text.ts';
import { detectContent } from '../world/text-format.ts';
import type { DocumentPort } from './document-port.ts';

/** Follows one document from the moment a save is announced. */
export class SaveWitness {
  readonly #port: DocumentPort;
  /** Every text that the document had since. */
  readonly #texts: Text[];
  readonly #stop: () => void;

  constructor(port: DocumentPort) {
    this.#port = port;
    this.#texts = [Text.of(port.text())];
    this.#stop = port.onChange(({ changes }) => {
      this.#texts.push(this.#texts.at(-1)!.apply(changes));
    });
  }

  /** Ends following; true when these bytes are one of the texts. */
  async hasWritten(bytes: Uint8Array): Promise<boolean> {
    await this.#port.rest();
    this.#stop();
    const content = detectContent(bytes);
    return content.kind === 'text' && this.#texts.some((text) => text.toString() === content.text);
  }

  dispose(): void {
    this.#stop();
  }
}
