import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replace } from '../../src/core/change.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import { RESTORATION_ITEMS } from '../../src/core/restoration.ts';
import { STANDING_RESTORATIONS } from '../../src/core/restoration-action.ts';
import { SIZES, subscribedRowBytes } from '../../src/core/sizes.ts';
import { CountingProxy } from '../harness/counting-proxy.ts';
import { newId, newOp, newTextFile } from '../harness/world-stage.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

const { openTicketsPerMember, locksPerMember, nameLength } = DEFAULT_LIMITS;
const FILES = 200;
/** What is around the rows: answers to the calls of connecting, and frames of the socket. */
const AROUND_BYTES = 64 * 1024;

test('connecting brings no more than the limits say, with all that one member can add to it', async (t) => {
  const lab = await WorldLab.open(t);
  const ann = await lab.enter(await lab.join());
  const bot = await lab.enter(await lab.join({ kind: 'agent' }));
  const folder = `${'d'.repeat(254)}/`.repeat(3);
  const files = Array.from({ length: FILES }, (_, nth) => newTextFile(`${folder}${nth}`, 'one\n'));
  await ann.call('import_files', { batchId: newId(), author: '', files });
  await caughtUp(ann);
  const { fileId } = ann.view.fileAt(`${folder}0`)!;
  const change = (text: string) => [
    replace({ line: 0, character: 0 }, { line: 0, character: 3 }, text),
  ];
  const send = (session: typeof ann, text: string) =>
    session.call('apply_file_ops', {
      batch: {
        batchId: newId(),
        extends: 0,
        ops: [newOp(fileId, 1, change(text), { intent: 'patch' })],
      },
    });
  await send(ann, 'ONE');
  // Three times in the row, which has room for no more.
  const text = 'x'.repeat(Math.floor((SIZES.subscribedRow - 900) / 3));
  const sent = Array.from({ length: openTicketsPerMember }, () => send(bot, text));
  const answers = await Promise.all(sent);
  assert.ok(answers.every(({ tag }) => tag === 'done'));
  const reason = '漢'.repeat(nameLength);
  for (let nth = 0; nth < locksPerMember; nth++) {
    const lines = { firstLine: 0, lastLine: 0 };
    const place = { fileId: fileId + nth, version: 1, ...lines };
    const claim = { requestId: newId(), ...place, reason, durationMs: 3_000_000 };
    assert.equal((await ann.call('acquire_soft_lock', claim)).tag, 'done');
  }
  const named = [...ann.view.files.keys()].slice(0, RESTORATION_ITEMS);
  const question = {
    cause: 'missing_folder',
    folderName: 'd'.repeat(nameLength),
    files: named.map((each) => ({ fileId: each, what: 'deleted' })),
    fileCount: FILES,
    owners: [ann.identity, lab.owner.identity],
  };
  for (let nth = 0; nth < STANDING_RESTORATIONS; nth++) {
    const { tag } = await bot.call('ask_restoration', { opId: newId(), ...question });
    assert.equal(tag, 'done');
  }
  const row = subscribedRowBytes(DEFAULT_LIMITS);
  const most =
    openTicketsPerMember * row.conflict_ticket +
    locksPerMember * row.soft_lock +
    STANDING_RESTORATIONS * row.restoration +
    FILES * row.file_head +
    4 * row.workspace_member +
    4 * row.presence +
    row.workspace +
    AROUND_BYTES;
  const proxy = await CountingProxy.open(lab.server.uri);
  const session = await lab.enter(await lab.join(), { uri: proxy.uri });
  assert.equal(session.view.tickets.size, openTicketsPerMember);
  assert.equal(session.view.locks.size, locksPerMember);
  const { receivedBytes } = proxy;
  assert.ok(receivedBytes <= most, `${receivedBytes} bytes, not ${most} at most`);
  // It is that large: what is checked is not met by chance.
  assert.ok(receivedBytes >= most / 2, `${receivedBytes} bytes of ${most}`);
  session.close();
  await proxy.close();
});
