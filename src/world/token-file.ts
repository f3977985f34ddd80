import { identityOf } from '../host/identity.ts';
import type { StoredIdentity } from './identities.ts';
import { readPrivately } from './private-file.ts';
import { WorldError } from './world-error.ts';

/**
 * Reads an identity of one's own from a file that holds its token, alone or as `{"token": …}`. Others
 * must not be able to read the file. Throws `WorldError` `bad_token`; no message has the token in it.
 */
export async function readTokenFile(file: string): Promise<StoredIdentity> {
  const token = tokenIn(await readPrivately(file));
  const identity = token === undefined ? undefined : identityIn(token);
  if (token === undefined || identity === undefined) {
    throw new WorldError('bad_token', `${file} holds no token of an identity`);
  }
  return { identity, token };
}

const MOST_CHARACTERS = 64 * 1024;
function tokenIn(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MOST_CHARACTERS) return undefined;
  if (!trimmed.startsWith('{')) return trimmed;
  const { token } = (jsonIn(trimmed) ?? {}) as { readonly token?: unknown };
  return typeof token === 'string' ? token : undefined;
}

/** Whom a token is for, as SpacetimeDB tells: by its issuer and its subject. */
function identityIn(token: string): string | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const claims = jsonIn(Buffer.from(parts[1]!, 'base64url').toString('utf8')) ?? {};
  const { iss, sub } = claims as { readonly iss?: unknown; readonly sub?: unknown };
  return typeof iss === 'string' && typeof sub === 'string' ? identityOf(iss, sub) : undefined;
}

function jsonIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
