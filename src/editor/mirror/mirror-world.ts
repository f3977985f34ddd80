import type { Changes } from '../../core/change.ts';
import type { FileAt } from '../../world/file-reader.ts';
import { readFile } from '../../world/file-reader.ts';
import { batchArguments } from '../../world/file-feed.ts';
import type { ReducerArguments, ReducerName } from '../../world/bindings.ts';
import type { FileContent } from '../../world/text-format.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';

/** What the world said to an op of the mirror. */
export type Verdict =
  | { readonly tag: 'applied' }
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  | { readonly tag: 'refused'; readonly code: string; readonly message: string };

export type FileMode = FileHead['mode'];

/** What the mirror needs of a world. Calls wait for the connection; they end with `signal`. */
export interface MirrorWorld {
  /** Deleted files included. */
  files(): Iterable<FileHead>;
  file(fileId: number): FileHead | undefined;
  /** The living file at a path. */
  fileAt(path: string): FileHead | undefined;
  read(fileId: number, version?: number): Promise<FileAt>;
  edit(fileId: number, baseVersion: number, changes: Changes): Promise<Verdict>;
  replaceContent(fileId: number, baseVersion: number, content: FileContent): Promise<Verdict>;
  setMode(file: FileHead, format: Pick<FileHead, 'mode' | 'eol' | 'bom'>): Promise<Verdict>;
  create(path: string, mode: FileMode, content: FileContent): Promise<Verdict>;
  remove(fileId: number, baseVersion: number): Promise<Verdict>;
  rename(file: FileHead, path: string): Promise<Verdict>;
}

/**
 * A session as the mirror sees it. What it finds on disk is sent as the member's own work: a folder
 * belongs to one person, and who of their tools wrote a file cannot be told.
 */
export function mirrorWorldOf(
  session: WorldSession,
  newId: () => string,
  signal: AbortSignal,
): MirrorWorld {
  const author = '';
  const deliver = <Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
    opId: string,
  ): Promise<Verdict> => judged(session, name, args, opId, signal);
  return {
    files: () => session.view.files.values(),
    file: (fileId) => session.view.files.get(fileId),
    fileAt: (path) => session.view.fileAt(path),
    async read(fileId, version) {
      const link = await session.whenOnline(signal);
      return readFile(link, session.view, fileId, version);
    },
    edit(fileId, expectedBaseVersion, changes) {
      const opId = newId();
      const op = {
        opId,
        fileId,
        expectedBaseVersion,
        intent: 'patch' as const,
        author,
        carriedFrom: 0,
        overlaps: [],
        rangeHashes: [],
        changes,
      };
      const batch = { batchId: newId(), extends: 0, ops: [op] };
      return deliver('apply_file_ops', batchArguments(batch), opId);
    },
    replaceContent(fileId, expectedBaseVersion, content) {
      const opId = newId();
      const args = { opId, author, fileId, expectedBaseVersion, content: contentRow(content) };
      return deliver('replace_content', args, opId);
    },
    setMode({ fileId, version }, { mode, eol, bom }) {
      const opId = newId();
      const args = { opId, author, fileId, expectedBaseVersion: version, mode, eol, bom };
      return deliver('set_file_mode', args, opId);
    },
    create(path, mode, content) {
      const opId = newId();
      const file = { opId, path, mode, content: contentRow(content) };
      return deliver('create_file', { author, file }, opId);
    },
    remove(fileId, expectedBaseVersion) {
      const opId = newId();
      return deliver('delete_file', { opId, author, fileId, expectedBaseVersion }, opId);
    },
    rename({ fileId, path: fromPath, version: expectedBaseVersion }, path) {
      const opId = newId();
      const args = { opId, author, fileId, expectedBaseVersion, fromPath, path };
      return deliver('rename_file', args, opId);
    },
  };
}

async function judged<Name extends ReducerName>(
  session: WorldSession,
  name: Name,
  args: ReducerArguments<Name>,
  opId: string,
  signal: AbortSignal,
): Promise<Verdict> {
  const answer = await session.deliver(name, args, [opId], signal);
  switch (answer.tag) {
    case 'judged': {
      const ticketed = answer.outcomes.find((outcome) => outcome.ticketId > 0);
      return ticketed ? { tag: 'ticketed', ticketId: ticketed.ticketId } : { tag: 'applied' };
    }
    case 'refused':
      return { tag: 'refused', code: answer.refusal.code, message: answer.refusal.message };
    case 'unanswered':
      throw new MirrorStopped();
  }
}

/** The mirror was stopped while it waited. */
export class MirrorStopped extends Error {
  constructor() {
    super('the mirror was stopped');
    this.name = 'MirrorStopped';
  }
}

function contentRow(content: FileContent): ReducerArguments<'replace_content'>['content'] {
  return content.kind === 'text'
    ? { ...content, bytes: new Uint8Array() }
    : { kind: 'binary', eol: 'lf', bom: false, text: '', bytes: content.bytes };
}
