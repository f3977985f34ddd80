declare module 'y-websocket/bin/utils' {
  import type { WebSocket } from 'ws';
  import type { Doc } from 'yjs';

  export function getYDoc(name: string): Doc;
  export function setupWSConnection(
    socket: WebSocket,
    request: object,
    options: { readonly docName: string },
  ): void;
}
