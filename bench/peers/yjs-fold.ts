import * as Y from 'yjs';
import type { PrepareFold } from '../src/subject.ts';

/** One update for each transaction, encoded beforehand; a fold applies them all to a new document. */
export const prepareYjsFold: PrepareFold = async (trace) => {
  const updates: Uint8Array[] = [];
  const author = new Y.Doc();
  const content = author.getText('text');
  author.on('update', (update) => updates.push(update));
  if (trace.startContent !== '') content.insert(0, trace.startContent);
  for (const { patches } of trace.transactions) {
    author.transact(() => {
      for (const { position, deletedCount, inserted } of patches) {
        if (deletedCount > 0) content.delete(position, deletedCount);
        if (inserted !== '') content.insert(position, inserted);
      }
    });
  }
  author.destroy();
  return () => {
    const reader = new Y.Doc();
    for (const update of updates) Y.applyUpdate(reader, update);
    const text = reader.getText('text').toJSON();
    reader.destroy();
    return text;
  };
};
