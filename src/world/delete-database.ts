import { askServer, describeServer } from './server-request.ts';
import { WorldError } from './world-error.ts';

export interface DeleteOptions {
  /** Base address of the server. */
  readonly uri: string;
  /** The publisher's. */
  readonly token: string;
  readonly database: string;
  readonly signal?: AbortSignal;
}

/**
 * Deletes a database of one's own for good; one that is gone already is as well. Throws `WorldError`
 * `refused`, `bad_token`, `unreachable` or `cancelled`.
 */
export async function deleteDatabase(options: DeleteOptions): Promise<void> {
  const { uri, token, database, signal } = options;
  const answer = await askServer({
    uri,
    path: `v1/database/${encodeURIComponent(database)}`,
    method: 'DELETE',
    token,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status === 200 || answer.status === 404) return;
  if (answer.status === 401) {
    throw new WorldError('bad_token', `${describeServer(uri)} does not accept your identity`);
  }
  const words = answer.text.slice(0, 500);
  throw new WorldError('refused', `${describeServer(uri)} did not delete ${database}: ${words}`);
}
