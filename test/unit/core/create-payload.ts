import { writePayload } from '../../../src/core/op-payload.ts';

/** What an op says that makes a text of so many lines. */
export function createPayload(lineCount: number): string {
  const content = {
    kind: 'text',
    eol: 'lf',
    bom: false,
    byteLength: 0,
    lineCount,
    parts: [],
  } as const;
  return writePayload('create', { path: 'a.md', mode: 'regular', content });
}
