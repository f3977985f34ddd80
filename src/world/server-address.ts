import type { Server } from './open-folder.ts';
import { WorldError } from './world-error.ts';

/** A SpacetimeDB server. Throws `WorldError` `unreachable` for what is no address. */
export function serverAt(address: string): Server {
  const uri = address.endsWith('/') ? address : `${address}/`;
  if (!URL.canParse(uri) || !/^https?:$/.test(new URL(uri).protocol)) {
    throw new WorldError('unreachable', `Not the address of a server: ${address}`);
  }
  return { label: uri, uri: () => Promise.resolve(uri) };
}
