import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { callHost } from './control-call.ts';
import { writeFileAtomically, type Home } from './home.ts';
import { systemCode } from './host-error.ts';
import { isHostVersion } from './host-version.ts';

/** How a running host can be reached; kept in `host.json`, which only its user can read. */
export interface HostRecord {
  readonly pid: number;
  readonly port: number;
  /** The first segment of every path: what lets a client in. */
  readonly key: string;
  /** Never sent: the host proves with it that it wrote this record. */
  readonly proofKey: string;
  /** `http://127.0.0.1:PORT/KEY/` */
  readonly uri: string;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The program that runs the host. */
  readonly runtime: string;
}

/** What `GET agent-world/health` answers, beside the proof. */
export interface HostHealth {
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly databases: number;
  readonly connections: number;
}

export interface LiveHost {
  readonly record: HostRecord;
  readonly health: HostHealth;
}

/** The host that `host.json` names, if it answers and proves that it wrote the record. */
export async function findLiveHost(
  home: Home,
  signal?: AbortSignal,
): Promise<LiveHost | undefined> {
  const record = await readHostRecord(home);
  if (record === undefined) return undefined;
  const health = await askHealth(record, signal);
  return health === undefined ? undefined : { record, health };
}

/** The record in `host.json`, or undefined where there is none that makes sense. */
export async function readHostRecord(home: Home): Promise<HostRecord | undefined> {
  try {
    return parseHostRecord(await readFile(home.record, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeHostRecord(home: Home, record: HostRecord): Promise<void> {
  await writeFileAtomically(home.record, `${JSON.stringify(record, null, 2)}\n`);
}

/** Removes `host.json` unless another host has written it since. */
export async function removeHostRecord(home: Home, own: HostRecord): Promise<void> {
  const found = await readHostRecord(home);
  if (found?.key === own.key) await rm(home.record, { force: true });
}

/** A record for a host that is about to serve, with fresh secrets. */
export function newHostSecrets(): Pick<HostRecord, 'key' | 'proofKey'> {
  return {
    key: randomBytes(32).toString('base64url'),
    proofKey: randomBytes(32).toString('base64url'),
  };
}

export function hostUri(port: number, key: string): string {
  return `http://127.0.0.1:${port}/${key}/`;
}

/**
 * The host's answer to a client's nonce. Without it, whoever got a dead host's port could learn the
 * key from the request and be given the client's tokens next.
 */
export function proveHost(proofKey: string, nonce: string): string {
  return createHmac('sha256', proofKey).update(nonce).digest('base64url');
}

async function askHealth(
  record: HostRecord,
  signal: AbortSignal | undefined,
): Promise<HostHealth | undefined> {
  const nonce = randomBytes(16).toString('base64url');
  const answer = await callHost(record.uri, 'GET', `health?nonce=${nonce}`, signal);
  if (answer?.status !== 200) return undefined;
  const body = answer.body;
  const proof = body['proof'];
  if (typeof proof !== 'string' || !sameText(proof, proveHost(record.proofKey, nonce))) {
    return undefined;
  }
  return body as unknown as HostHealth; // proven to come from our own host
}

function sameText(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left);
  const rightBytes = Buffer.from(right);
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

const SECRET = /^[A-Za-z0-9_-]{43}$/;

function parseHostRecord(text: string): HostRecord | undefined {
  let value: Partial<Record<keyof HostRecord, unknown>> | null;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, port, key, proofKey, uri, version, startedAt, runtime } = value;
  if (!isCount(pid) || !isCount(port) || port > 65_535) return undefined;
  if (!isText(key) || !SECRET.test(key) || !isText(proofKey) || !SECRET.test(proofKey)) {
    return undefined;
  }
  if (uri !== hostUri(port, key) || !isText(version) || !isHostVersion(version)) return undefined;
  if (!isText(startedAt) || !isText(runtime)) return undefined;
  return { pid, port, key, proofKey, uri, version, startedAt, runtime };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
