import { ArchiveWriter } from '../../src/core/log-archive.ts';
import { opRecordOf } from '../../src/world/world-rows.ts';
import type { WorldRows } from '../unit/module/test-world.ts';

/** The archive of a world that runs in a test. */
export function archiveOf(world: WorldRows): Buffer {
  const writer = new ArchiveWriter();
  const parts = world.rows('content_chunk').map((part) => writer.part(part.hash, part));
  const ops = world.rows('file_op').map((row) => writer.op(opRecordOf(row)));
  return Buffer.concat([writer.start(), ...parts, ...ops, writer.end()]);
}
