// Passes each message on to everybody else and does nothing besides: the floor under the others.
import type { WebSocket } from 'ws';
import { servePeer } from './server-process.ts';

servePeer(() => {
  const sockets = new Map<WebSocket, string>();
  return (socket, path) => {
    sockets.set(socket, path);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data: Buffer) => {
      for (const [other, otherPath] of sockets) {
        if (other !== socket && otherPath === path) other.send(data);
      }
    });
  };
});
