import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { DEFAULT_LIMITS, type Limits } from '../../../src/core/limits.ts';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { FileSights, type FileSightsParts } from '../../../src/mirror/file-sights.ts';
import { TEMPORARY_NAMES } from '../../../src/world/temporary-names.ts';
import { silentLog } from '../../../src/world/log.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

const LIMITS: Limits = { ...DEFAULT_LIMITS, textFileBytes: 100_000, binaryFileBytes: 200_000 };

const git = (folder: string, ...args: string[]): unknown =>
  execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });

interface LabOptions {
  readonly limits?: () => Limits;
  readonly hasGit?: boolean;
  readonly exclude?: readonly string[];
}

/** A folder whose world has `seen.md`, a text, and `bytes.*`, no texts. */
async function openLab(
  t: TestContext,
  { hasGit = true, exclude = [], limits = () => LIMITS }: LabOptions = {},
) {
  const folder = await temporaryFolder(t);
  if (hasGit) git(folder, 'init', '-q');
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  };
  await write('seen.md', 'one\n');
  const headOf = (name: string): ReturnType<FileSightsParts['head']> => {
    if (name === 'seen.md') return { kind: 'text' };
    return name.startsWith('bytes.') ? { kind: 'binary' } : undefined;
  };
  const reads: string[] = [];
  const unseen: (readonly string[] | 'any')[] = [];
  const later: (() => void)[] = [];
  class CountedFiles extends DiskFiles {
    override read(name: string): ReturnType<DiskFiles['read']> {
      reads.push(name);
      return super.read(name);
    }
  }
  const sights = new FileSights({
    files: new CountedFiles(folder),
    head: headOf,
    isKnown: (name) => headOf(name) !== undefined,
    known: () => ['seen.md'],
    limits,
    exclude: () => exclude,
    temporaryNames: () => TEMPORARY_NAMES,
    onUnseen: (paths) => void unseen.push(paths),
    after: (_delayMs, fire) => {
      later.push(fire);
      return () => undefined;
    },
    signal: new AbortController().signal,
    output: silentLog,
  });
  return { folder, write, sights, reads, unseen, later };
}

for (const hasGit of [true, false]) {
  test(`why a file does not come in is told by the rule by which files do, ${hasGit ? 'with' : 'without'} git`, async (t) => {
    const { folder, write, sights } = await openLab(t, { hasGit, exclude: ['private/'] });
    await write('.gitignore', '*.log\n/built/\n');
    await mkdir(path.join(folder, 'real'));
    await symlink('seen.md', path.join(folder, 'link.md'));
    await symlink('real', path.join(folder, 'linked'));
    for (const name of [
      'new.md',
      'noise.log',
      'built/deep/out.js',
      'private/key.txt',
      '.new.md.swp',
      'real/in.md',
      'AUX.md',
      'inner/of-others.md',
    ]) {
      await write(name, 'text\n');
    }
    git(path.join(folder, 'inner'), 'init', '-q');
    const expected = {
      'new.md': undefined,
      'noise.log': 'ignored',
      'built/deep/out.js': 'ignored',
      'private/key.txt': 'excluded',
      '.new.md.swp': 'temporary',
      'AUX.md': 'reserved_name',
      'inner/of-others.md': 'submodule',
      'real/in.md': undefined,
      // No files.
      real: undefined,
      'nothing.md': undefined,
    };
    const names = Object.keys(expected);
    const found = await Promise.all(names.map((name) => sights.look(name)));
    assert.deepEqual(
      Object.fromEntries(names.map((name, at) => [name, found[at]!.left])),
      expected,
    );
    for (const name of ['link.md', 'linked', 'linked/in.md']) {
      assert.equal((await sights.look(name))?.isLinked, true, name);
    }
    assert.equal((await sights.look('real/in.md'))?.isLinked, false);
  });
}

test('what is too large is told by what it is', async (t) => {
  const { write, sights } = await openLab(t);
  await write('text.txt', 'x'.repeat(150_000));
  await write('picture.png', new Uint8Array(150_000));
  await write('film.mp4', new Uint8Array(250_000));
  const lefts = await Promise.all(
    ['text.txt', 'picture.png', 'film.mp4'].map(async (name) => (await sights.look(name))?.left),
  );
  assert.deepEqual(lefts, ['too_large', undefined, 'too_large']);
});

test('why bytes are no text is read from the disk, and of what is plainly binary no more than its beginning', async (t) => {
  const { folder, write, sights, reads } = await openLab(t);
  await write('bytes.txt', 'one\r\ntwo\n');
  await write('bytes.latin1', Buffer.from('caf\u00e9\n', 'latin1'));
  await write('bytes.png', Uint8Array.of(0x89, 0x50, 0, 0, ...new Uint8Array(90_000)));
  await write('bytes.long', `${'one\n'.repeat(20_000)}two\r\n`);
  await write('bytes.huge', `${'one\n'.repeat(40_000)}two\r\n`);
  const formOf = async (name: string): Promise<string | undefined> =>
    (await sights.look(name))?.form;
  assert.equal(await formOf('bytes.txt'), 'mixed_line_ends');
  assert.equal(await formOf('bytes.latin1'), 'other_encoding');
  assert.equal(await formOf('bytes.png'), 'binary');
  assert.equal(await formOf('bytes.long'), 'mixed_line_ends');
  assert.equal(await formOf('bytes.huge'), 'binary');
  assert.equal(await formOf('bytes.gone'), 'binary');
  assert.deepEqual(reads, ['bytes.long']);
  // Whoever opens a pipe to read it waits for somebody who writes.
  execFileSync('mkfifo', [path.join(folder, 'bytes.pipe')]);
  assert.equal(await formOf('bytes.pipe'), 'binary');
});

