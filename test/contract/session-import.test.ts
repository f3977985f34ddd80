import assert from 'node:assert/strict';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { readFile } from '../../src/world/file-reader.ts';
import { importFolder } from '../../src/world/import-folder.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { contentBytes } from '../../src/world/text-format.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { WorldLab } from './world-lab.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const AWKWARD: Readonly<Record<string, Uint8Array>> = {
  'empty.txt': utf8(''),
  'no-end.txt': utf8('a\nb'),
  'lf.txt': utf8('a\nb\n'),
  'crlf.txt': utf8('a\r\nb\r\n'),
  'mixed.txt': utf8('a\r\nb\n'),
  'cr.txt': utf8('a\rb\r'),
  'bom.txt': Uint8Array.from([0xef, 0xbb, 0xbf, ...utf8('x\r\n')]),
  'zero.bin': Uint8Array.from([1, 0, 2, 255]),
  'invalid.txt': Uint8Array.from([0x61, 0xff, 0xfe, 0x62]),
  'letters é 𝒳.txt': utf8('𝒳\u{2028}é\n'),
  'deep/er/file.txt': utf8('deep\n'),
  'large.txt': utf8('a line of text that repeats\n'.repeat(60_000)),
  'large.bin': Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7) % 256),
};

async function write(folder: string): Promise<void> {
  for (const [name, bytes] of Object.entries(AWKWARD)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
  await writeFile(path.join(folder, 'run.sh'), '#!/bin/sh\n');
  await chmod(path.join(folder, 'run.sh'), 0o755);
  await symlink('lf.txt', path.join(folder, 'link.txt'));
}

/** The file's bytes as they would be put on disk from the world. */
async function bytesAt(session: WorldSession, name: string): Promise<Uint8Array> {
  const { view } = session;
  const head = view.fileAt(name)!;
  const file = await readFile(session.link!, view, head.fileId);
  const { eol, otherEnds, bom } = head;
  return contentBytes(
    file.kind === 'binary'
      ? file
      : { kind: 'text', text: file.text.toString(), eol, otherEnds, bom },
  );
}

test('every awkward file comes back byte for byte, on another machine too', async (t) => {
  const lab = await WorldLab.open(t);
  await write(lab.folder);
  const session = await lab.enter(lab.owner);
  const progress: number[] = [];
  const report = await importFolder({
    session,
    folder: lab.folder,
    randomBytes: systemRandomBytes,
    onProgress: ({ files }) => void progress.push(files),
  });
  assert.equal(report.files, Object.keys(AWKWARD).length + 1);
  assert.deepEqual(report.skipped, [{ path: 'link.txt', why: 'symlink' }]);
  assert.equal(report.binary, 4);
  assert.ok(progress.length > 1, 'more than a mebibyte is brought in parts');
  assert.equal(progress.at(-1), report.files);
  const other = await lab.enter(await lab.join());
  for (const [name, bytes] of Object.entries(AWKWARD)) {
    assert.deepEqual(Buffer.from(await bytesAt(other, name)), Buffer.from(bytes), name);
  }
  assert.equal(other.view.fileAt('run.sh')?.mode, 'executable');
  assert.equal(other.view.fileAt('lf.txt')?.mode, 'regular');
});

test('bringing the same folder in again changes nothing', async (t) => {
  const lab = await WorldLab.open(t);
  await write(lab.folder);
  const session = await lab.enter(lab.owner);
  const options = { session, folder: lab.folder, randomBytes: systemRandomBytes };
  await importFolder(options);
  const before = await readHeadSeq(session.link!);
  const again = await importFolder(options);
  assert.deepEqual(again.disputed, []);
  assert.equal(await readHeadSeq(session.link!), before);
});

test('a file that the world has otherwise becomes a ticket, and the others come in', async (t) => {
  const lab = await WorldLab.open(t);
  const agent = await lab.agent();
  await agent.create('lf.txt', 'something else\n');
  await write(lab.folder);
  const session = await lab.enter(lab.owner);
  const options = { session, folder: lab.folder, randomBytes: systemRandomBytes };
  const report = await importFolder(options);
  assert.deepEqual(report.disputed, ['lf.txt']);
  assert.deepEqual(Buffer.from(await bytesAt(session, 'lf.txt')).toString(), 'something else\n');
  assert.ok(session.view.fileAt('large.bin'));
});

test('an import that is cancelled says so', async (t) => {
  const lab = await WorldLab.open(t);
  await write(lab.folder);
  const session = await lab.enter(lab.owner);
  const cancelling = new AbortController();
  const importing = importFolder({
    session,
    folder: lab.folder,
    randomBytes: systemRandomBytes,
    onProgress: () => cancelling.abort(),
    signal: cancelling.signal,
  });
  await assert.rejects(importing, { code: 'cancelled' });
});
