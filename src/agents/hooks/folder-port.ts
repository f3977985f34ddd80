/** What hooks need of whoever keeps the agent's folder in step; all of it does nothing where nobody does. */
export interface FolderPort {
  /** Turns of the agent began or ended. */
  turnsChanged(): Promise<void>;
  /** What others did to a file is on disk afterwards, by its path in the world. */
  bring(path: string): Promise<void>;
  /** A tool is about to write: nothing is put there until `take`, or for some seconds. */
  writing(path: string, made?: WholeText): Promise<void>;
  /** A tool is done with a file: what it wrote is in the world now, as far as that is told. */
  take(path: string): Promise<TakenWrite | undefined>;
}

/** A whole text that a tool will write. */
export interface WholeText {
  readonly text: string;
  /** The version of the file that it is made on. */
  readonly fileId: number;
  readonly version: number;
}

/** What became of what a tool wrote. */
export type TakenWrite =
  | { readonly tag: 'taken' | 'nothing' | 'renamed' | 'twin' | 'blocked' | 'strayed' }
  /** It puts old text back over others' work, and waits for an answer. */
  | { readonly tag: 'waits' }
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  /** `copy`: a file that has what was not taken; empty for none. */
  | {
      readonly tag: 'refused';
      readonly code: string;
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
      readonly copy?: string;
    };
