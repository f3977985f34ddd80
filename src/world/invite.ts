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
  return { server, database: session.database, secret };
}

/** Takes an invite back. True when the world knew it. */
export async function revokeInvite(session: WorldSession, secret: string): Promise<boolean> {
  const answer = await session.call('revoke_invite', { secretHash: hashOfSecret(secret) });
  return answer.tag === 'done';
}

/** An invite as a link to send. */
export function formatInvite({ server, database, secret }: Invite): string {
  const link = new URL(`agent-world://join/${encodeURIComponent(database)}`);
  if (server !== EMBEDDED) link.searchParams.set('server', server);
  // Behind the hash: what opens links keeps it out of its own logs.
  link.hash = secret;
  return link.href;
}

/** Reads a link that `formatInvite` made. Throws `WorldError` `bad_invite`. */
export function parseInvite(text: string): Invite {
  const link = parseUrl(text.trim());
  const match = link && /^\/?(?:join\/)?([^/]+)$/.exec(link.pathname);
  const secret = link?.hash.slice(1) ?? '';
  if (link?.protocol !== 'agent-world:' || !match || !SECRET.test(secret)) {
    throw new WorldError('bad_invite', 'That is not an invite to a world');
  }
  const server = link.searchParams.get('server');
  return {
    server: server === null ? EMBEDDED : withFinalSlash(server),
    database: decodeURIComponent(match[1]!),
    secret,
  };
}

const SECRET_BYTES = 32;
const SECRET = /^[0-9a-f]{64}$/;

function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function withFinalSlash(uri: string): string {
  return uri.endsWith('/') ? uri : `${uri}/`;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
