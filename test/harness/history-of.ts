import { opRecordOf } from '../../src/world/world-rows.ts';
import type { WorldHistory } from '../../src/world/world-history.ts';
import type { WorldRows } from '../unit/module/test-world.ts';

/** The history of a world that runs in a test, as it is whenever it is read. */
export function historyOf(world: WorldRows): WorldHistory {
  const ops = () => world.rows('file_op').map(opRecordOf);
  return {
    // oxlint-disable-next-line typescript/require-await
    async *ops() {
      yield ops();
    },
    partOf: (key) => world.rows('content_chunk').find(({ hash }) => hash === key),
    // oxlint-disable-next-line typescript/require-await
    async notes() {
      const all = ops();
      return { headSeq: all.length, notes: all.filter(({ kind }) => kind === 'note') };
    },
  };
}
