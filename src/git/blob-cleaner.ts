import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AutoLineEnds } from '../core/git-point.ts';
import { AttributeReader } from './attribute-reader.ts';
import type { BlobReader } from './blob-reader.ts';
import { type BytePath, quotedPath } from './byte-path.ts';
import { cleanLineEnds, hasStoredCrlf, NO_ATTRIBUTES, type PathAttributes } from './clean-bytes.ts';
import { blobId } from './object-id.ts';
import { runGit } from './run-git.ts';
import type { Workbench } from './workbench.ts';

/** A blob as git would store it; the bytes are left out where it is in the repository already. */
export interface CleanBlob {
  readonly id: string;
  readonly bytes: Uint8Array | undefined;
}

/** Files of a work tree, to be stored under their paths from the repository's root. */
export interface WorkFile {
  readonly path: BytePath;
  readonly bytes: Uint8Array;
  /** What is stored at the path so far. */
  readonly stored: string | undefined;
}

/**
 * Makes of files what git would store for them: line ends by `.gitattributes` and by what
 * `core.autocrlf` was, filters and other conversions by git itself.
 */
export class BlobCleaner {
  readonly #workbench: Workbench;
  readonly #auto: AutoLineEnds;
  readonly #blobs: BlobReader;
  #attributes: AttributeReader | undefined;
  #attributeFiles: ReadonlyMap<BytePath, Uint8Array> = new Map();
  #known = new Map<BytePath, PathAttributes>();

  constructor(workbench: Workbench, auto: AutoLineEnds, blobs: BlobReader) {
    this.#workbench = workbench;
    this.#auto = auto;
    this.#blobs = blobs;
  }

  /** The `.gitattributes` that hold from now on. */
  async useAttributes(files: ReadonlyMap<BytePath, Uint8Array>): Promise<void> {
    if (isSame(files, this.#attributeFiles)) return;
    await this.#attributes?.close();
    this.#known = new Map();
    await rm(this.#workbench.tree, { recursive: true });
    await mkdir(this.#workbench.tree);
    for (const [name, bytes] of files) await this.#putFile(name, bytes);
    this.#attributeFiles = files;
    const { tree, gitFolder } = this.#workbench;
    this.#attributes = files.size === 0 ? undefined : new AttributeReader(tree, gitFolder);
  }

  /** What git would store, in the order of the files. */
  async clean(files: readonly WorkFile[]): Promise<readonly CleanBlob[]> {
    const blobs: (CleanBlob | undefined)[] = [];
    const others: [index: number, file: WorkFile][] = [];
    for (const [index, file] of files.entries()) {
      const attributes = await this.#attributesOf(file.path);
      if (this.#needsGit(attributes)) others.push([index, file]);
      blobs[index] = await this.#cleanLines(file, attributes);
    }
    const ids = await this.#cleanByGit(others.map(([, file]) => file));
    for (const [at, [index]] of others.entries()) blobs[index] = { id: ids[at]!, bytes: undefined };
    return blobs as CleanBlob[];
  }

  async close(): Promise<void> {
    await this.#attributes?.close();
  }

  async #cleanLines(file: WorkFile, attributes: PathAttributes): Promise<CleanBlob> {
    const bytes = await cleanLineEnds(file.bytes, attributes, this.#auto, async () => {
      const stored = file.stored === undefined ? undefined : await this.#blobs.read(file.stored);
      return stored !== undefined && hasStoredCrlf(stored);
    });
    return { id: blobId(bytes, this.#workbench.repository.format), bytes };
  }

  async #attributesOf(name: BytePath): Promise<PathAttributes> {
    if (!this.#attributes) return NO_ATTRIBUTES;
    const known = this.#known.get(name) ?? (await this.#attributes.read(name));
    this.#known.set(name, known);
    return known;
  }

  #needsGit(attributes: PathAttributes): boolean {
    const encoding = attributes['working-tree-encoding'];
    const isEncoded = encoding !== 'unspecified' && encoding !== 'unset';
    return (
      attributes.ident === 'set' ||
      isEncoded ||
      this.#workbench.repository.filters.has(attributes.filter)
    );
  }

  async #cleanByGit(files: readonly WorkFile[]): Promise<readonly string[]> {
    if (files.length === 0) return [];
    for (const { path: name, bytes } of files) await this.#putFile(name, bytes);
    const { tree, envOfRepository } = this.#workbench;
    const list = files.map(({ path: name }) => `${quotedPath(name)}\n`).join('');
    const input = Buffer.from(list, 'latin1');
    const env = { ...envOfRepository, GIT_ATTR_NOSYSTEM: '1' };
    const command = ['-c', 'core.attributesFile=/dev/null', '-c', `core.autocrlf=${this.#auto}`];
    const args = [...command, '-c', 'core.safecrlf=false', 'hash-object', '-w', '--stdin-paths'];
    const { out } = await runGit(tree, args, { env, input });
    return out.toString('utf8').trim().split('\n');
  }

  async #putFile(name: BytePath, bytes: Uint8Array): Promise<void> {
    const target = path.join(this.#workbench.tree, Buffer.from(name, 'latin1').toString('utf8'));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
}

function isSame(
  files: ReadonlyMap<BytePath, Uint8Array>,
  others: ReadonlyMap<BytePath, Uint8Array>,
): boolean {
  if (files.size !== others.size) return false;
  return [...files].every(([name, bytes]) => {
    const other = others.get(name);
    return other !== undefined && Buffer.compare(bytes, other) === 0;
  });
}
