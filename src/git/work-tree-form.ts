/**
 * Owns: what files of a work tree are in the repository and back, as far as git converts them by itself.
 * Does not know: filters and encodings that programs make; of such files nothing is said.
 */
import type { CancelTimer } from '../world/clock.ts';
import { AttributeReader } from './attribute-reader.ts';
import { toBytePath } from './byte-path.ts';
import { checkoutLineEnds, type CheckoutSettings, givesCrlf } from './checkout-bytes.ts';
import { cleanLineEnds, hasStoredCrlf, type PathAttributes } from './clean-bytes.ts';
import type { GitClock } from './git-work.ts';
import { Repository } from './repository.ts';
import { runGit } from './run-git.ts';

interface Known {
  readonly repository: Repository;
  readonly reader: AttributeReader;
  readonly eol: string;
}

const IDLE_MS = 10_000;

export class WorkTreeForm {
  readonly #folder: string;
  readonly #root: string;
  readonly #clock: GitClock;
  #known: Promise<Known> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #cancelEnd: CancelTimer = () => {};

  constructor(folder: string, root: string, clock: GitClock) {
    this.#folder = folder;
    this.#root = root;
    this.#clock = clock;
  }

  async repository(): Promise<Repository> {
    return (await this.#open()).repository;
  }

  /** Undefined where a program would have to be run. `path` from the root of the work tree. */
  async toStored(
    path: string,
    bytes: Uint8Array,
    stored: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    const [attributes, { repository }] = await this.#attributesOf(path);
    if (isConverted(attributes, repository)) return undefined;
    return cleanLineEnds(bytes, attributes, repository.frame.autoLineEnds, async () => {
      const former = await stored();
      return former !== undefined && hasStoredCrlf(former);
    });
  }

  async toCheckout(path: string, stored: Uint8Array): Promise<Uint8Array | undefined> {
    const [attributes, known] = await this.#attributesOf(path);
    if (isConverted(attributes, known.repository)) return undefined;
    return checkoutLineEnds(stored, attributes, settingsOf(known));
  }

  /** True for a path at which a checkout makes CRLF of a text's LF. */
  async givesCrlf(path: string): Promise<boolean> {
    const [attributes, known] = await this.#attributesOf(path);
    return givesCrlf(attributes, settingsOf(known));
  }

  /** Settings and attributes may be others now. */
  end(): void {
    this.#cancelEnd();
    const known = this.#known;
    this.#known = undefined;
    void this.#last.then(async () => (await known)?.reader.close()).catch(() => {});
  }

  #attributesOf(path: string): Promise<readonly [PathAttributes, Known]> {
    const asked = this.#last.then(async () => {
      const known = await this.#open();
      return [await known.reader.read(toBytePath(path)), known] as const;
    });
    this.#last = asked.catch(() => {});
    return asked;
  }

  #open(): Promise<Known> {
    this.#cancelEnd();
    this.#cancelEnd = this.#clock.after(IDLE_MS, () => this.end());
    if (this.#known === undefined) {
      const known = this.#begin();
      this.#known = known;
      known.catch(() => {
        if (this.#known === known) this.#known = undefined;
      });
    }
    return this.#known;
  }

  async #begin(): Promise<Known> {
    const question = ['config', '--get', 'core.eol'];
    const [repository, { out }] = await Promise.all([
      Repository.open(this.#folder),
      runGit(this.#folder, question, { allowed: [1] }),
    ]);
    const reader = new AttributeReader(this.#root, repository.gitFolder, 'users');
    return { repository, reader, eol: out.toString('utf8').trim().toLowerCase() };
  }
}

function settingsOf({ repository, eol }: Known): CheckoutSettings {
  const { autoLineEnds } = repository.frame;
  return { autoLineEnds, eol, isCrlfSystem: process.platform === 'win32' };
}

function isConverted(attributes: PathAttributes, { filters }: Repository): boolean {
  const encoding = attributes['working-tree-encoding'];
  const isEncoded = encoding !== 'unspecified' && encoding !== 'unset';
  return attributes.ident === 'set' || isEncoded || filters.has(attributes.filter);
}
