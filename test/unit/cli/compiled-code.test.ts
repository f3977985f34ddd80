import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';

let bundle: string;
const places: string[] = [];
before(async () => {
  const folder = await newFolder();
  bundle = path.join(folder, 'loader.cjs');
  const entryPoints = ['src/cli/compiled-code.ts'];
  await build({ entryPoints, bundle: true, platform: 'node', format: 'cjs', outfile: bundle });
});
after(async () => {
  for (const place of places) await rm(place, { recursive: true });
});

const PROGRAM = `
const path = require('node:path');
exports.twice = (number) => number * 2;
exports.name = path.basename(__filename) + path.basename(__dirname).slice(0, 4);
`;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'home-'));
  places.push(folder);
  return folder;
}

async function placed() {
  const home = await newFolder();
  const file = path.join(home, 'program.cjs');
  await writeProgram(file, PROGRAM);
  return { home, file, compiled: path.join(home, 'compiled') };
}

function writeProgram(file: string, text: string): Promise<void> {
  const hash = createHash('sha256').update(text).digest('hex');
  return writeFile(file, `${text}//# hash=${hash}\n`);
}

/** One start in a process of its own, since V8 compiles nothing twice in one. Tells how it was loaded. */
async function start(file: string, home: string): Promise<'as it is' | 'compiled' | 'known'> {
  const script = `
    const { loadCompiled } = require(${JSON.stringify(bundle)});
    const loaded = loadCompiled(${JSON.stringify(file)}, ${JSON.stringify(home)}, require);
    const { twice, name } = loaded ? loaded.exports : require(${JSON.stringify(file)});
    if (twice(21) !== 42 || name !== 'program.cjshome') throw new Error('it does not run');
    loaded?.keep?.();
    console.log(!loaded ? 'as it is' : loaded.keep ? 'compiled' : 'known');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  return stdout.trim() as 'as it is' | 'compiled' | 'known';
}

test('what was compiled of a program is used by its next start', async () => {
  const { home, file, compiled } = await placed();
  assert.equal(await start(file, home), 'compiled');
  const [name = ''] = await readdir(compiled);
  assert.equal(await start(file, home), 'known');
  if (process.platform === 'win32') return;
  assert.equal((await stat(compiled)).mode & 0o777, 0o700);
  assert.equal((await stat(path.join(compiled, name))).mode & 0o777, 0o600);
});

test('a program that was changed is compiled again, and few files are kept', async () => {
  const { home, file, compiled } = await placed();
  for (let version = 0; version < 6; version++) {
    await writeProgram(file, `${PROGRAM}// version ${version}\n`);
    assert.equal(await start(file, home), 'compiled');
  }
  assert.equal((await readdir(compiled)).length, 4);
});

test('a file that was damaged is not used, and replaced', async () => {
  const { home, file, compiled } = await placed();
  await start(file, home);
  const [name = ''] = await readdir(compiled);
  const kept = path.join(compiled, name);
  const bytes = await readFile(kept);
  const changed = Buffer.from(bytes);
  changed[bytes.length >> 1]! ^= 0xff;
  for (const damaged of [Buffer.alloc(0), changed, bytes.subarray(0, 100)]) {
    await writeFile(kept, damaged);
    assert.equal(await start(file, home), 'compiled');
    assert.equal(await start(file, home), 'known');
  }
});

test('nothing is taken from a folder that others can write to', async (t) => {
  if (process.platform === 'win32') return t.skip('its folders have access lists');
  const { home, file, compiled } = await placed();
  await start(file, home);
  await chmod(compiled, 0o777);
  assert.equal(await start(file, home), 'compiled');
  assert.equal(await start(file, home), 'compiled');
  await chmod(home, 0o777);
  assert.equal(await start(file, home), 'as it is');
});

test('a program is run where nothing can be kept', async () => {
  const { home, file, compiled } = await placed();
  await writeFile(compiled, 'no folder');
  assert.equal(await start(file, home), 'compiled');
  assert.equal(await start(file, path.join(home, 'missing')), 'as it is');
});
