import { once } from 'node:events';
import { WebSocket } from 'ws';
import { admitAgent } from '../../src/agents/join-agent.ts';
import type { ExtensionSurroundings } from '../../src/editor/surroundings.ts';
import type { Server } from '../../src/world/open-folder.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { encodedCall } from './encoded-call.ts';

/** Where the crowd moves. */
export interface CrowdPlace {
  readonly fileId: number;
  readonly version: number;
  /** Cursors stay above this line. */
  readonly lines: number;
}

/** How often one cursor moves: as often as a window reports. */
const MOVE_MS = 100;

/**
 * Members whose cursors move all the time. They subscribe to nothing and do without the client
 * library, so that fifty of them cost the test little.
 */
export class Crowd {
  readonly #sockets: readonly WebSocket[];
  #timer: NodeJS.Timeout | undefined;
  #moves = 0;

  static async join(
    surroundings: ExtensionSurroundings,
    server: Server,
    owner: WorldSession,
    count: number,
  ): Promise<Crowd> {
    const uri = (await server.uri()).replace(/^http/, 'ws');
    const address = `${uri}v1/database/${owner.database}/subscribe?compression=None`;
    const sockets: WebSocket[] = [];
    for (let index = 0; index < count; index++) {
      const kind = index % 2 === 0 ? 'agent' : 'human';
      const profile = {
        name: `crowd-${index}`,
        displayName: `member ${index}`,
        color: '',
        kind,
      } as const;
      const { token } = await admitAgent(surroundings, owner, server, profile);
      const socket = new WebSocket(address, 'v2.bsatn.spacetimedb', {
        headers: { authorization: `Bearer ${token}` },
        perMessageDeflate: false,
      });
      await once(socket, 'message');
      sockets.push(socket);
    }
    return new Crowd(sockets);
  }

  private constructor(sockets: readonly WebSocket[]) {
    this.#sockets = sockets;
  }

  /** Number of movements told so far. */
  get moves(): number {
    return this.#moves;
  }

  /** Lets all of them move about from now on, one after the other. */
  moveIn(place: CrowdPlace): void {
    this.stop();
    this.#timer = setInterval(() => this.#moveNext(place), MOVE_MS / this.#sockets.length);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  leave(): void {
    this.stop();
    for (const socket of this.#sockets) socket.terminate();
  }

  #moveNext({ fileId, version, lines }: CrowdPlace): void {
    const index = this.#moves++ % this.#sockets.length;
    const line = (index * 7 + Math.floor(this.#moves / this.#sockets.length)) % lines;
    const anchor = { anchorLine: line, anchorCharacter: 0 };
    const selection = { ...anchor, activeLine: line, activeCharacter: index % 40 };
    this.#sockets[index]!.send(
      encodedCall('update_presence', {
        fileId,
        version,
        selections: [selection],
        typing: true,
        activity: index % 2 === 0 ? 'reading' : '',
      }),
    );
  }
}
