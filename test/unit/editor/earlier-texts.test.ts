import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpRecord } from '../../../src/core/op.ts';
import { writePayload } from '../../../src/core/op-payload.ts';
import { Text } from '../../../src/core/text.ts';
import {
  type EarlierTexts,
  type PastReader,
  readEarlier,
  typedOnVersion,
} from '../../../src/editor/earlier-texts.ts';
import { UnboundEdits } from '../../../src/editor/unbound-edits.ts';
import { minimalChanges } from '../../../src/sync/minimal-changes.ts';
import type { FileAt } from '../../../src/world/file-reader.ts';
import { openDocument } from './open-document.ts';

test('what was typed on an earlier version is judged by the ops since', async () => {
  const document = openDocument('one\n');
  const unbound = new UnboundEdits(document.port);
  document.type(0, 3, ' typed');
  const typed = await typedOn(unbound, pastOf('one\n', { edit: 'zero\none\n' }));
  assert.equal(typed.version, 1);
  assert.equal(typed.text, 'one typed\n');
});

test('what was typed before the whole content was exchanged goes on top of the new one', async () => {
  const document = openDocument('one\ntwo\n');
  const unbound = new UnboundEdits(document.port);
  document.type(1, 3, ' typed');
  const past = pastOf('one\n', { edit: 'one\ntwo\n' }, { whole: 'the tool\ntwo\n' });
  const typed = await typedOn(unbound, past);
  assert.deepEqual(typed, { version: 3, text: 'the tool\ntwo typed\n' });
});

test('what was typed since it was exchanged is judged by the ops since then', async () => {
  const document = openDocument('the tool\n');
  const unbound = new UnboundEdits(document.port);
  document.type(0, 8, ' typed');
  const past = pastOf('one\n', { whole: 'the tool\n' }, { edit: 'zero\nthe tool\n' });
  assert.deepEqual(await typedOn(unbound, past), { version: 2, text: 'the tool typed\n' });
});

test('after a reload, what was typed on bytes takes nothing back of the text that came in their place', async () => {
  const document = openDocument('a\uFFFDb\nlast typed\n', true);
  const unbound = new UnboundEdits(document.port);
  const bytes = Uint8Array.from([...Buffer.from('a'), 0xff, ...Buffer.from('b\r\nlast\r\n')]);
  const past = pastOf('one\n', { whole: bytes }, { whole: 'the tool’s\nlast\n' });
  assert.deepEqual(await typedOn(unbound, past), {
    version: 3,
    text: 'the tool’s\nlast typed\n',
  });
});

test('a connection that ends before all was read gives no part of it', async () => {
  const past = pastOf('one\n', { edit: 'two\n' });
  const reader = { ...past.reader, ops: () => Promise.reject(new Error('gone')) };
  await assert.rejects(readEarlier(reader, 2), /gone/);
});

/** Where the user's edits start, and what they make of it. */
async function typedOn(unbound: UnboundEdits, past: Past) {
  const earlier: EarlierTexts = await readEarlier(past.reader, past.version);
  const newest = await past.reader.at(past.version);
  assert.ok(newest.kind === 'text');
  const { base, changes } = typedOnVersion(unbound, newest, earlier.versions, earlier.others);
  return { version: base.version, text: base.text.apply(changes).toString() };
}

interface Past {
  readonly reader: PastReader;
  readonly version: number;
}

/** A file that began with a text and went on by edits to another text, or by whole new contents. */
function pastOf(
  start: string,
  ...steps: ({ edit: string } | { whole: string | Uint8Array })[]
): Past {
  const files: FileAt[] = [fileOf(1, start)];
  const ops: OpRecord[] = [];
  for (const step of steps) {
    const version = files.length + 1;
    const file = fileOf(version, 'edit' in step ? step.edit : step.whole);
    const before = files.at(-1)!;
    files.push(file);
    const changes =
      'edit' in step && before.kind === 'text' ? minimalChanges(before.text, step.edit) : [];
    ops.push({ version, kind: 'edit', changes, payload: payloadOf(step, file) } as OpRecord);
  }
  const reader: PastReader = {
    ops: (after, upTo) =>
      Promise.resolve(ops.filter(({ version }) => version > after && version <= upTo)),
    at: (version) => Promise.resolve(files[version - 1]!),
  };
  return { reader, version: files.length };
}

function payloadOf(step: object, { kind }: FileAt): string {
  if (!('whole' in step)) return '';
  const size = { byteLength: 1, lineCount: 1 };
  return writePayload('edit', { content: { kind, eol: 'lf', bom: false, ...size, parts: [] } });
}

function fileOf(version: number, content: string | Uint8Array): FileAt {
  const known = { version, contentHash: new Uint8Array(32) };
  return typeof content === 'string'
    ? { ...known, kind: 'text', text: Text.of(content) }
    : { ...known, kind: 'binary', bytes: content };
}
