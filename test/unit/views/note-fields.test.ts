import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { TypedTexts } from '../../../src/editor/typed-texts.ts';
import {
  fieldToWriteIn,
  freeReplyField,
  messageField,
} from '../../../src/views/notes/note-fields.ts';
import { silentLog } from '../../../src/world/log.ts';

test('an answer that is sent leaves the message that was begun; one that is not is offered after it', async (context) => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-notes-'));
  context.after(() => fs.rmSync(home, { recursive: true, force: true }));
  const typed = new TypedTexts({ home, database: 'world' }, silentLog);
  context.after(() => typed.flush());
  for (const to of ['', 'c200aa']) {
    typed.keep(messageField(to), 'begun, and not sent');
    const reply = await freeReplyField(typed, to);
    typed.keep(reply, 'answer');
    assert.equal(await fieldToWriteIn(typed, to), messageField(to));
    typed.forget(reply);
    assert.equal((await typed.read(await fieldToWriteIn(typed, to)))?.text, 'begun, and not sent');

    typed.forget(messageField(to));
    typed.keep(reply, 'not sent either');
    assert.equal((await typed.read(await fieldToWriteIn(typed, to)))?.text, 'not sent either');
    const other = await freeReplyField(typed, to);
    typed.keep(other, 'an answer in another thread');
    typed.forget(other);
    assert.equal((await typed.read(reply))?.text, 'not sent either', 'it waits beside the other');
    typed.forget(reply);
    assert.equal(await fieldToWriteIn(typed, to), messageField(to));
  }
});
