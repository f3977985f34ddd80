import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Credentials } from './client-session.ts';
import type { Clock } from './clock.ts';
import { DatabaseError } from './database-error.ts';
import { writeDurably } from './durable-file.ts';
import { identityOf } from './identity.ts';

const ISSUER = 'localhost';
const WEBSOCKET_TOKEN_SECONDS = 60;

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly exp?: number | null;
}

/** Signs and checks the tokens by which clients say who they are, as a standalone server does. */
export class TokenAuthority {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #clock: Clock;

  constructor(privateKeyPem: string, clock: Clock) {
    this.#privateKey = createPrivateKey(privateKeyPem);
    this.#publicKey = createPublicKey(this.#privateKey);
    this.#clock = clock;
  }

  /** Reads the signing key of a home, or makes one that only this user can read. */
  static open(directory: string, clock: Clock): TokenAuthority {
    const file = path.join(directory, 'signing-key.pem');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    try {
      return new TokenAuthority(readFileSync(file, 'utf8'), clock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const pem = newSigningKey();
    writeDurably(file, pem);
    return new TokenAuthority(pem, clock);
  }

  /** A new identity, with the token that proves it. */
  issue(): Credentials {
    return this.#sign({ iss: ISSUER, sub: randomUUID(), aud: ['spacetimedb'] }, null);
  }

  /** A token for the same identity that is good for a minute: it travels in an address. */
  shortLived(credentials: Credentials): Credentials {
    const claims = JSON.parse(credentials.claims) as Claims & Record<string, unknown>;
    return this.#sign(claims, WEBSOCKET_TOKEN_SECONDS);
  }

  /** Who a token proves its bearer to be. Throws `bad_token`. */
  check(token: string): Credentials {
    const [header = '', payload = '', signature = '', more] = token.split('.');
    const signed = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const claims = more === undefined ? decodeJson(payload) : null;
    if (
      !isClaims(claims) ||
      (decodeJson(header) as { alg?: unknown } | null)?.alg !== 'ES256' ||
      !verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        signed,
        Buffer.from(signature, 'base64url'),
      )
    ) {
      throw new DatabaseError('bad_token', 'the token was not issued by this host');
    }
    if (typeof claims.exp === 'number' && claims.exp < this.#nowSeconds()) {
      throw new DatabaseError('bad_token', 'the token has expired');
    }
    return {
      identity: identityOf(claims.iss, claims.sub),
      token,
      claims: Buffer.from(payload, 'base64url').toString('utf8'),
    };
  }

  #sign(claims: Claims & Record<string, unknown>, lifetimeSeconds: number | null): Credentials {
    const identity = identityOf(claims.iss, claims.sub);
    const iat = this.#nowSeconds();
    const exp = lifetimeSeconds === null ? null : iat + lifetimeSeconds;
    const payload = JSON.stringify({ hex_identity: identity, ...claims, iat, exp });
    const signed = `${encodeJson('{"typ":"JWT","alg":"ES256"}')}.${encodeJson(payload)}`;
    const signature = sign('sha256', Buffer.from(signed), {
      key: this.#privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return { identity, token: `${signed}.${signature.toString('base64url')}`, claims: payload };
  }

  #nowSeconds(): number {
    return Number(this.#clock.nowMicros() / 1_000_000n);
  }
}

/** A private key for ES256, as PEM. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function encodeJson(json: string): string {
  return Buffer.from(json).toString('base64url');
}

function decodeJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    // Not JSON: not a token, which the caller says.
    return null;
  }
}

function isClaims(value: unknown): value is Claims {
  const claims = value as Partial<Claims> | null;
  return typeof claims?.iss === 'string' && typeof claims.sub === 'string';
}
