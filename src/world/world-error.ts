/** Stable codes of what can go wrong between a client and a world. */
export type WorldErrorCode =
  /** The server does not answer. */
  | 'unreachable'
  /** The server answered, but not as a SpacetimeDB server would. */
  | 'bad_answer'
  | 'no_such_world'
  /** There is a database by that name, but it is not a world of ours. */
  | 'not_a_world'
  | 'protocol_mismatch'
  /** What the world sends has another form than this version knows: its module is of a later one. */
  | 'unreadable'
  | 'not_a_member'
  | 'removed'
  /** The server does not accept the identity's token. */
  | 'bad_token'
  | 'bad_invite'
  /** The world refuses the call; the message names its own code. */
  | 'refused'
  /** The server does not accept a query of ours. */
  | 'query_refused'
  | 'no_such_file'
  /** The file is not a text. */
  | 'not_text'
  /** It changes while it is read, every time. */
  | 'busy'
  /** What the world holds does not fit together. */
  | 'damaged'
  | 'name_taken'
  /** The folder is inside of another world's, or has one inside. */
  | 'nested_folder'
  | 'bad_module'
  | 'bad_home'
  /** The world is being restored from an archive. */
  | 'importing'
  /** The file is no whole, right archive of a world. */
  | 'bad_archive'
  /** The session was closed by its owner. */
  | 'closed'
  | 'cancelled';

/** An expected failure: `code` is for programs, `message` for the person who reads it. */
export class WorldError extends Error {
  readonly code: WorldErrorCode;

  constructor(code: WorldErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorldError';
    this.code = code;
  }
}
