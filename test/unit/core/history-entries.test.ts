import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultRanges } from '../../../src/core/change.ts';
import { summaryOf } from '../../../src/core/history-entries.ts';
import type { OpRecord } from '../../../src/core/op.ts';
import { Text } from '../../../src/core/text.ts';
import { restoreChanges } from '../../../src/world/restore-version.ts';

for (const [name, now, then, line] of [
  ['that had gone', 'a\nb\nc\n', 'a\nX\nb\nc\n', 1],
  ['that was another', 'a\nb\nc\n', 'a\nX\nc\n', 1],
  ['behind all others', 'a\nb\n', 'a\nb\nX\n', 2],
] as const) {
  test(`the history names one line where one line ${name} was restored`, () => {
    const lines = { firstLine: line, lastLine: line, side: 'then' } as const;
    const changes = restoreChanges(Text.of(now), Text.of(then), lines);
    const ranges = resultRanges(changes);
    const op = {
      kind: 'edit',
      madeAtMicros: 0n,
      changes,
      firstLine: ranges[0]!.start.line,
      lastLine: ranges.at(-1)!.end.line,
    } as OpRecord;
    const { firstLine, lastLine } = summaryOf(op);
    assert.deepEqual([firstLine, lastLine], [line, line], JSON.stringify(changes));
  });
}
