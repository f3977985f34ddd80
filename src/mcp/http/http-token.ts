/** Owns: the secret by which an agent's clients reach its server over HTTP. It is never told, only its file. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { agentIdentityName } from '../../agents/agent-identity.ts';
import { readPrivately, writeUnlessThere } from '../../world/private-file.ts';
import { WorldError } from '../../world/world-error.ts';

export interface HttpToken {
  /** Absolute; only its owner can read it, and it holds the token and nothing else. */
  readonly file: string;
  /** Whether an `Authorization` header has it. How long that takes tells nothing of the token. */
  matches(authorization: string | undefined): boolean;
}

/**
 * The token of an agent on this machine; makes it the first time. Rejects with `WorldError`: `bad_token`
 * where others can read the file, or it holds no token.
 */
export async function keepToken(home: string, displayName: string): Promise<HttpToken> {
  const folder = httpFolder(home);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${agentIdentityName(displayName)}.token`);
  await writeUnlessThere(file, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`);
  const token = (await readPrivately(file)).trim();
  if (!TOKEN.test(token)) {
    const remedy = 'remove the file, and a new token is made';
    throw new WorldError('bad_token', `${file} holds no token; ${remedy}`);
  }
  const wanted = digestOf(`Bearer ${token}`);
  return {
    file,
    matches: (authorization = '') => timingSafeEqual(digestOf(withScheme(authorization)), wanted),
  };
}

/** The port at which an agent's clients were told to look; 0 where that was never said. */
export async function portOf(home: string, displayName: string): Promise<number> {
  try {
    const port = Number(await readFile(portFile(home, displayName), 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch {
    return 0;
  }
}

export function portFile(home: string, displayName: string): string {
  return path.join(httpFolder(home), `${agentIdentityName(displayName)}.port`);
}

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{32,512}$/;

function httpFolder(home: string): string {
  return path.join(home, 'http');
}

/** A scheme is a word in any case. */
function withScheme(authorization: string): string {
  return authorization.replace(/^bearer +/i, 'Bearer ');
}

/** Of one length whatever was sent, as a comparison in constant time demands. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
