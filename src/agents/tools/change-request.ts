import type { NamedBase } from './grounds.ts';
import type { LineEdit } from './line-edits.ts';
import type { QuoteEdit } from './quotes.ts';

/** Replaces what is quoted of a file. */
export interface QuoteRequest extends NamedBase {
  readonly path: string;
  /** All or none of them are made. */
  readonly edits: readonly QuoteEdit[];
}

/** Replaces lines of a file. */
export interface LinesRequest extends NamedBase {
  readonly path: string;
  readonly edits: readonly LineEdit[];
}

/** Makes a file read so, whether or not it is there. */
export interface WriteRequest extends NamedBase {
  readonly path: string;
  readonly text: string;
}

export interface CreateRequest {
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean | undefined;
}

/** Gives a file, or all files of a folder, another path. */
export interface RenameRequest {
  readonly path: string;
  readonly to: string;
}

export interface DeleteRequest extends NamedBase {
  readonly path: string;
}

export interface ModeRequest {
  readonly path: string;
  readonly executable: boolean;
}

/** A unified diff, or a patch between `*** Begin Patch` and `*** End Patch`; of one file or several. */
export interface PatchRequest {
  readonly patch: string;
}

/** One of several changes that are made together. */
export type ChangeRequest =
  | ({ readonly kind: 'quotes' } & QuoteRequest)
  | ({ readonly kind: 'lines' } & LinesRequest)
  | ({ readonly kind: 'write' } & WriteRequest)
  | ({ readonly kind: 'create' } & CreateRequest)
  | ({ readonly kind: 'rename' } & RenameRequest)
  | ({ readonly kind: 'delete' } & DeleteRequest)
  | ({ readonly kind: 'mode' } & ModeRequest)
  | ({ readonly kind: 'patch' } & PatchRequest);

/** All of it is done, or nothing; where others were in the way all of it waits in one ticket. */
export interface ChangesRequest {
  readonly changes: readonly ChangeRequest[];
}
