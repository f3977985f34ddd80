// The pages that a world is read by are rows like others: whoever owns the database may change them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf } from '../../src/world/bindings.ts';
import { inSql } from '../../src/world/row-difference.ts';
import { verifyWorld, type WorldVerdict } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { ForgedTable, otherValue } from '../harness/forge-row.ts';
import { newId, newOp, newTextFile } from '../harness/world-stage.ts';
import { bundle, WorldLab } from './world-lab.ts';

const skip = process.env['AGENT_WORLD_TEST_SERVER'] !== undefined;

test('a forged page is found and named, and hides no op', { skip }, async (t) => {
  const lab = await WorldLab.open(t);
  const session = await lab.enter(lab.owner);
  const file = newTextFile('a.txt', 'x');
  await session.judge('create_file', { author: '', file }, [file.opId]);
  const { fileId } = session.view.fileAt('a.txt')!;
  const ops = Array.from({ length: 2300 }, (_, index) =>
    newOp(fileId, index === 0 ? 1 : 0, [
      { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'y' },
    ]),
  );
  const batch = { batchId: newId(), extends: 0, ops };
  assert.equal((await session.call('apply_file_ops', { batch })).tag, 'done');
  const database = lab.server.embedded!.host.engine.database(lab.database);
  const worlds = new WorldList(lab.folder);
  const world = { server: lab.server.uri, database: lab.database };
  const verify = (): Promise<WorldVerdict> => verifyWorld({ session, world, worlds, bundle });
  assert.equal((await verify()).tag, 'verified');

  const pages = new ForgedTable(database, 'op_page');
  const [row] = pages.rows;
  assert.equal(pages.rows.length, 2);
  for (const { name } of columnsOf('op_page')) {
    const forged = { ...row!, [name]: otherValue(row![name as keyof typeof row]) };
    await pages.exchange(row, forged);
    const verdict = await verify();
    await pages.exchange(forged, row);
    assert.ok(verdict.tag === 'broken' && verdict.row, `${name} is not found`);
    assert.equal(verdict.row.table, 'op_page', JSON.stringify(verdict));
    if (name !== 'pageId') assert.equal(verdict.row.column, inSql(name));
  }
  await pages.exchange(row, undefined);
  const missing = await verify();
  await pages.exchange(undefined, row);
  assert.ok(missing.tag === 'broken' && missing.row?.what === 'missing');

  const paged = new ForgedTable(database, 'paged_log');
  const [log] = paged.rows;
  await paged.exchange(log, undefined);
  const headless = await verify();
  await paged.exchange(undefined, log);
  assert.ok(headless.tag === 'broken' && headless.row?.table === 'paged_log');
  // As if maintenance had still to cut a history of 0.1.0, which this is not.
  const behind = { ...log!, pages: 0, pagedSeq: 0 };
  await paged.exchange(log, behind);
  const uncut = await verify();
  await paged.exchange(behind, log);
  assert.ok(uncut.tag === 'broken' && uncut.row?.table === 'paged_log', JSON.stringify(uncut));
  assert.equal((await verify()).tag, 'verified');
});
