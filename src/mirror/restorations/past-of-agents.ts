import type { IdentityHex } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import type { PastOp } from './file-past.ts';
import type { PastSource } from './past-source.ts';

/** The pasts of files, in which the work of some agents counts as that of the member whom they work for. */
export class PastOfAgents implements PastSource {
  readonly #past: PastSource;
  readonly #agents: ReadonlySet<IdentityHex>;

  constructor(past: PastSource, agents: ReadonlySet<IdentityHex>) {
    this.#past = past;
    this.#agents = agents;
  }

  get own(): IdentityHex {
    return this.#past.own;
  }

  isOwn(fileId: number, afterVersion: number, upToVersion: number): Promise<boolean> {
    return this.#past.isOwn(fileId, afterVersion, upToVersion);
  }

  async since(fileId: number, text: Text, version: number): Promise<readonly PastOp[] | undefined> {
    return (await this.#past.since(fileId, text, version))?.map((op) => this.#ofMember(op));
  }

  async opsOf(
    fileId: number,
    afterVersion: number,
    upToVersion: number,
  ): Promise<readonly PastOp[]> {
    const ops = await this.#past.opsOf(fileId, afterVersion, upToVersion);
    return ops.map((op) => this.#ofMember(op));
  }

  textAt(fileId: number, version: number): Promise<Text | undefined> {
    return this.#past.textAt(fileId, version);
  }

  async authorsOf(fileId: number): Promise<readonly IdentityHex[]> {
    const authors = await this.#past.authorsOf(fileId);
    return [...new Set(authors.map((author) => (this.#agents.has(author) ? this.own : author)))];
  }

  #ofMember(op: PastOp): PastOp {
    if (!this.#agents.has(op.origin.author)) return op;
    return { ...op, origin: { ...op.origin, author: this.own } };
  }
}
