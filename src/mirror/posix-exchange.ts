/**
 * Owns: replacing and removing files where a name can be given to another file whatever is open, and what is open
 * stays readable (Linux, macOS). Does not know: which file, what for.
 */
import path from 'node:path';
import type { DiskPort } from '../host/disk-port.ts';
import { hashOf } from './bytes-hash.ts';
import type { Expected, FileExchange, GiveWay, Place, Replaced } from './file-exchange.ts';
import { bitsOf } from './mode-bits.ts';
import { namesAt, OpenNames } from './open-names.ts';
import {
  appear,
  draftName,
  isOccupied,
  lateBytes,
  openRegular,
  readWhole,
  writeNew,
} from './placed-file.ts';

export class PosixExchange implements FileExchange {
  readonly #disk: DiskPort;
  readonly #giveWay: GiveWay;
  readonly #openNames: OpenNames;

  constructor(disk: DiskPort, giveWay: GiveWay) {
    this.#disk = disk;
    this.#giveWay = giveWay;
    this.#openNames = new OpenNames(disk);
  }

  async write({ folder, name }: Place, bytes: Uint8Array, expected: Expected): Promise<Replaced> {
    const disk = this.#disk;
    const { executable } = expected;
    const file = folder.at(name);
    if (await isOccupied(disk, file)) return { tag: 'blocked' };
    const draft = folder.at(draftName());
    const former = await openRegular(disk, file);
    try {
      const bits = former ? bitsOf(await former.stat()) : expected.bits;
      await writeNew(disk, draft, bytes, { bits, executable });
      if ((former && hashOf(await readWhole(former))) !== expected.hash) return { tag: 'changed' };
      await folder.confirm();
      if (former === undefined) return await appear(disk, draft, file);
      const names = await namesAt(disk, file, former);
      if (names === undefined) return { tag: 'changed' };
      const replaced = await this.#giveWay({
        act: () => disk.rename(draft, file),
        isElsewhere: () => this.#openNames.isElsewhere(former, names, draftBeside(file)),
        undo: () => this.#takeBack(file, hashOf(bytes)),
      });
      const late = replaced ?? (await lateBytes(former, expected.hash));
      return late.tag === 'done' && names > 1 ? { ...late, isParted: true } : late;
    } finally {
      await former?.close();
      await disk.rm(draft, { force: true });
    }
  }

  async remove({ folder, name }: Place, hash: string): Promise<Replaced> {
    const disk = this.#disk;
    const file = folder.at(name);
    const former = await openRegular(disk, file);
    // It may have another name now.
    if (former === undefined) return { tag: 'changed' };
    try {
      if (hashOf(await readWhole(former)) !== hash) return { tag: 'changed' };
      const names = await namesAt(disk, file, former);
      if (names === undefined) return { tag: 'changed' };
      await folder.confirm();
      const removed = await this.#giveWay({
        act: () => disk.rm(file, { force: true }),
        isElsewhere: () => this.#openNames.isElsewhere(former, names, draftBeside(file)),
        undo: () => Promise.resolve({ tag: 'changed' }),
      });
      return removed ?? (await lateBytes(former, hash));
    } finally {
      await former.close();
    }
  }

  /** Removes what was put in the place of a file that has another name, unless somebody wrote to it. */
  async #takeBack(file: string, hash: string): Promise<Replaced> {
    const put = await openRegular(this.#disk, file);
    try {
      if (put === undefined || hashOf(await readWhole(put)) !== hash) return { tag: 'changed' };
      await this.#disk.rm(file, { force: true });
      const late = await lateBytes(put, hash);
      return late.tag === 'late' ? late : { tag: 'changed' };
    } finally {
      await put?.close();
    }
  }
}

function draftBeside(file: string): string {
  return path.join(path.dirname(file), draftName());
}
