/** Owns: which files a patch of a client's tool writes, and what of them. */
import path from 'node:path';
import { type FilePatch, parsePatch } from '../tools/patch.ts';
import type { FileToWrite, NativeWrite } from './hook-event.ts';

/** `cwd`: the folder against which the patch names files. Empty for what is no patch. */
export function patchWrites(patch: string, cwd: string): readonly FileToWrite[] {
  const parsed = parsePatch(patch);
  if (parsed.tag === 'bad') return [];
  return parsed.files.flatMap((file) => {
    const first = { file: path.resolve(cwd, file.path), write: writeOf(file) };
    const to = file.kind === 'update' ? file.to : undefined;
    if (to === undefined) return [first];
    return [first, { file: path.resolve(cwd, to), write: { kind: 'somewhere' } as const }];
  });
}

function writeOf(file: FilePatch): NativeWrite {
  if (file.kind === 'add') return { kind: 'whole', text: file.text };
  if (file.kind === 'delete') return { kind: 'somewhere' };
  const quotes = file.hunks.map(({ rows }) =>
    rows
      .filter(({ mark }) => mark !== '+')
      .map(({ text }) => text)
      .join('\n'),
  );
  return { kind: 'quotes', quotes: quotes.filter((quote) => quote !== '') };
}
