import { toHex } from '../core/hash.ts';
import type { PolicyMode } from '../core/policy.ts';
import { askServer, describeServer, jsonOf } from './server-request.ts';
import type { RandomBytes } from './uuid.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

export interface PublishOptions {
  /** Base address of the embedded host or of a SpacetimeDB server. */
  readonly uri: string;
  /** The publisher's; they become the world's owner. */
  readonly token: string;
  /** Lower-case letters, digits and dashes. */
  readonly database: string;
  /** The world module, as `dist/module.js` holds it. */
  readonly bundle: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
}

/**
 * Makes a database that runs the world module, or brings the module of one's own database up to
 * date. Throws `WorldError` `name_taken`, `bad_module`, `bad_token` or `unreachable`.
 */
export async function publishModule(options: PublishOptions): Promise<'created' | 'updated'> {
  const { uri, token, database, bundle, signal } = options;
  const answer = await askServer({
    uri,
    path: `v1/database/${encodeURIComponent(database)}?host_type=Js`,
    method: 'PUT',
    token,
    body: { type: 'text/javascript', content: bundle },
    timeoutMs: PUBLISH_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status === 200) {
    const { Success: success } = jsonOf(answer);
    return (success as { op?: unknown } | undefined)?.op === 'updated' ? 'updated' : 'created';
  }
  const words = answer.text.slice(0, 500);
  if (answer.status === 403) {
    throw new WorldError('name_taken', `${database} belongs to somebody else: ${words}`);
  }
  if (answer.status === 401) {
    throw new WorldError('bad_token', `${describeServer(uri)} does not accept your identity`);
  }
  throw new WorldError('bad_module', `${describeServer(uri)} did not take the module: ${words}`);
}

/** How a person is named in a world and in git. */
export interface Profile {
  readonly displayName: string;
  readonly gitName: string;
  readonly gitEmail: string;
  /** As a CSS colour; empty lets the world choose. */
  readonly color: string;
}

export interface WorldSettings {
  readonly name: string;
  readonly policyMode: PolicyMode;
  readonly lockPolicy: 'enforce' | 'advise';
  readonly baseCommit: string | undefined;
  readonly owner: Profile;
}

/**
 * Gives a world that was just published its name and its epoch; one that has them stays as it is.
 * Throws `WorldError`.
 */
export async function configureWorld(
  session: WorldSession,
  settings: WorldSettings,
  randomBytes: RandomBytes,
): Promise<void> {
  const { name, policyMode, lockPolicy, baseCommit, owner } = settings;
  await session.whenOnline();
  if (session.workspace?.worldEpoch) return;
  const answer = await session.call('configure_world', {
    name,
    policyMode,
    lockPolicy,
    baseCommit,
    limits: '',
    worldEpoch: toHex(randomBytes(EPOCH_BYTES)),
    ...owner,
  });
  if (answer.tag === 'done') return;
  // Another window of the same person was quicker.
  if (answer.tag === 'refused' && answer.refusal.code === 'already_configured') return;
  const reason = answer.tag === 'refused' ? answer.refusal.message : answer.why;
  throw new WorldError('refused', `The new world could not be set up: ${reason}`);
}

/** A database name for a folder: readable, and unlikely to meet another. */
export function databaseNameFor(folderName: string, randomBytes: RandomBytes): string {
  const slug = folderName
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  return `${slug === '' ? 'world' : slug}-${toHex(randomBytes(4))}`;
}

const PUBLISH_TIMEOUT_MS = 120_000;
const EPOCH_BYTES = 32;
