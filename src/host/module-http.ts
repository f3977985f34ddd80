import type { IncomingHttpHeaders } from 'node:http';
import { BsatnReader } from './bsatn/reader.ts';
import { BsatnWriter } from './bsatn/writer.ts';
import type { RouteDef } from './module-def.ts';

/** An HTTP request as a module's handler sees it. */
export interface ModuleRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly uri: string;
}

export interface ModuleResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const HTTP_11 = 2;

/** The route a module declared for a method and a path below `/route`. */
export function matchRoute(
  routes: readonly RouteDef[],
  method: string,
  path: string,
): RouteDef | undefined {
  return routes.find(
    (route) => route.path === path && (route.method === null || route.method === method),
  );
}

export function encodeModuleRequest({ method, headers, uri }: ModuleRequest): Buffer {
  const writer = new BsatnWriter();
  const known = METHODS.indexOf(method);
  if (known >= 0) writer.u8(known);
  else writer.u8(METHODS.length).string(method);
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => [name, each] as const),
  );
  writer.u32(pairs.length);
  for (const [name, value] of pairs) writer.string(name).bytes(Buffer.from(value, 'latin1'));
  // No timeout.
  return writer.u8(1).string(uri).u8(HTTP_11).take();
}

/** Reads a handler's response. Throws a `RangeError` when it is none. */
export function decodeModuleResponse(bytes: Buffer): ModuleResponse {
  const reader = new BsatnReader(bytes);
  const headers = reader.array(() => [reader.string(), reader.bytes().toString('latin1')] as const);
  reader.u8();
  return { headers, status: reader.u16() };
}
