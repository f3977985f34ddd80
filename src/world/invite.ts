import { createHash } from 'node:crypto';
import type { Capability, MemberKind, Role } from '../core/op-payload.ts';
import { toHex } from '../core/hash.ts';
import { Timestamp } from 'spacetimedb';
import { demandDone } from './demand-done.ts';
import { EMBEDDED } from './identities.ts';
import type { RandomBytes } from './uuid.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

/** A way into a world. The secret is what lets in: show it only to whom it is meant for. */
export interface Invite {
  /** `embedded` for this machine's own host, else the server's base address. */
  readonly server: string;
  readonly database: string;
  /** 64 hexadecimal digits. */
  readonly secret: string;
  /** Said so that a person does not take an agent's place; what counts is what the world knows. */
  readonly kind?: 'agent';
}

/** What an invite gives; an empty `pathScope` is the whole world. */
export interface InviteTerms {
  readonly kind: MemberKind;
  readonly role: Role;
  readonly capabilities: readonly Capability[];
  readonly pathScope: readonly string[];
  readonly uses: number;
  readonly expiresAtMs: number;
}

/** Makes an invite; the world learns only the secret's hash. Throws `WorldError` when it refuses. */
export async function createInvite(
  session: WorldSession,
  server: string,
  terms: InviteTerms,
  randomBytes: RandomBytes,
): Promise<Invite> {
  const secret = toHex(randomBytes(SECRET_BYTES));
  const answer = await session.call('create_invite', {
    secretHash: hashOfSecret(secret),
    role: terms.role,
    kind: terms.kind,
    capabilities: [...terms.capabilities],
    pathScope: [...terms.pathScope],
    expiresAt: new Timestamp(BigInt(Math.floor(terms.expiresAtMs)) * 1000n),
    uses: terms.uses,
  });
  demandDone(answer);
  const kind = terms.kind === 'agent' ? { kind: terms.kind } : {};
  return { server, database: session.database, secret, ...kind };
}

/** Takes an invite back; `unknown` when the world has none such any more. Throws `WorldError`. */
export async function revokeInvite(
  session: WorldSession,
  secret: string,
): Promise<'revoked' | 'unknown'> {
  const answer = await session.call('revoke_invite', { secretHash: hashOfSecret(secret) });
  if (answer.tag === 'refused' && answer.refusal.code === 'no_such_invite') return 'unknown';
  demandDone(answer);
  return 'revoked';
}

/**
 * Ends an invite by the name that the history has for it; `unknown` when it had ended already. Throws
 * `WorldError`: owners may end any, others their own.
 */
export async function endInvite(
  session: WorldSession,
  inviteId: string,
): Promise<'ended' | 'unknown'> {
  if (session.moduleLevel < ENDED_BY_NAME_LEVEL) {
    const why = 'the world runs an earlier module, which ends no invite by its name; upgrade it';
    throw new WorldError('refused', `upgrade_needed: ${why}`);
  }
  const answer = await session.call('end_invite', { inviteId });
  if (answer.tag === 'refused' && answer.refusal.code === 'no_such_invite') return 'unknown';
  demandDone(answer);
  return 'ended';
}

/** The name that the history has for an invite. */
export function historyNameOf({ secret }: Pick<Invite, 'secret'>): string {
  const name = createHash('sha256')
    .update(`invite ${hashOfSecret(secret)}`)
    .digest('hex');
  return name.slice(0, 32);
}

/** An invite as a link to send. */
export function formatInvite(invite: Invite): string {
  return linkTo('agent-world://join', invite);
}

/** An invite as a link that opens an editor with the extension in it. */
export function formatEditorLink(
  invite: Invite,
  editor: { readonly uriScheme: string; readonly extensionId: string },
): string {
  return linkTo(`${editor.uriScheme}://${editor.extensionId}/join`, invite);
}

/** An invite as a line for a terminal, in any shell. */
export function formatJoinCommand(invite: Invite): string {
  return `agent-world join "${formatInvite(invite)}"`;
}

/** Reads an invite in any of its forms. Throws `WorldError` `bad_invite`. */
export function parseInvite(text: string): Invite {
  const link = parseUrl(/^agent-world join "?([^"\s]+)/.exec(text.trim())?.[1] ?? text.trim());
  const match = link && /^join\/([^/]+)$/.exec(placeOf(link));
  const secret = link?.hash.slice(1) ?? '';
  if (!link || !match || !SECRET.test(secret)) throw notAnInvite();
  const server = link.searchParams.get('server');
  if (server !== null && !/^https?:$/.test(parseUrl(server)?.protocol ?? '')) throw notAnInvite();
  return {
    server: server === null ? EMBEDDED : withFinalSlash(server),
    database: decodeURIComponent(match[1]!),
    secret,
    ...(link.searchParams.get('for') === 'agent' ? { kind: 'agent' } : {}),
  };
}

/** The first module level that knows invites by the names that the history has for them. */
const ENDED_BY_NAME_LEVEL = 2;
const EXTENSION_ID = /^[\w-]+\.[\w-]+$/;
const SECRET_BYTES = 32;
const SECRET = /^[0-9a-f]{64}$/;

function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function withFinalSlash(uri: string): string {
  return uri.endsWith('/') ? uri : `${uri}/`;
}

function linkTo(place: string, { server, database, secret, kind }: Invite): string {
  const link = new URL(`${place}/${encodeURIComponent(database)}`);
  if (server !== EMBEDDED) link.searchParams.set('server', server);
  if (kind === 'agent') link.searchParams.set('for', kind);
  // Behind the hash: what opens links keeps it out of its own logs.
  link.hash = secret;
  return link.href;
}

/** `join/DATABASE`, for the command line or for whichever editor the extension is in. */
function placeOf({ protocol, host, pathname }: URL): string {
  if (protocol === 'agent-world:') return `${host}${pathname}`;
  const isEditor = !/^https?:$/.test(protocol) && EXTENSION_ID.test(host);
  return isEditor ? pathname.slice(1) : '';
}

function notAnInvite(): WorldError {
  return new WorldError('bad_invite', 'That is not an invite to a world');
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
