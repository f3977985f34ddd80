/**
 * Owns: how another process holds the mirror that keeps a folder, so that it does not end. A hook loads this: it
 * imports nothing but `node:`.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';

/** The file in a folder's state that names where its mirror can be reached; only its owner can read it. */
export const DOOR_FILE = 'door.json';

export interface Door {
  readonly address: string;
  readonly pid: number;
}

/**
 * What a holder says first: a `server` stays for as long as its client's session, a `window` for as long as it shows
 * the folder, a `hook` for a moment. Servers hear how many of them there are. Who says `end` holds nothing, and wants the mirror to end now unless a server needs it.
 */
export type Holder = 'server' | 'window' | 'hook' | 'end';

export interface MirrorHold {
  /** Lets go. */
  release(): void;
}

export interface KnockOptions {
  readonly state: string;
  readonly as: Holder;
  /** The mirror answers, and how many servers hold it now, this one included; told again when that changes. */
  readonly onServers: (servers: number) => void;
  /** It was never reached, or is gone. Not called after `release`. */
  readonly onGone: () => void;
}

/** Holds the mirror of a folder until `release`, or until that is gone. */
export function knock({ state, as, onServers, onGone }: KnockOptions): MirrorHold {
  const door = readDoor(state);
  if (!door) {
    const later = setImmediate(onGone);
    return { release: () => clearImmediate(later) };
  }
  const socket = connect(door.address);
  let said = '';
  socket.setEncoding('utf8');
  socket.on('connect', () => socket.write(`${JSON.stringify({ as })}\n`));
  socket.on('data', (text: string) => {
    said += text;
    const lines = said.split('\n');
    said = lines.pop() ?? '';
    for (const line of lines) onServers((JSON.parse(line) as { readonly servers: number }).servers);
  });
  // What happened is told by the close that follows.
  socket.on('error', () => {});
  socket.on('close', onGone);
  return {
    release(): void {
      socket.off('close', onGone);
      socket.end();
    },
  };
}

/** Undefined where no mirror says that it can be reached. */
export function readDoor(state: string): Door | undefined {
  try {
    return JSON.parse(readFileSync(path.join(state, DOOR_FILE), 'utf8')) as Door;
  } catch {
    return undefined;
  }
}
