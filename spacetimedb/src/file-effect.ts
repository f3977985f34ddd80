import type { ContentPayload, ModePayload, ResolvePayload } from '../../src/core/op-payload.ts';
import { contentColumns } from './file-content.ts';
import { countInFolders, deletedKey, keyOf } from './paths.ts';
import type { Database, Row } from './world.ts';

/** What an op does to a file beside changes of its text. */
export type FileEffect =
  | { readonly kind: 'rename'; readonly path: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'restore'; readonly path: string }
  | ({ readonly kind: 'mode' } & ModePayload)
  | {
      readonly kind: 'content';
      readonly content: ContentPayload;
      readonly contentHash: Uint8Array;
    };

/** The head after an effect; folders are counted anew. The row itself is the caller's to write. */
export function headAfter(
  db: Database,
  head: Row<'file_head'>,
  effect: FileEffect,
): Row<'file_head'> {
  switch (effect.kind) {
    case 'rename':
      countInFolders(db, head.path, -1);
      countInFolders(db, effect.path, 1);
      return { ...head, path: effect.path, pathKey: keyOf(db, effect.path) };
    case 'delete':
      countInFolders(db, head.path, -1);
      return { ...head, deleted: true, pathKey: deletedKey(head.fileId) };
    case 'restore':
      countInFolders(db, effect.path, 1);
      return { ...head, deleted: false, path: effect.path, pathKey: keyOf(db, effect.path) };
    case 'mode': {
      const { mode, eol, bom } = effect;
      return { ...head, mode, eol, bom };
    }
    case 'content': {
      const version = head.version + 1;
      const { content, contentHash } = effect;
      const columns = contentColumns(content);
      return { ...head, ...columns, version, contentHash, snapshotVersion: version };
    }
  }
}

/** The effect as the payload of a `resolve` op tells it. */
export function effectPayload(
  effect: FileEffect,
  head: Row<'file_head'>,
): NonNullable<ResolvePayload['effect']> {
  switch (effect.kind) {
    case 'delete':
      return { kind: 'delete', path: head.path };
    case 'content':
      return { kind: 'content', content: effect.content };
    case 'rename':
    case 'restore':
    case 'mode':
      return effect;
  }
}
