import type { Owner } from '../contract/engine-http.ts';
import { jsonFields } from '../world/json-fields.ts';
import { askServer, describeServer } from '../world/server-request.ts';
import { readTokenFile } from '../world/token-file.ts';
import { WorldError } from '../world/world-error.ts';
import { otherProgram } from './recognize-server.ts';

/**
 * An identity that is used once and kept nowhere, or else the one of a file, if the server takes it.
 * Throws `WorldError` `bad_token`, `bad_answer` or `unreachable`.
 */
export async function probeIdentity(
  uri: string,
  tokenFile: string | undefined,
  signal: AbortSignal,
): Promise<Owner> {
  if (tokenFile === undefined) return throwAwayIdentity(uri, signal);
  const owner = await readTokenFile(tokenFile);
  const path = 'v1/identity/websocket-token';
  const answer = await askServer({ uri, path, method: 'POST', token: owner.token, signal });
  if (answer.status === 200) return owner;
  throw new WorldError(
    'bad_token',
    `${describeServer(uri)} does not accept the token in ${tokenFile} (status ${answer.status})`,
  );
}

async function throwAwayIdentity(uri: string, signal: AbortSignal): Promise<Owner> {
  const answer = await askServer({ uri, path: 'v1/identity', method: 'POST', signal });
  if (answer.status === 401 || answer.status === 403) {
    throw new WorldError(
      'bad_token',
      `${describeServer(uri)} gives nobody an identity; name one of yours: --token-file FILE`,
    );
  }
  const { identity, token } = jsonFields(answer.text);
  if (answer.status !== 200 || typeof identity !== 'string' || typeof token !== 'string') {
    throw otherProgram(uri, `it made no identity (status ${answer.status})`);
  }
  return { identity, token };
}
