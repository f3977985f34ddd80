/** What a client is told to start as the agent's server. */
export interface ServerEntry {
  /** Absolute: clients give a server a path of their own, or none. */
  readonly command: string;
  readonly args: readonly string[];
}

/** How a client is told of a server: by its own command, or in a file that is merged. */
export type Configuration =
  | {
      /**
       * Its command keeps all else in its file as it is. Arguments behind the program's name; it runs in
       * `folder`, for which alone the entry holds where the client can do that.
       */
      readonly tag: 'command';
      /** Which file it changes, below the user's home. */
      readonly files: readonly string[];
      readonly add: (name: string, entry: ServerEntry) => readonly string[];
      readonly remove: (name: string) => readonly string[];
      /** Ends with 0 where the client has a server of that name, and tells its arguments. */
      readonly show: (name: string) => readonly string[];
    }
  | {
      /** Its command would drop comments or change the form of the file: ours changes one entry only. */
      readonly tag: 'file';
      /** Below the user's home; of several the first that is there, else the last. */
      readonly files: readonly string[];
      /** Where the entries are, from the file's root. */
      readonly at: readonly string[];
      readonly value: (entry: ServerEntry) => unknown;
    };

/** A program in which an agent works. */
export interface AgentClient {
  readonly id: string;
  /** Its name, as its makers write it. */
  readonly title: string;
  /** The program, as it is found on the path. */
  readonly program: string;
  readonly configuration: Configuration;
  /** What users set to have a folder of their home elsewhere. */
  readonly moved?: { readonly variable: string; readonly folder: string };
  /** Where it reads what a user tells all its agents, below the user's home; undefined where nowhere. */
  readonly rules?: string;
  /** What only the person can do, in one sentence; undefined where nothing is. */
  readonly consent?: string;
}
