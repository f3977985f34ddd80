import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openFileLog } from '../../../src/host/host-log.ts';

describe("the host's log", () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'agent-world-log-'));
    file = path.join(directory, 'host.log');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('has one line an event, whatever the event says', async () => {
    const log = openFileLog({ file, now: () => new Date(0) });
    log.info('host.started', { port: 1, text: 'a "b"\nc' });
    log.error('two\r\nlines');
    log.close();
    assert.equal(
      await readFile(file, 'utf8'),
      String.raw`1970-01-01T00:00:00.000Z info [host] host.started port=1 text="a \"b\"\nc"` +
        '\n1970-01-01T00:00:00.000Z error [host] two lines\n',
    );
  });

  it('never holds a secret it was told of', async () => {
    const log = openFileLog({ file });
    log.redact('s3cret');
    log.warn('GET /s3cret/x', { url: 'http://127.0.0.1/s3cret/' });
    log.close();
    const text = await readFile(file, 'utf8');
    assert.doesNotMatch(text, /s3cret/);
    assert.equal(text.match(/<redacted>/g)?.length, 2);
  });

  it('keeps the newest lines within its bounds', async () => {
    const log = openFileLog({ file, maxBytes: 1_000, keptFiles: 2 });
    for (let line = 1; line <= 200; line += 1) log.info(`line ${line}`);
    log.close();
    const names = (await readdir(directory)).sort();
    assert.deepEqual(names, ['host.1.log', 'host.2.log', 'host.log']);
    for (const name of names) assert.ok((await stat(path.join(directory, name))).size <= 1_000);
    assert.match(await readFile(file, 'utf8'), /line 200\n$/);
  });
});
