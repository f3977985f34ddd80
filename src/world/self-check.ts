import { askHello, checkProtocol, type HelloQuestion, notOurs } from './hello.ts';
import { askServer, describeServer } from './server-request.ts';
import { WorldError } from './world-error.ts';
import type { Member, Workspace } from './world-rows.ts';

/** What the base subscription showed. */
export interface FirstSight {
  readonly database: string;
  readonly workspaces: readonly Workspace[];
  readonly self: Member | undefined;
}

/**
 * Looks whether what answered is a world this client can work in: bindings that do not fit the
 * module would otherwise show an empty world and no error. Returns its workspace, or what is wrong.
 */
export function checkWorld({ database, workspaces, self }: FirstSight): Workspace | WorldError {
  const workspace = workspaces[0];
  if (workspace === undefined || workspaces.length > 1) {
    return new WorldError(
      'not_a_world',
      `The database ${database} answers, but not as a world: it has ${workspaces.length} workspace rows`,
    );
  }
  const mismatch = checkProtocol(workspace.protocolVersion);
  if (mismatch) return mismatch;
  if (self === undefined) {
    return new WorldError('not_a_world', `The world ${database} let us in, but names us nowhere`);
  }
  return self.removed ? removedError(database) : workspace;
}

/**
 * Asks the world's `hello` route why a connection was dropped. Undefined when it sees no reason:
 * then it was the network. Throws `WorldError` `unreachable`.
 */
export async function askWhyRejected(question: HelloQuestion): Promise<WorldError | undefined> {
  const { database } = question;
  const hello = await askHello(question);
  if (hello === 404) return explainMissing(question);
  if (typeof hello === 'number') return undefined;
  const mismatch = checkProtocol(hello.protocolVersion);
  if (mismatch) return mismatch;
  if (hello.importing) {
    const message = `The world ${database} is being restored; it can be opened once that is done`;
    return new WorldError('importing', message);
  }
  if (hello.removed) return removedError(database);
  if (hello.isMember !== false) return undefined;
  return new WorldError(
    'not_a_member',
    `You are not a member of the world ${database}; ask one of its owners for an invite`,
  );
}

/** Nothing there: no such world, a database without our routes, or an address that is out of date. */
async function explainMissing({ uri, database }: HelloQuestion): Promise<WorldError | undefined> {
  const server = await askServer({ uri, path: 'v1/ping', method: 'GET' });
  if (server.status !== 200) return undefined;
  const path = `v1/database/${encodeURIComponent(database)}`;
  const found = await askServer({ uri, path, method: 'GET' });
  return found.status === 200 ? notOurs(database) : noSuchWorld(uri, database);
}

/** What an HTTP status in place of a connection means; undefined when trying again makes sense. */
export function refusalByStatus(
  status: number | undefined,
  uri: string,
  database: string,
): WorldError | undefined {
  if (status === 404) return noSuchWorld(uri, database);
  if (status === 400 || status === 401) {
    return new WorldError(
      'bad_token',
      `${describeServer(uri)} does not accept your identity there; it may have new keys`,
    );
  }
  return undefined;
}

function noSuchWorld(uri: string, database: string): WorldError {
  return new WorldError('no_such_world', `There is no world ${database} at ${describeServer(uri)}`);
}

function removedError(database: string): WorldError {
  return new WorldError('removed', `You were removed from the world ${database}`);
}
