import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../test/harness/seeded-random.ts';

/** Writes a project of so many files, the same every time: about 4 KB each, in folders of 20. */
export async function writeLargeFolder(folder: string, files: number): Promise<number> {
  const random = seededRandom(1);
  let bytes = 0;
  for (let first = 0; first < files; first += FILES_IN_FOLDER) {
    const inside = join(folder, `area-${first % AREAS}`, `part-${first / FILES_IN_FOLDER}`);
    await mkdir(inside, { recursive: true });
    const names = Array.from(
      { length: Math.min(FILES_IN_FOLDER, files - first) },
      (_, index) => `file-${first + index}.ts`,
    );
    for (const name of names) {
      const text = textOf(name, random);
      bytes += text.length;
      await writeFile(join(inside, name), text);
    }
  }
  return bytes;
}

const FILES_IN_FOLDER = 20;
const AREAS = 17;

function textOf(name: string, random: () => number): string {
  const lines = [`// ${name}`];
  const count = 10 + Math.floor(random() * random() * 500);
  for (let line = 0; line < count; line++) {
    lines.push(`export const value${line} = ${Math.floor(random() * 1e9)}; // ${random()}`);
  }
  return `${lines.join('\n')}\n`;
}
