import { type HandlerContext, type Request, SyncResponse } from 'spacetimedb/server';
import { MODULE_LEVEL } from '../../src/core/module-level.ts';
import type { BudgetedCall } from '../../src/core/work.ts';
import { identityOf } from './caller.ts';
import { WORKSPACE_ID } from './history.ts';
import { type JoinRequest, redeemInvite } from './invites.ts';
import { PROTOCOL_VERSION } from './policy.ts';
import { RateLimiter } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { withinBudget } from './work.ts';
import { type Context, importerOf, type world } from './world.ts';

type Handler = HandlerContext<(typeof world)['schemaType']>;

/**
 * Nobody has shown who they are before they come to a route, and no server asks. So size and rate are
 * looked at before anything is read. A server may keep several instances of a module for routes, each
 * with its own memory: then the rate is that many times as high. What keeps strangers out is the
 * invite's secret of 256 bits, not the rate.
 */
const atDoor = new RateLimiter();

/** `POST join`: redeems an invite for the identity named. Answers with the rights it gives. */
export function join(ctx: Handler, request: Request): SyncResponse {
  return answering('join', () => {
    expectFew(ctx, 'join', JOINS_PER_SECOND);
    const joining = joinRequest(request);
    const member = ctx.withTx((tx) => redeemInvite(tx as unknown as Context, joining));
    const { displayName, role, kind, capabilities, pathScope } = member;
    return { display_name: displayName, role, kind, capabilities, path_scope: pathScope };
  });
}

/** `GET hello?identity=`: what the module can do, what a client that was turned away needs to say why, and no more. */
export function hello(ctx: Handler, request: Request): SyncResponse {
  return answering('hello', () => {
    expectFew(ctx, 'hello', HELLOS_PER_SECOND);
    const identity = queryValue(request.uri, 'identity');
    return ctx.withTx((tx) => {
      const db = tx as unknown as Context;
      const workspace = db.db.workspace.id.find(WORKSPACE_ID);
      const isIdentity = /^[0-9a-f]{64}$/.test(identity);
      const member = isIdentity
        ? db.db.workspace_member.identity.find(identityOf(db, identity))
        : null;
      const isMember = member !== null && member.removedAt === undefined;
      return {
        protocol_version: PROTOCOL_VERSION,
        module_level: MODULE_LEVEL,
        importing: importerOf(db) !== undefined,
        configured: workspace !== null && workspace.worldEpoch !== '',
        member: isMember,
        removed: member !== null && !isMember,
        paused: isMember && member.paused,
      };
    });
  });
}

function answering(name: BudgetedCall, answer: () => object): SyncResponse {
  try {
    return json(200, withinBudget(name, answer));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return new SyncResponse(error.toWire(), { status: statusOf(error), headers: PLAIN });
  }
}

function statusOf({ code }: Refusal): number {
  if (code === 'bad_request') return 400;
  if (code === 'too_large') return 413;
  return code === 'too_many' ? 429 : 403;
}

function expectFew(ctx: Handler, route: string, perSecond: number): void {
  atDoor.spend(route, 1, perSecond, ctx.timestamp.microsSinceUnixEpoch);
}

function json(status: number, body: object): SyncResponse {
  return new SyncResponse(JSON.stringify(body), { status, headers: JSON_TYPE });
}

function joinRequest(request: Request): JoinRequest {
  const declaredBytes = Number(request.headers.get('content-length') ?? 0);
  demand(declaredBytes <= MAX_BODY_BYTES, 'too_large', 'the request is too large');
  const bytes = request.bytes();
  demand(bytes.length <= MAX_BODY_BYTES, 'too_large', 'the request is too large');
  const body = parseObject(new TextDecoder().decode(bytes));
  const text = (name: string): string => {
    const value = body[name] ?? '';
    if (typeof value !== 'string') throw new Refusal('bad_request', `${name} is a text`);
    return value;
  };
  return {
    invite: text('invite'),
    identity: text('identity'),
    displayName: text('display_name'),
    gitName: text('git_name'),
    gitEmail: text('git_email'),
    color: text('color'),
  };
}

function parseObject(source: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    throw new Refusal('bad_request', 'the request is not JSON');
  }
  throw new Refusal('bad_request', 'the request is not an object');
}

/** A module has no URL class. */
function queryValue(uri: string, name: string): string {
  const query = uri.split('?')[1] ?? '';
  for (const pair of query.split('&')) {
    const [key, value = ''] = pair.split('=');
    if (key === name) return value;
  }
  return '';
}

const JSON_TYPE = { 'content-type': 'application/json', 'cache-control': 'no-store' };
const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
const MAX_BODY_BYTES = 16 * 1024;
const JOINS_PER_SECOND = 50;
const HELLOS_PER_SECOND = 500;
