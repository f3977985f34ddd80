export type DatabaseErrorCode =
  | 'bad_arguments'
  | 'bad_module'
  | 'bad_name'
  | 'bad_token'
  | 'closed'
  | 'crashed'
  | 'damaged'
  | 'forbidden'
  | 'migration_refused'
  | 'no_such_database'
  | 'no_such_function'
  | 'rejected'
  | 'storage_failed';

/** An expected failure of a database or of the engine; the message is for a person. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
  }
}
