import assert from 'node:assert/strict';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { nextLeaseEpoch } from '../../../src/host/folder-lease.ts';
import { defaultHomePath, openHome, writeFileAtomically } from '../../../src/host/home.ts';
import { ManualClock } from './manual-clock.ts';

const onWindows = process.platform === 'win32';

describe('the default place of the home', () => {
  it('is the user data folder of the platform', () => {
    assert.equal(defaultHomePath({}, 'linux', '/home/ada'), '/home/ada/.local/share/agent-world');
    assert.equal(
      defaultHomePath({ XDG_DATA_HOME: '/data/ada' }, 'linux', '/home/ada'),
      '/data/ada/agent-world',
    );
    assert.equal(
      defaultHomePath({}, 'darwin', '/Users/ada'),
      '/Users/ada/Library/Application Support/agent-world',
    );
    assert.equal(
      defaultHomePath({ LOCALAPPDATA: String.raw`C:\Users\ada\AppData\Local` }, 'win32', ''),
      String.raw`C:\Users\ada\AppData\Local\agent-world`,
    );
  });

  it('is what AGENT_WORLD_HOME says', () => {
    const environment = { AGENT_WORLD_HOME: path.resolve('/elsewhere'), XDG_DATA_HOME: '/data' };
    assert.equal(defaultHomePath(environment, 'linux', '/home/ada'), path.resolve('/elsewhere'));
  });

  it('does not follow a relative XDG_DATA_HOME', () => {
    assert.equal(
      defaultHomePath({ XDG_DATA_HOME: 'data' }, 'linux', '/home/ada'),
      '/home/ada/.local/share/agent-world',
    );
  });
});

describe('opening a home', { skip: onWindows }, () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'agent-world-home-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('makes it private, also one that others could read', async () => {
    const root = path.join(directory, 'home');
    await mkdir(root);
    await chmod(root, 0o755);
    const home = await openHome(root);
    for (const place of [root, home.logs, home.bin]) {
      assert.equal((await stat(place)).mode & 0o777, 0o700);
    }
  });

  for (const mode of [0o770, 0o702, 0o777]) {
    it(`refuses one that others may write to (${mode.toString(8)})`, async () => {
      await chmod(directory, mode);
      await assert.rejects(openHome(directory), { code: 'home_unsafe' });
    });
  }

  it('refuses one of another user', async () => {
    // Only root can give a directory away; everybody else has root's own to try.
    const asRoot = process.getuid?.() === 0;
    if (asRoot) await chown(directory, 12_345, 12_345);
    await assert.rejects(openHome(asRoot ? directory : '/'), { code: 'home_unsafe' });
  });

  it('refuses a file, a relative path, and a place that cannot be made', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    for (const root of [file, 'relative', path.join(file, 'below')]) {
      await assert.rejects(openHome(root), { code: 'home_unusable' });
    }
  });
});

describe('files of a home', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'agent-world-home-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('are replaced whole, are private, and leave no drafts', async () => {
    const file = path.join(directory, 'secret');
    await Promise.all(['one', 'two', 'three'].map((text) => writeFileAtomically(file, text)));
    assert.match(await readFile(file, 'utf8'), /^(one|two|three)$/);
    assert.deepEqual(await readdir(directory), ['secret']);
    if (!onWindows) assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('leave no draft when they cannot be replaced', async () => {
    const blocked = path.join(directory, 'blocked');
    await mkdir(path.join(blocked, 'full'), { recursive: true });
    await assert.rejects(writeFileAtomically(blocked, 'text'));
    assert.deepEqual(await readdir(directory), ['blocked']);
  });

  it('number each life of the host higher than the last, whatever clock or file say', async () => {
    const file = path.join(directory, 'lease-epoch');
    const first = await nextLeaseEpoch(file, new ManualClock(2_000_000_000_000));
    const second = await nextLeaseEpoch(file, new ManualClock(1_000_000_000_000));
    assert.ok(second > first, 'the clock went back');
    await writeFile(file, 'garbage');
    const third = await nextLeaseEpoch(file, new ManualClock(2_000_000_009_000));
    assert.ok(third > second, 'the file was lost');
    assert.ok(Number.isSafeInteger((third + 1) * 2 ** 20));
  });
});