test('of what is longer than a text may be, the beginning says why it is none', async (t) => {
  const { write, sights } = await openLab(t);
  const latin = Buffer.from('caf\u00e9\n'.repeat(30_000), 'latin1');
  // The piece that is looked at ends within a character.
  const utf8 = Buffer.from(`a${'\u00e9'.repeat(10)}\n`.repeat(10_000));
  await write('bytes.latin1', latin);
  await write('bytes.utf8', utf8);
  await write('bytes.line', Buffer.from('\u00e9'.repeat(100_000)));
  const formOf = async (name: string): Promise<string | undefined> =>
    (await sights.look(name))?.form;
  assert.equal(await formOf('bytes.latin1'), 'other_encoding');
  assert.equal(await formOf('bytes.utf8'), 'binary');
  assert.equal(await formOf('bytes.line'), 'binary');
});

for (const hasGit of [true, false]) {
  test(`what is neither a file nor a link is told as that, ${hasGit ? 'with' : 'without'} git`, async (t) => {
    const { folder, sights } = await openLab(t, { hasGit });
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    assert.equal((await sights.look('pipe'))?.left, 'special');
  });
}

test('what rules leave out is not looked at again because it is written, and what content decides is', async (t) => {
  const { write, sights } = await openLab(t);
  await write('.gitignore', '*.log\n');
  await write('noise.log', 'noise\n');
  await write('bytes.txt', 'one\r\ntwo\n');
  await write('large.txt', 'x'.repeat(150_000));
  const seen = await sights.look('noise.log');
  assert.equal(sights.rewritten('noise.log'), false);
  assert.equal(sights.of('noise.log'), seen);
  await sights.look('bytes.txt');
  await sights.look('large.txt');
  for (const name of ['bytes.txt', 'large.txt']) {
    assert.equal(sights.rewritten(name), true, name);
    assert.equal(sights.of(name), undefined, name);
  }
  // It may have been written on while its look has begun.
  assert.equal(sights.forget('noise.log'), true);
  const [noise, bytes] = [sights.look('noise.log'), sights.look('bytes.txt')];
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(sights.rewritten('noise.log'), true);
  assert.equal(sights.rewritten('bytes.txt'), true);
  await Promise.all([noise, bytes]);
  assert.equal(sights.of('noise.log')?.left, 'ignored');
  assert.equal(sights.of('bytes.txt'), undefined);
});

test('what could not be looked at is told once, later', async (t) => {
  let isBroken = true;
  const { write, sights, unseen, later } = await openLab(t, {
    limits: () => {
      if (isBroken) throw new Error('not now');
      return LIMITS;
    },
  });
  await write('new.md', 'new\n');
  assert.equal(await sights.look('new.md'), undefined);
  assert.equal(later.length, 1);
  later.shift()!();
  assert.deepEqual(unseen, [['new.md']]);
  assert.equal(await sights.look('new.md'), undefined);
  assert.equal(later.length, 0, 'no more, as long as it fails');
  isBroken = false;
  assert.equal((await sights.look('new.md'))?.isThere, true);
});

test('what was seen is kept until it is forgotten', async (t) => {
  const { folder, write, sights } = await openLab(t);
  await write('.gitignore', '*.log\n');
  await write('noise.log', 'noise\n');
  const seen = await sights.look('noise.log');
  assert.equal(seen?.left, 'ignored');
  assert.equal(sights.of('noise.log'), seen);
  await rm(path.join(folder, '.gitignore'));
  assert.equal(await sights.look('noise.log'), seen);
  sights.forgetAll();
  assert.equal(sights.of('noise.log'), undefined);
  assert.equal((await sights.look('noise.log'))?.left, undefined);
  assert.equal(sights.forget('noise.log'), true);
  assert.equal(sights.forget('noise.log'), false);
});

test('what is forgotten while it is looked at is not kept', async (t) => {
  const { sights } = await openLab(t);
  const looking = sights.look('new.md');
  // The look has begun by then.
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(sights.forget('new.md'), true);
  assert.notEqual(await looking, undefined);
  assert.equal(sights.of('new.md'), undefined);
});

test('of many files that are asked about the last ones are looked at, and kept within a bound', async (t) => {
  const { sights, unseen } = await openLab(t, { hasGit: false });
  const names = Array.from({ length: 1_000 }, (_, index) => `no-file-${index}.md`);
  const order: string[] = [];
  const found = await Promise.all(
    names.map(async (name) => {
      const sight = await sights.look(name, name === 'no-file-7.md');
      if (sight) order.push(name);
      return sight;
    }),
  );
  const isSeen = found.map((each) => each !== undefined);
  assert.equal(isSeen.filter(Boolean).length, 240);
  assert.equal(isSeen.at(-1), true);
  assert.equal(isSeen[7], true, 'what is in front is never put off');
  assert.ok(order.indexOf('no-file-7.md') < 60, 'and is among the first');
  assert.ok(order.indexOf('no-file-999.md') < 60, 'what is asked for last is in sight');
  assert.deepEqual(unseen, ['any'], 'of the others it is told that they may ask again');
  const [one, ...some] = Array.from({ length: 300 }, (_, index) => `some-${index}.md`);
  await Promise.all([one!, ...some].map((name) => sights.look(name)));
  assert.equal(unseen.length, 2);
  assert.equal(unseen[1]?.length, 60);
  assert.ok(unseen[1]?.includes(one!));
  for (let count = 0; count < 1_100; count++) await sights.look(`more-${count}.md`);
  assert.equal(sights.of('no-file-999.md'), undefined);
  assert.notEqual(sights.of('more-1099.md'), undefined);
});
