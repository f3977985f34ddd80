import type { Quotas } from '../core/quota.ts';
import { demandDone } from './demand-done.ts';
import { toHex } from '../core/hash.ts';
import type { PolicyMode } from '../core/policy.ts';
import { askServer, describeServer, jsonOf, type ServerAnswer } from './server-request.ts';
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

/** What publishing a module over that of a world would do. */
export interface PublishPlan {
  /** In the server's words. */
  readonly steps: string;
  /** Undefined where whoever is connected stays so; else what shows that one knows of it. */
  readonly breakingToken: string | undefined;
}

/**
 * Asks what publishing would do to a database of one's own. Throws `WorldError` `bad_module` with every
 * reason why it cannot be done, `name_taken`, `bad_token` or `unreachable`.
 */
export async function planPublish(options: PublishOptions): Promise<PublishPlan> {
  const answer = await send(options, 'POST', '/pre_publish?host_type=Js&style=NoColor');
  const { AutoMigrate: auto, ManualMigrate: manual } = jsonOf(answer) as MigrationAnswer;
  if (auto !== undefined) {
    const { migrate_plan: steps, break_clients: breaks, token } = auto;
    return { steps, breakingToken: breaks ? token : undefined };
  }
  throw notTaken(options.uri, manual?.reason ?? answer.text);
}

interface MigrationAnswer {
  readonly AutoMigrate?: {
    readonly migrate_plan: string;
    readonly break_clients: boolean;
    readonly token: string;
  };
  readonly ManualMigrate?: { readonly reason: string };
}

/**
 * Makes a database that runs the world module, or brings the module of one's own database up to
 * date; `breakingToken` is that of the plan, if it has one. Throws `WorldError` `name_taken`,
 * `bad_module`, `bad_token` or `unreachable`.
 */
export async function publishModule(
  options: PublishOptions,
  breakingToken?: string,
): Promise<'created' | 'updated'> {
  const policy =
    breakingToken === undefined
      ? ''
      : `&policy=BreakClients&token=${encodeURIComponent(breakingToken)}`;
  const answer = await send(options, 'PUT', `?host_type=Js${policy}`);
  const { Success: success } = jsonOf(answer);
  return (success as { op?: unknown } | undefined)?.op === 'updated' ? 'updated' : 'created';
}

async function send(
  { uri, token, database, bundle, signal }: PublishOptions,
  method: 'POST' | 'PUT',
  action: string,
): Promise<ServerAnswer> {
  const answer = await askServer({
    uri,
    path: `v1/database/${encodeURIComponent(database)}${action}`,
    method,
    token,
    body: { type: 'text/javascript', content: bundle },
    timeoutMs: PUBLISH_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status === 200) return answer;
  if (answer.status === 403) {
    const words = answer.text.slice(0, 500);
    throw new WorldError('name_taken', `${database} belongs to somebody else: ${words}`);
  }
  if (answer.status === 401) {
    throw new WorldError('bad_token', `${describeServer(uri)} does not accept your identity`);
  }
  throw notTaken(uri, answer.text);
}

function notTaken(uri: string, why: string): WorldError {
  const message = `${describeServer(uri)} did not take the module: ${why.slice(0, 500)}`;
  return new WorldError('bad_module', message);
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
  /** Where they are not the default ones. */
  readonly quotas?: Quotas;
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
  const { name, policyMode, lockPolicy, baseCommit, owner, quotas } = settings;
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
  if (answer.tag === 'done') {
    if (quotas) demandDone(await session.call('set_quotas', quotas));
    return;
  }
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
