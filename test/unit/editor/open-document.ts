import type { Changes } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import type { DocumentPort } from '../../../src/editor/document-port.ts';
import type { DocumentChange } from '../../../src/sync/ports.ts';

/** A document whose user and disk are the test. */
export function openDocument(content: string, isDirty = false) {
  let text = content;
  let version = 1;
  const listeners: ((event: DocumentChange) => void)[] = [];
  const tell = (changes: Changes, cause: DocumentChange['cause'], doubt?: number): void => {
    version += 1;
    for (const listener of listeners) listener({ version, changes, cause, doubt });
  };
  const port = {
    document: { isDirty },
    text: () => text,
    onChange(listener: (event: DocumentChange) => void) {
      listeners.push(listener);
      return () => undefined;
    },
  } as unknown as DocumentPort;
  return {
    port,
    type(line: number, character: number, inserted: string, doubt?: number) {
      const place = { startLine: line, startCharacter: character };
      const changes = [{ ...place, endLine: line, endCharacter: character, text: inserted }];
      text = Text.of(text).apply(changes).toString();
      tell(changes, 'edit', doubt);
    },
    load(loaded: string) {
      text = loaded;
      tell([], 'disk');
    },
  };
}
